"""Which kinds of objects are exchanged, and in which encodings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydicom.uid import (
    UID,
    BasicTextSRStorage,
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    EncapsulatedCDAStorage,
    EncapsulatedPDFStorage,
    EnhancedSRStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SegmentationStorage,
)

from ptx_followup.dicom.accept import RADIOGRAPH_CLASSES, TRANSFER_SYNTAXES

if TYPE_CHECKING:
    from pynetdicom.presentation import PresentationContext

#: Documents that may be a radiologist's report.
REPORTS: tuple[UID, ...] = (
    BasicTextSRStorage,
    EnhancedSRStorage,
    ComprehensiveSRStorage,
    Comprehensive3DSRStorage,
    EncapsulatedCDAStorage,
)
#: What is received from a modality, an archive or a reporting system.
STORED: tuple[UID, ...] = (
    *sorted(RADIOGRAPH_CLASSES),
    *REPORTS,
    SegmentationStorage,
    EncapsulatedPDFStorage,
)
UNCOMPRESSED = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
_COMPRESSED = tuple(sorted(TRANSFER_SYNTAXES - {*UNCOMPRESSED, ExplicitVRBigEndian}))


def storage_contexts(classes: Sequence[str], *, merged: bool = False) -> list[PresentationContext]:
    """Presentation contexts for receiving objects of these classes in every encoding that can be read.

    Args:
        classes: SOP class UIDs.
        merged: One context a class. Otherwise, as far as 128 contexts go (PS3.8 section 9.3.2), each
            compressed encoding has its own: a requestor can use only one encoding of a context, the one
            that the other side picks, and archives do not all decompress.
    """
    from pynetdicom import build_context

    separate = not merged and len(classes) * (1 + len(_COMPRESSED)) < 128
    if not separate:
        return [build_context(uid, [*UNCOMPRESSED, *_COMPRESSED]) for uid in classes]
    return [
        build_context(uid, syntaxes)
        for uid in classes
        for syntaxes in (list(UNCOMPRESSED), *([syntax] for syntax in _COMPRESSED))
    ]
