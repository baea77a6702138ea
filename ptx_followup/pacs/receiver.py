"""The storage service of `ptx listen`: C-STORE and C-ECHO for known peers (DICOM PS3.4 annex B)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.dataelem import RawDataElement

from ptx_followup.dicom.accept import RADIOGRAPH_CLASSES
from ptx_followup.errors import UsageError
from ptx_followup.pacs.contexts import merged_contexts
from ptx_followup.pacs.queue import QueueFullError, StudyQueue
from ptx_followup.pacs.reports import REPORTS
from ptx_followup.pacs.tls import server_tls

try:
    from pynetdicom import AE, build_context, evt
    from pynetdicom.sop_class import Verification
except ImportError:
    raise UsageError("listening needs the extra pacs", "pip install 'ptx-followup[pacs]'") from None

if TYPE_CHECKING:
    from ptx_followup.pacs.nodes import ListenSettings

#: Statuses of PS3.4 table B.2-1.
_SUCCESS, _OUT_OF_RESOURCES, _NOT_UNDERSTOOD = 0x0000, 0xA700, 0xC000
#: PS3.8 table 9-21: permanent, by the service user, calling AE title not recognised.
_NOT_RECOGNISED = (0x01, 0x01, 0x03)
_MOST_ASSOCIATIONS = 25
_IDLE_S = 60.0


@contextmanager
def receiving(settings: ListenSettings, queue: StudyQueue) -> Iterator[None]:
    """Receive radiographs and reports into a queue, in threads of their own, until the block is left.

    An object is acknowledged once it is safely in the queue. Where it cannot be, the sender is told "out of
    resources" and keeps it.

    Raises:
        UsageError: The port cannot be used, or a certificate not be read.
    """
    entity = AE(ae_title=settings.ae_title)
    entity.require_called_aet = True
    entity.maximum_associations = _MOST_ASSOCIATIONS
    entity.network_timeout = _IDLE_S
    entity.supported_contexts = [
        build_context(Verification),
        *merged_contexts([*sorted(RADIOGRAPH_CLASSES), *REPORTS]),
    ]
    allowed = {(peer.ae_title, peer.address) for peer in settings.peers}
    handlers = [(evt.EVT_REQUESTED, _admit, [allowed]), (evt.EVT_C_STORE, _store, [queue])]
    tls = server_tls(settings)
    try:
        server = entity.start_server(
            (settings.address, settings.port), block=False, ssl_context=tls, evt_handlers=handlers
        )
    except OSError:
        raise UsageError(
            f"port {settings.port} of {settings.address} cannot be used", "change listen.port or address"
        ) from None
    try:
        yield
    finally:
        server.shutdown()


def _admit(event: Any, allowed: set[tuple[str, str]]) -> None:
    requestor = event.assoc.requestor
    if (requestor.primitive.calling_ae_title.strip(), requestor.address) not in allowed:
        event.assoc.acse.send_reject(*_NOT_RECOGNISED)
        event.assoc.kill()  # waits until the rejection is sent


def _store(event: Any, queue: StudyQueue) -> int:
    content = event.encoded_dataset()
    study_uid = _study_uid(content)
    if not study_uid:
        return _NOT_UNDERSTOOD
    try:
        queue.add(study_uid, str(event.request.AffectedSOPInstanceUID), content)
    except (QueueFullError, OSError):
        return _OUT_OF_RESOURCES
    return _SUCCESS


def _study_uid(content: bytes) -> str:
    """The Study Instance UID as stated, legal or not; empty where there is none."""
    try:
        header = pydicom.dcmread(
            BytesIO(content), stop_before_pixels=True, specific_tags=["StudyInstanceUID"]
        )
        # The raw value: converting it would check it, with settings that belong to the whole process.
        element = header.get_item("StudyInstanceUID")
    except Exception:  # noqa: BLE001 - pydicom raises many types on damaged data sets
        return ""
    raw = element.value if isinstance(element, RawDataElement) else None
    return raw.decode("ascii", "replace").strip(" \0") if raw else ""
