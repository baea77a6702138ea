"""The object of `ptx segment --json`: its fixed fields, and what they may hold."""

from __future__ import annotations

from typing import Any

from ptx_followup import DISCLAIMER

NUMBER = (int, float)
SIDE = ("left", "right", "bilateral", None)

#: The fields of schema "ptx-segment/1", each with its type, or with the values it may have.
FIELDS: dict[str, Any] = {
    "schema": ("ptx-segment/1",),
    "disclaimer": (DISCLAIMER,),
    "image": {
        "path": str,
        "sop_instance_uid": str,
        "pixels_sha256": str,
        "rows": int,
        "columns": int,
        "view": ("PA", "AP", "lateral", "unknown"),
        "inverted": (True, False),
        "spacing_mm": [NUMBER],
        "spacing_source": (
            "calibrated",
            "magnification-corrected",
            "detector-plane",
            "film-plane",
            "unknown",
            "none",
        ),
        "acquired_at": str,
    },
    "report": {
        "present": (True, False, None),
        "side": SIDE,
        "zones": [str],
        "size": ("tiny", "small", "moderate", "large", None),
        "findings": [
            {
                "present": (True, False, None),
                "certainty": ("certain", "uncertain", "historical", "not assessable"),
                "side": ("left", "right", None),
                "zones": [str],
                "size": ("tiny", "small", "moderate", "large", None),
                "extent_mm": (*NUMBER, type(None)),
                "change": ("larger", "smaller", "stable", "new", "resolved", None),
                "sentence": str,
            }
        ],
        "text": str,
    },
    "segmentation": {
        "area_px": int,
        "area_mm2": NUMBER,
        "side": SIDE,
        "hemithorax_percent": {
            "left": (*NUMBER, type(None)),
            "right": NUMBER,
            "total": (*NUMBER, type(None)),
        },
        "threshold": NUMBER,
    },
    "concordance": [{"code": str, "severity": ("info", "warning", "error"), "message": str}],
    "model": {
        "name": str,
        "version": str,
        "sha256": str,
        "text_encoder": str,
        "device": str,
        "precision": ("float32", "bf16", "int8"),
        "engine": str,
    },
    "outputs": {"mask": str, "overlay": str, "dicom_seg": str, "result": str},
    "timing_s": {"read": NUMBER, "model": NUMBER, "report": NUMBER, "anatomy": NUMBER, "network": NUMBER},
    "warnings": [str],
}


def assert_fields(value: Any, expected: Any, where: str = "") -> None:
    """Every expected field is there and is of its kind; more fields may be there."""
    if isinstance(expected, dict):
        for name, kind in expected.items():
            assert name in value, f"{where}.{name} is missing"
            assert_fields(value[name], kind, f"{where}.{name}")
    elif isinstance(expected, list):
        assert isinstance(value, list), where
        for one in value:
            assert_fields(one, expected[0], f"{where}[]")
    elif isinstance(expected, tuple) and not all(isinstance(one, type) for one in expected):
        assert value in expected, where
    else:
        assert isinstance(value, expected), where
