"""An archive reached by DIMSE: C-ECHO, C-FIND, C-GET or C-MOVE, and C-STORE (DICOM PS3.4, PS3.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pydicom.dataset import Dataset

from ptx_followup.dicom.elements import integer
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.errors import PacsError, UsageError
from ptx_followup.pacs.archive import ArchiveUnavailableError, Instance, Level, TooManyError, persist
from ptx_followup.pacs.associations import NotOfferedError, no_association, not_offered
from ptx_followup.pacs.contexts import STORED, merged_contexts, storage_contexts, uncompressed_contexts
from ptx_followup.pacs.plain import plain_copy
from ptx_followup.pacs.routing import file_meta
from ptx_followup.pacs.statuses import is_stored, meaning
from ptx_followup.pacs.tls import client_tls, server_tls
from ptx_followup.radiograph.header import header_of

try:
    from pynetdicom import AE, _config, build_context, build_role, evt
    from pynetdicom.pdu import A_ASSOCIATE_RJ
    from pynetdicom.sop_class import (
        StudyRootQueryRetrieveInformationModelFind,
        StudyRootQueryRetrieveInformationModelGet,
        StudyRootQueryRetrieveInformationModelMove,
        Verification,
    )

    from ptx_followup.pacs.asking import PENDING, LostAnswerError, ask
except ImportError:
    raise UsageError("DIMSE needs the extra pacs", "pip install 'ptx-followup[pacs]'") from None

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.presentation import PresentationContext

    from ptx_followup.pacs.nodes import DimseNode

# Files go out byte for byte; queries and answers, which name patients, go to no log.
_config.STORE_SEND_CHUNKED_DATASET = True
_config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = False

_REFUSED = 0x0124
#: Answers to a question, and times that it is asked where some of them were lost here.
_MOST_ANSWERS, _TRIES = 500, 3
_ECHO, _FIND = "echo", "find"


class DimseArchive:
    """See `archive.Archive`.

    One association is kept open and used again as long as requests need the same presentation contexts.
    """

    def __init__(self, name: str, node: DimseNode) -> None:
        self._name = name
        self._node = node
        self._entity = AE(ae_title=node.calling_ae_title)
        self._entity.acse_timeout = node.timeout_s
        self._entity.dimse_timeout = node.timeout_s
        self._entity.network_timeout = node.timeout_s
        self._entity.connection_timeout = node.timeout_s
        self._tls = client_tls(node) if node.tls else None
        self._receiving_tls = server_tls(node) if node.tls and node.retrieve == "move" else None
        self._association: Association | None = None
        self._purpose = ""
        self._expected = ""
        self._received: list[bytes] = []
        self._rejection: A_ASSOCIATE_RJ | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def echo(self) -> None:
        """C-ECHO."""

        def attempt() -> None:
            association = self._associate(_ECHO, [build_context(Verification)])
            code = _status(association.send_c_echo())
            self._require(code == 0, "the echo", code)

        persist(self._node.attempts, attempt)

    def find(self, level: Level, match: Mapping[str, str], wanted: Sequence[str]) -> list[Dataset]:
        """C-FIND in the study root model; see `Archive.find`."""
        identifier = Dataset()
        identifier.QueryRetrieveLevel = level
        with lenient_pydicom():
            for keyword in wanted:
                setattr(identifier, keyword, "")
            for keyword, value in match.items():
                setattr(identifier, keyword, value)
        if not all(value.isascii() for value in match.values()):
            identifier.SpecificCharacterSet = "ISO_IR 192"

        def attempt() -> list[Dataset]:
            for _ in range(_TRIES):
                with suppress(LostAnswerError):
                    return self._answers(identifier)
            raise ArchiveUnavailableError(
                f"answers of the archive {self._name} were lost", "run the same command again"
            )

        return persist(self._node.attempts, attempt)

    def _answers(self, identifier: Dataset) -> list[Dataset]:
        association = self._associate(_FIND, [build_context(StudyRootQueryRetrieveInformationModelFind)])
        code, answers = ask(identifier, association, _MOST_ANSWERS)
        if len(answers) > _MOST_ANSWERS:
            self._close()
            raise TooManyError(
                f"the archive {self._name} has more than {_MOST_ANSWERS} answers", "narrow the search"
            )
        self._require(code == 0, "the search", code)
        return answers

    def honours_wild_cards(self) -> bool:
        """PS3.4 section C.2.2.2.4 demands it; see `Archive`."""
        return True

    def header(self, instance: Instance) -> Dataset:
        """Of the object itself, as DIMSE has no other way to its letters; see `Archive.header`."""
        return header_of(self.fetch(instance))

    def fetch(self, instance: Instance) -> bytes:
        """C-GET or C-MOVE; see `Archive.fetch`."""
        identifier = Dataset()
        identifier.QueryRetrieveLevel = "IMAGE"
        with lenient_pydicom():
            identifier.StudyInstanceUID = instance.study_uid
            identifier.SeriesInstanceUID = instance.series_uid
            identifier.SOPInstanceUID = instance.uid
        retrieve = self._get if self._node.retrieve == "get" else self._move

        def attempt() -> bytes:
            self._received.clear()
            self._expected = instance.uid
            retrieve(identifier, instance.sop_class)
            if len(self._received) != 1:
                raise ArchiveUnavailableError(
                    f"the archive {self._name} did not deliver an object", "run the same command again"
                )
            return self._received.pop()

        return persist(self._node.attempts, attempt)

    def store(self, file: Path) -> None:
        """C-STORE of the file's bytes as they are, or of `plain.plain_copy`; see `Archive.store`."""
        try:
            self._store(file)
        except NotOfferedError:
            with plain_copy(file) as plain:
                if plain is None:
                    raise
                self._store(plain)

    def _store(self, file: Path) -> None:
        meta = file_meta(file)
        sop_class, syntax = str(meta.MediaStorageSOPClassUID), str(meta.TransferSyntaxUID)
        context = build_context(sop_class, syntax)

        def attempt() -> None:
            association = self._associate(f"store {sop_class} {syntax}", [context])
            code = _status(association.send_c_store(file))
            if code is not None and not is_stored(code):
                raise PacsError(
                    f"the archive {self._name} did not store an object ({meaning(code)})",
                    "look at its log, then run the same command again",
                )
            self._require(code is not None, "an object")

        persist(self._node.attempts, attempt)

    def _get(self, identifier: Dataset, sop_class: str) -> None:
        """Ask for the stored encoding; archives that then try one they do not have are asked again."""
        classes = [sop_class] if sop_class else list(STORED)
        try:
            self._get_in(storage_contexts(classes), identifier, classes, "as stored")
        except ArchiveUnavailableError:
            raise
        except PacsError:
            self._get_in(uncompressed_contexts(classes), identifier, classes, "plain")

    def _get_in(
        self, contexts: list[PresentationContext], identifier: Dataset, classes: Sequence[str], encoding: str
    ) -> None:
        model = StudyRootQueryRetrieveInformationModelGet
        purpose = f"get {encoding} {classes[0] if len(classes) == 1 else ''}"
        association = self._associate(purpose, [build_context(model), *contexts], roles=classes)
        self._follow(association.send_c_get(identifier, model))

    def _move(self, identifier: Dataset, sop_class: str) -> None:
        model = StudyRootQueryRetrieveInformationModelMove
        receiver = AE(ae_title=self._node.calling_ae_title)
        receiver.supported_contexts = merged_contexts([sop_class] if sop_class else list(STORED))
        receiver.require_called_aet = True
        try:
            server = receiver.start_server(
                ("", self._node.receive_port),
                block=False,
                ssl_context=self._receiving_tls,
                evt_handlers=[(evt.EVT_C_STORE, self._keep)],
            )
        except OSError:
            raise PacsError(
                f"the port for receiving from the archive {self._name} is in use",
                "end the other program, or change receive_port",
            ) from None
        try:
            association = self._associate("move", [build_context(model)])
            self._follow(association.send_c_move(identifier, self._node.calling_ae_title, model))
        finally:
            server.shutdown()

    def _follow(self, answers: Any) -> None:
        """Wait for the end of a retrieval; its last answer decides."""
        for status, _ in answers:
            code = _status(status)
            if code not in PENDING:
                self._require(code == 0 or (code == 0xB000 and bool(self._received)), "the retrieval", code)

    def _keep(self, event: Any) -> int:
        """Keep the object that was asked for; what anybody else sends meanwhile is refused."""
        if str(event.request.AffectedSOPInstanceUID).strip(" \0") != self._expected:
            return _REFUSED
        self._received.append(event.encoded_dataset())
        return 0x0000

    def _associate(
        self, purpose: str, contexts: list[PresentationContext], roles: Sequence[str] = ()
    ) -> Association:
        """An association for a purpose: the one that is open, or a new one.

        Args:
            purpose: What tells it from others.
            contexts: The first is the one without which it serves no purpose.
            roles: SOP classes of which objects are received in it.
        """
        if self._association is not None and self._association.is_established and self._purpose == purpose:
            return self._association
        self._close()
        self._rejection = None
        association = self._entity.associate(
            self._node.host,
            self._node.port,
            contexts=contexts,
            ae_title=self._node.ae_title,
            ext_neg=[build_role(uid, scp_role=True) for uid in roles],
            evt_handlers=[(evt.EVT_C_STORE, self._keep), (evt.EVT_PDU_RECV, self._note_rejection)],
            tls_args=self._tls,
        )
        if not association.is_established:
            raise no_association(self._name, self._rejection, association, contexts[0])
        if contexts[0].abstract_syntax not in {one.abstract_syntax for one in association.accepted_contexts}:
            association.release()
            raise not_offered(self._name, contexts[0])
        self._association, self._purpose = association, purpose
        return association

    def _note_rejection(self, event: Any) -> None:
        """Remember a rejection as it arrives.

        `Association.is_rejected` is not asked: when an archive rejects and hangs up before pynetdicom's
        other thread has looked, that says the connection was never made.
        """
        if isinstance(event.pdu, A_ASSOCIATE_RJ):
            self._rejection = event.pdu

    def _require(self, fulfilled: bool, what: str, code: int | None = None) -> None:
        """Raise unless a request was fulfilled; without a status the association was lost."""
        if fulfilled:
            return
        if code is None:
            self._close()
            raise ArchiveUnavailableError(
                f"the connection to the archive {self._name} broke off or timed out",
                "run the same command again",
            )
        raise PacsError(f"the archive {self._name} refused {what} ({meaning(code)})", "look at its log")

    def _close(self) -> None:
        if self._association is not None and self._association.is_established:
            self._association.release()
        self._association = None


def _status(answer: Dataset) -> int | None:
    """The status of an answer, or None where the association was lost before there was one."""
    return integer(answer, "Status")
