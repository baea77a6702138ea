"""Which kinds of objects are exchanged, and in which encodings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydicom.uid import (
    UID,
    EncapsulatedPDFStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SegmentationStorage,
)

from ptx_followup.dicom.accept import RADIOGRAPH_CLASSES, TRANSFER_SYNTAXES
from ptx_followup.errors import UsageError
from ptx_followup.pacs.reports import REPORTS

try:
    from pynetdicom import build_context
except ImportError:
    raise UsageError("DIMSE needs the extra pacs", "pip install 'ptx-followup[pacs]'") from None

if TYPE_CHECKING:
    from pynetdicom.presentation import PresentationContext

#: What is received from a modality, an archive or a reporting system.
STORED: tuple[UID, ...] = (
    *sorted(RADIOGRAPH_CLASSES),
    *REPORTS,
    SegmentationStorage,
    EncapsulatedPDFStorage,
)
UNCOMPRESSED = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
_MOST_CONTEXTS = 128
_COMPRESSED = tuple(sorted(TRANSFER_SYNTAXES - {*UNCOMPRESSED, ExplicitVRBigEndian}))


def storage_contexts(classes: Sequence[str]) -> list[PresentationContext]:
    """Presentation contexts for receiving objects of these classes as they are stored.

    As far as 128 contexts go (PS3.8 section 9.3.2), each compressed encoding has its own: of several in one
    context the other side picks one, and archives do not all convert to it.

    Args:
        classes: SOP class UIDs.
    """
    if len(classes) * (1 + len(_COMPRESSED)) >= _MOST_CONTEXTS:
        return merged_contexts(classes)
    return [
        build_context(uid, syntaxes)
        for uid in classes
        for syntaxes in (list(UNCOMPRESSED), *([syntax] for syntax in _COMPRESSED))
    ]


def merged_contexts(classes: Sequence[str]) -> list[PresentationContext]:
    """One presentation context a class, with every encoding that can be read."""
    return [build_context(uid, [*UNCOMPRESSED, *_COMPRESSED]) for uid in classes]


def uncompressed_contexts(classes: Sequence[str]) -> list[PresentationContext]:
    """One presentation context a class, without compressed encodings."""
    return [build_context(uid, list(UNCOMPRESSED)) for uid in classes]
