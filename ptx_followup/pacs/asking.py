"""C-FIND of which no answer is lost unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pynetdicom import evt
from pynetdicom.dimse_messages import C_FIND_RSP
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind

from ptx_followup.dicom.elements import integer

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.association import Association

PENDING = (0xFF00, 0xFF01)


class LostAnswerError(Exception):
    """An answer of the archive arrived and was dropped: ask again."""


def ask(identifier: Dataset, association: Association, most: int) -> tuple[int | None, list[Dataset]]:
    """Ask in the study root model.

    Returns:
        The last status, None where the association was lost before there was one; and the answers, of more
        than `most` one too many.

    Raises:
        LostAnswerError: One was dropped.
    """
    answers: list[Dataset] = []
    code: int | None = None
    for status, answer in _counted(identifier, association):
        code = integer(status, "Status")
        if code in PENDING and answer is not None:
            answers.append(answer)
            if len(answers) > most:
                break
    return code, answers


def _counted(identifier: Dataset, association: Association) -> Iterator[tuple[Dataset, Dataset | None]]:
    """Status and identifier of each answer, and an error where more arrived.

    On a busy machine pynetdicom's second thread may take an answer for a request and drop it (a line in its
    log, "unexpected C-FIND service message"); the study in it would seem not to exist.
    """
    arrived = given = 0

    def count(event: Any) -> None:
        nonlocal arrived
        arrived += isinstance(event.message, C_FIND_RSP)

    association.bind(evt.EVT_DIMSE_RECV, count)
    try:
        for status, answer in association.send_c_find(identifier, StudyRootQueryRetrieveInformationModelFind):
            given += 1
            yield status, answer
    finally:
        association.unbind(evt.EVT_DIMSE_RECV, count)
    if arrived > given:
        raise LostAnswerError
