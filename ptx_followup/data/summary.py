"""The figures of a data set check, as JSON and as lines of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from ptx_followup.data.check import Check, Examined
from ptx_followup.data.pairs import follow_up_pairs

SCHEMA = "ptx-data-check/1"


def to_json(result: Check) -> dict[str, Any]:
    """Everything that a check found, as one JSON object; areas in pixels, spacing in millimetres."""
    data_set, examined = result.data_set, result.examined
    codes = Counter(problem.code for problem in result.problems)
    return {
        "schema": SCHEMA,
        "path": str(data_set.root),
        "layout": data_set.layout,
        "rle_convention": data_set.convention,
        "fingerprint": data_set.fingerprint,
        "notes": list(data_set.notes),
        "cases": len(data_set),
        "positive": sum(case.positive is True for case in data_set),
        "negative": sum(case.positive is False for case in data_set),
        "unusable": len(result.unusable),
        "images": {
            "found": sum(case.image is not None for case in data_set),
            "missing": codes["image-missing"],
            "unreadable": codes["image-unreadable"],
            "duplicated": codes["pixels-duplicated"],
            "sizes": _counts(f"{item.size[0]} x {item.size[1]}" for item in examined if item.size),
            "views": _counts(item.view for item in examined if item.size),
        },
        "masks": _masks(examined) | {"outside": codes["mask-outside"], "invalid": codes["mask-invalid"]},
        "rows_per_image": _counts(str(max(1, len(item.case.annotations))) for item in examined)
        if data_set.layout != "folder"
        else None,
        "reports": _reports(examined)
        | {
            "deny_beside_a_mask": codes["report-denies"],
            "state_without_a_mask": codes["report-states"],
        },
        "spacing": _spacing(examined),
        "patients": _patients(result),
        "parts": _counts(case.part or "not stated" for case in data_set),
        "problem_counts": dict(sorted(codes.items())),
        "problems": [
            {
                "code": problem.code,
                "severity": problem.severity,
                "where": problem.where,
                "case": problem.case,
                "message": problem.message,
            }
            for problem in result.problems
        ],
    }


def table_rows(figures: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures of `to_json` as (name, value) lines for a reader."""
    images, masks, reports = figures["images"], figures["masks"], figures["reports"]
    spacing, patients = figures["spacing"], figures["patients"]
    rows = [
        ("layout", figures["layout"]),
        (
            "cases",
            f"{figures['cases']}: {figures['positive']} with a pneumothorax, {figures['negative']} without, "
            f"{figures['cases'] - figures['positive'] - figures['negative']} not stated",
        ),
        (
            "images",
            f"{images['found']} found, {images['missing']} missing, {images['unreadable']} unreadable, "
            f"{images['duplicated']} copies of another",
        ),
        ("sizes (rows x columns)", _listed(images["sizes"])),
        ("views", _listed(images["views"])),
        (
            "masks",
            f"{masks['drawn']} drawn, {masks['outside']} outside the image, {masks['invalid']} invalid, "
            f"{masks['overlapping']} with overlapping annotations",
        ),
    ]
    if masks["area_px"]:
        low, middle, high = masks["area_px"]
        rows.append(("mask area (pixels)", f"{low} to {high}, median {middle}"))
    if figures["rows_per_image"]:
        rows.append(("rows per image", _listed(figures["rows_per_image"])))
    rows += [
        (
            "reports",
            f"{reports['found']} found, {reports['redacted']} with redaction marks; "
            f"{reports['deny_beside_a_mask']} deny a pneumothorax beside a mask, "
            f"{reports['state_without_a_mask']} state one without a mask",
        ),
        ("spacing", _listed(spacing["sources"]) + _range(spacing["mm"])),
        (
            "patients",
            f"{patients['known']} known, {patients['images_without']} images without one; "
            f"{patients['pairs']} prior/follow-up pairs, {patients['pairs_with_positive_prior']} with a "
            "pneumothorax on the prior",
        ),
        ("split of its own", _listed(figures["parts"])),
    ]
    return rows


def _masks(examined: Iterable[Examined]) -> dict[str, Any]:
    areas = [item.mask_px for item in examined if item.mask_px]
    quantiles = np.quantile(areas, [0, 0.5, 1]).round().astype(int).tolist() if areas else None
    return {
        "drawn": len(areas),
        "area_px": quantiles,
        "overlapping": sum(item.overlap_px > 0 for item in examined),
    }


def _reports(examined: Iterable[Examined]) -> dict[str, Any]:
    reported = [item for item in examined if item.has_report]
    return {
        "found": len(reported),
        "redacted": sum(item.redacted for item in reported),
        "state": sum(item.reported is True for item in reported),
        "deny": sum(item.reported is False for item in reported),
    }


def _spacing(examined: Iterable[Examined]) -> dict[str, Any]:
    read = [item for item in examined if item.size]
    lengths = [length for item in read if item.spacing_mm for length in item.spacing_mm]
    return {
        "sources": _counts(item.spacing_source for item in read),
        "mm": [round(min(lengths), 5), round(max(lengths), 5)] if lengths else None,
    }


def _patients(result: Check) -> dict[str, int]:
    pairs = follow_up_pairs(result.data_set)
    return {
        "known": len({case.patient for case in result.data_set if case.patient is not None}),
        "images_without": sum(case.patient is None for case in result.data_set),
        "pairs": len(pairs),
        "pairs_with_positive_prior": sum(prior.positive is True for prior, _ in pairs),
    }


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())


def _listed(counts: dict[str, int], most: int = 6) -> str:
    shown = ", ".join(f"{value}: {count}" for value, count in list(counts.items())[:most])
    return shown + (f", {len(counts) - most} others" if len(counts) > most else "")


def _range(lengths: list[float] | None) -> str:
    return f"; {lengths[0]:g} to {lengths[1]:g} mm" if lengths else ""
