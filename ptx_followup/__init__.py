"""Follow a pneumothorax over time on chest radiographs. Research use only.

The names below are imported when they are first used, so that `import ptx_followup` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ptx_followup.followup.compare import FollowUp, compare
    from ptx_followup.radiograph.read import read_radiograph
    from ptx_followup.report.findings import understand
    from ptx_followup.segmentation.result import Segmentation
    from ptx_followup.segmentation.segmenter import Segmenter, segment

__version__ = "0.1.0"
__all__ = [
    "DISCLAIMER",
    "FollowUp",
    "Segmentation",
    "Segmenter",
    "compare",
    "read_radiograph",
    "segment",
    "understand",
]

DISCLAIMER = "Research use only. Not a medical device. Not for diagnosis or treatment decisions."

_HOMES = {
    "FollowUp": "followup.compare",
    "compare": "followup.compare",
    "Segmentation": "segmentation.result",
    "Segmenter": "segmentation.segmenter",
    "read_radiograph": "radiograph.read",
    "segment": "segmentation.segmenter",
    "understand": "report.findings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
