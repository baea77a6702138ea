"""Synthesised reports: what the mask shows, what the report says, the phrases kept for validation."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ptx_followup.cli.data_synthesise import synthesise_reports
from ptx_followup.data.files import read_mask
from ptx_followup.report.description import SIZE_LIMITS_PERCENT, size_class
from ptx_followup.report.findings import understand
from ptx_followup.report.grammar import Grammar, Phrasing, Rule
from ptx_followup.report.phrases import RULES
from ptx_followup.report.synthesis import SideDescription, describe, perturb, synthesise
from ptx_followup.report.terms import SIZES, Report, Zone
from ptx_followup.sides import Side

HEIGHT, WIDTH = 400, 400


def lungs() -> NDArray[np.uint8]:
    """Two elliptical lungs, the patient's right (1) on the image's left."""
    labels = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    cv2.ellipse(labels, (110, 200), (70, 140), 0, 0, 360, 1, -1)
    cv2.ellipse(labels, (290, 200), (70, 140), 0, 0, 360, 2, -1)
    return labels


def rim(side: Side, from_degree: float, to_degree: float, width: int) -> NDArray[np.bool_]:
    """Air between lung and chest wall over a range of angles: 270 the apex, 90 the base, 180 the left."""
    labels = lungs()
    whole = labels == (1 if side == "right" else 2)
    centre = (110, 200) if side == "right" else (290, 200)
    inner = np.zeros_like(labels)
    cv2.ellipse(inner, centre, (70 - width, 140 - width), 0, 0, 360, 1, -1)
    wedge = np.zeros_like(labels)
    cv2.ellipse(wedge, centre, (300, 300), 0, from_degree, to_degree, 1, -1)
    return np.asarray(whole & (inner == 0) & (wedge == 1), dtype=np.bool_)


@pytest.mark.parametrize(
    ("side", "degrees", "zones"),
    [
        ("right", (240, 300), ("apical",)),
        ("left", (240, 300), ("apical",)),
        ("right", (170, 290), ("apical", "lateral")),
        ("left", (250, 370), ("apical", "lateral")),
        ("right", (160, 200), ("lateral",)),
        ("left", (-20, 20), ("lateral",)),
        ("right", (60, 120), ("basal", "subpulmonic")),
        ("left", (-20, 90), ("lateral", "basal")),
        ("right", (0, 360), ("circumferential",)),
    ],
)
def test_zones_follow_from_where_the_air_lies(
    side: Side, degrees: tuple[float, float], zones: tuple[Zone, ...]
) -> None:
    (one,) = describe(rim(side, *degrees, width=14), lungs())
    assert (one.side, one.zones) == (side, zones)


def test_the_patients_right_is_on_the_images_left() -> None:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[60:80, 90:130] = True
    assert [one.side for one in describe(mask)] == ["right"]
    assert [one.side for one in describe(mask[:, ::-1])] == ["left"]
    assert [one.side for one in describe(mask | mask[:, ::-1])] == ["right", "left"]


def test_side_follows_the_nearer_lung_and_not_the_midline_of_the_image() -> None:
    shifted = np.roll(lungs(), 80, axis=1)
    mask = np.roll(rim("right", 240, 300, 14), 80, axis=1)
    assert mask[:, WIDTH // 2 :].any()
    assert [one.side for one in describe(mask, shifted)] == ["right"]


def test_percent_is_of_the_own_hemithorax_and_width_is_in_millimetres() -> None:
    mask = rim("right", 160, 200, 20)
    (one,) = describe(mask, lungs(), spacing_mm=(0.5, 0.5))
    assert one.hemithorax_percent == pytest.approx(100 * mask.sum() / (lungs() == 1).sum())
    assert one.rim_mm == pytest.approx(20 * 0.5, rel=0.1)
    (stretched,) = describe(mask, lungs(), spacing_mm=(0.5, 1.0))
    assert stretched.rim_mm == pytest.approx(20 * 1.0, rel=0.15)
    assert describe(mask, lungs())[0].rim_mm is None


def test_a_lung_that_collapsed_out_of_its_label_still_gives_its_hemithorax() -> None:
    air = rim("left", -90, 90, 50)
    collapsed = np.where(air, 0, lungs()).astype(np.uint8)
    (whole,), (one,) = describe(air, lungs()), describe(air, collapsed)
    assert one.hemithorax_percent == pytest.approx(whole.hemithorax_percent)


def test_sizes_grow_with_the_area() -> None:
    limits = np.array(SIZE_LIMITS_PERCENT)
    assert [size_class(p) for p in (0.1, *limits)] == list(SIZES)
    assert [size_class(p) for p in limits - 1e-6] == list(SIZES[:3])


def test_an_empty_mask_and_specks_are_not_described() -> None:
    empty = np.zeros((HEIGHT, WIDTH), dtype=bool)
    assert describe(empty, lungs()) == ()
    mask = rim("right", 170, 290, 14)
    mask[200, 290:293] = True
    assert [one.side for one in describe(mask, lungs())] == ["right"]


CASES: list[tuple[SideDescription, ...]] = [
    (),
    *[
        (SideDescription(side, zones, size),)
        for side in ("right", "left")
        for zones in (
            ("apical",),
            ("apical", "lateral"),
            ("lateral",),
            ("basal",),
            ("basal", "subpulmonic"),
            ("lateral", "basal"),
            ("apical", "medial"),
            ("anterior",),
            ("circumferential",),
        )
        for size in SIZES
    ],
    (
        SideDescription("right", ("apical",), "small", 6.0, 11.0),
        SideDescription("left", ("basal",), "large", 31.0, 52.0),
    ),
    (SideDescription("right", ("apical",), "tiny"), SideDescription("left", ("apical",), "tiny")),
    (SideDescription("left", ("apical", "lateral"), "moderate", 17.0, 26.4),),
]


def spoken(zones: tuple[Zone, ...]) -> set[Zone]:
    """Every zone that a report may name for these."""
    return {*zones, *(("apical", "lateral", "basal") if "circumferential" in zones else ())}


def disagreement(descriptions: tuple[SideDescription, ...], report: Report) -> str | None:
    """What was read of a report that its descriptions do not say."""
    present = [finding for finding in report.findings if finding.present]
    if report.present is not bool(descriptions):
        return "presence"
    by_side = {one.side: one for one in descriptions}
    for finding in present:
        one = by_side.get(finding.side) if finding.side else next(iter(descriptions))
        if one is None:
            return "side"
        if finding.size is not None and finding.size not in {
            d.size for d in descriptions if d.side == one.side
        }:
            return "size"
        if not set(finding.zones) <= spoken(one.zones):
            return "zones"
        if finding.extent_mm is not None and abs(finding.extent_mm - (one.rim_mm or -99)) > 0.6:
            return "extent"
    denied = {finding.side for finding in report.findings if finding.present is False}
    return "denial" if denied & set(by_side) else None


@pytest.mark.parametrize("phrasing", ["train", "validation"])
def test_what_a_report_says_is_what_is_read(phrasing: Phrasing) -> None:
    rng = np.random.default_rng(20)
    sides = 0
    wrong: list[str] = []
    total = 0
    for descriptions in CASES * 12:
        # Without a percentage the size word is the size class itself, so that it can be checked.
        exact = tuple(replace(one, hemithorax_percent=None) for one in descriptions)
        text = synthesise(exact, rng, phrasing)
        report = understand(text)
        total += 1
        sides += report.side is not None
        if fault := disagreement(exact, report):
            wrong.append(f"{fault}: {exact} {text!r}")
    assert len(wrong) <= 0.01 * total, "\n".join(wrong[:20])
    assert sides >= 0.95 * sum(1 for descriptions in CASES * 12 if descriptions)


def test_the_size_word_is_blurred_only_near_a_border() -> None:
    rng = np.random.default_rng(3)
    border = (SideDescription("left", ("apical",), "small", 9.5),)
    words = {understand(synthesise(border, rng)).size for _ in range(200)}
    assert {"small", "moderate"} <= words <= {"small", "moderate", None}
    middle = (SideDescription("left", ("apical",), "small", 5.0),)
    assert {understand(synthesise(middle, rng)).size for _ in range(200)} <= {"small", None}


def test_a_finding_alone_says_nothing_of_the_other_side() -> None:
    rng = np.random.default_rng(4)
    for _ in range(200):
        report = understand(
            synthesise((SideDescription("right", ("apical",), "small"),), rng, detail="finding")
        )
        assert report.present is True
        assert {finding.side for finding in report.findings} <= {"right", None}


def test_reports_follow_from_the_seed_and_differ_between_seeds() -> None:
    one = (SideDescription("right", ("apical",), "small", 5.0, 12.0),)
    texts = [synthesise(one, np.random.default_rng(seed)) for seed in range(500)]
    assert texts == [synthesise(one, np.random.default_rng(seed)) for seed in range(500)]
    assert len(set(texts)) > 475


def test_sentences_and_frames_of_the_halves_have_nothing_in_common() -> None:
    constructs = [
        "finding",
        "telegraphic finding",
        "answer",
        "denial",
        "alike",
        "unlike",
        "other side",
        "frame",
    ]
    for name in constructs:
        rule = RULES[name]
        assert not rule.shared
        assert not set(rule.train) & set(rule.validation)
    for name, rule in RULES.items():
        assert rule.of("train"), name
        assert rule.of("validation"), name


def test_every_phrase_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phrase with a misspelt slot would never be; it would not be missed either."""
    filled: defaultdict[str, set[str]] = defaultdict(set)
    rule_of = Grammar._rule

    def spy(self: Grammar, name: str, slots: Mapping[str, str], rng: np.random.Generator) -> str:
        filled[name] |= set(slots)
        return rule_of(self, name, slots, rng)

    monkeypatch.setattr(Grammar, "_rule", spy)
    rng = np.random.default_rng(5)
    for descriptions in [*CASES * 4, *[()] * 60]:
        for phrasing in ("train", "validation"):
            synthesise(descriptions, rng, phrasing)
    for name, rule in RULES.items():
        for phrase in (*rule.shared, *rule.train, *rule.validation):
            names = set(re.findall(r"{([^{}]+)}", phrase))
            assert names <= filled[name] | set(RULES), (name, phrase)


def test_a_slot_without_text_is_a_condition() -> None:
    rng = np.random.default_rng(5)
    grammar = Grammar({"rule": Rule(shared=("{a} pneumothorax[ {b}]", "<x|{c}> {condition}"))}, "train")
    assert grammar.expand("rule", {"a": "an right", "b": ""}, rng) == "a right pneumothorax"
    assert grammar.expand("rule", {"condition": ""}, rng) == "x"
    with pytest.raises(KeyError):
        grammar.expand("rule", {}, rng)


def test_perturbations_are_untrue_in_one_respect() -> None:
    rng = np.random.default_rng(6)
    one = SideDescription("right", ("apical",), "small", 5.0, 12.0)
    assert perturb([one], rng, kind="swap_side") == (replace(one, side="left"),)
    assert perturb([one], rng, kind="zone_missing") == (replace(one, zones=()),)
    resized = {perturb([one], rng, kind="size")[0] for _ in range(40)}
    assert resized == {
        replace(one, size=size, hemithorax_percent=None, rim_mm=None) for size in ("tiny", "moderate")
    }
    (invented,) = perturb([], rng, kind="false_positive")
    assert understand(synthesise([invented], rng, detail="finding")).present is True
    assert len({d.side for d in perturb([one], rng, kind="false_positive")}) == 2


def test_real_masks_are_described(real_data: Path) -> None:
    masks = sorted((real_data / "cxr" / "masks").glob("*.png"))[::25]
    described = [describe(read_mask(path) > 0) for path in masks]
    assert all(described)
    assert all(one.zones for sides in described for one in sides)
    apical = [
        any("apical" in one.zones or "circumferential" in one.zones for one in sides) for sides in described
    ]
    assert np.mean(apical) > 0.6


def test_the_command_writes_a_report_for_each_case_that_does_not_depend_on_the_others(tmp_path: Path) -> None:
    for cases, name in ((("one", "two", "three"), "a"), (("three", "two"), "b")):
        data = tmp_path / name
        for folder in ("images", "masks"):
            (data / folder).mkdir(parents=True)
        for case in cases:
            air = rim("left", 240, 300, 14) if case != "one" else np.zeros((HEIGHT, WIDTH), dtype=bool)
            cv2.imwrite(str(data / "images" / f"{case}.png"), lungs() * 100)
            cv2.imwrite(str(data / "masks" / f"{case}.png"), air * np.uint8(255))
            cv2.imwrite(str(tmp_path / f"{case}.png"), lungs())
        rows = [f"{case},{int(case != 'one')},{'val' if case == 'two' else 'train'}" for case in cases]
        (data / "index.csv").write_text("\n".join(["id,pneumothorax,split", *rows]) + "\n")
        synthesise_reports(data, tmp_path / f"out-{name}", lungs=tmp_path, quiet=True)
    written = {path.name: path.read_text() for path in (tmp_path / "out-a" / "reports").iterdir()}
    assert set(written) == {"one.txt", "two.txt", "three.txt"}
    for path in (tmp_path / "out-b" / "reports").iterdir():
        assert path.read_text() == written[path.name]
    assert "two,validation,left,apical,small," in (tmp_path / "out-a" / "index.csv").read_text()
    assert "one,train,,,,," in (tmp_path / "out-a" / "index.csv").read_text()
