"""Augmentation of reports: other words, the same findings."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_followup.errors import InputError
from ptx_followup.report.augment import OWN_SYNONYMS, replace_synonyms, shuffle_sentences, swap_sides
from ptx_followup.report.findings import understand
from ptx_followup.report.radlex import read_radlex
from ptx_followup.report.sections import split_sentences
from ptx_followup.report.synthesis import Phrasing, SideDescription, synthesise
from ptx_followup.report.terms import Finding, Report
from ptx_followup.sides import Side

REPORT = (
    "FINDINGS: A stable chest tube is seen. There is a large effusion. Small left pneumothorax. "
    "It is unchanged. Heart is normal.\n\nIMPRESSION:\n1. Small left PTX.\n2. Bibasilar atelectasis."
)


@pytest.mark.parametrize(
    ("text", "mirrored"),
    [
        ("Small right pneumothorax.", "Small left pneumothorax."),
        ("LEFT-SIDED PTX", "RIGHT-SIDED PTX"),
        ("Left sided, leftward, leftsided", "Right sided, rightward, rightsided"),
        ("RLL and LUL opacity, rul clear", "LLL and RUL opacity, lul clear"),
        ("(L) PTX, R>L, R/L", "(R) PTX, L>R, L/R"),
        ("5 mm r apical ptx (r), tube on l.", "5 mm l apical ptx (l), tube on r."),
        ("Rt apical, lt. basal, LT base", "Lt apical, rt. basal, RT base"),
        ("r apical ptx, l-sided tube", "l apical ptx, r-sided tube"),
        ("Pneumothorax: L, apical", "Pneumothorax: R, apical"),
        ("left-to-right shift", "right-to-left shift"),
        ("left upper lobe", "right upper lobe"),
        ("lingula and right middle lobe", "right middle lobe and lingula"),
        ("Lingular atelectasis", "Right middle lobe atelectasis"),
        ("RML infiltrate", "lingula infiltrate"),
        ("bilateral pneumothoraces, both lungs", "bilateral pneumothoraces, both lungs"),
        ("tube left in place, upright film, bright", "tube left in place, upright film, bright"),
        ("R/O PTX; 2 L oxygen; L1 and L-spine", "R/O PTX; 2 L oxygen; L1 and L-spine"),
        ("RIJ line tip in the right atrium", "LIJ line tip in the right atrium"),
        ("mild dextroscoliosis", "mild levoscoliosis"),
    ],
)
def test_sides_are_swapped_in_every_form(text: str, mirrored: str) -> None:
    assert swap_sides(text) == mirrored


def mirrored_side(side: Side | None) -> Side | None:
    return None if side is None else ("left" if side == "right" else "right")


def facts(report: Report) -> list[tuple[object, ...]]:
    """What a report says, whatever its order."""

    def of(one: Finding) -> tuple[object, ...]:
        return (
            one.present,
            one.side,
            one.zones,
            one.size,
            one.extent_mm,
            one.percent,
            one.certainty,
            one.change,
        )

    return sorted({of(one) for one in report.findings}, key=repr)


def mirrored_facts(report: Report) -> list[tuple[object, ...]]:
    """The facts with each side exchanged."""
    findings = tuple(replace(one, side=mirrored_side(one.side)) for one in report.findings)
    return facts(replace(report, findings=findings))


def reports(count: int) -> list[str]:
    rng = np.random.default_rng(8)
    descriptions: list[tuple[SideDescription, ...]] = [
        (),
        (SideDescription("right", ("apical",), "small", 5.0, 12.0),),
        (SideDescription("left", ("apical", "lateral"), "moderate", 16.0, 25.0),),
        (SideDescription("left", ("basal",), "tiny", 1.0, 4.0),),
        (
            SideDescription("right", ("circumferential",), "large"),
            SideDescription("left", ("apical",), "small"),
        ),
    ]
    halves: tuple[Phrasing, Phrasing] = ("train", "validation")
    return [synthesise(descriptions[n % 5], rng, halves[n % 2]) for n in range(count)]


def test_no_augmentation_changes_what_a_report_says() -> None:
    rng = np.random.default_rng(9)
    for text in reports(400):
        expected = facts(understand(text))
        for augmented in (
            shuffle_sentences(text, rng),
            replace_synonyms(text, rng),
            replace_synonyms(text, rng, rate=1.0),
            swap_sides(swap_sides(text)),
        ):
            assert facts(understand(augmented)) == expected, (text, augmented)


def test_the_mirrored_report_says_the_same_of_the_other_side() -> None:
    for text in reports(400):
        assert facts(understand(swap_sides(text))) == mirrored_facts(understand(text)), text


def test_sentences_change_places_inside_their_section_and_keep_their_company() -> None:
    rng = np.random.default_rng(10)
    shuffled = [shuffle_sentences(REPORT, rng) for _ in range(50)]
    assert len(set(shuffled)) > 5
    for text in shuffled:
        assert sorted(re.findall(r"\w+", text)) == sorted(re.findall(r"\w+", REPORT))
        assert "Small left pneumothorax. It is unchanged." in text
        assert text.startswith("FINDINGS: ")
        assert "IMPRESSION:\n1. " in text
        before = {sentence.text: sentence.section for sentence in split_sentences(REPORT)}
        assert {sentence.text: sentence.section for sentence in split_sentences(text)} == before


def test_a_sentence_without_its_stop_does_not_run_on_into_another() -> None:
    text = "Pneumothorax on the right. It is small. Heart normal. Tube in place. No pleural effusion"
    texts = {shuffle_sentences(text, np.random.default_rng(seed)) for seed in range(40)}
    assert len(texts) > 3
    for shuffled in texts:
        assert len(split_sentences(shuffled)) == 5
        read = understand(shuffled)
        assert (read.present, read.side) == (True, "right")


def test_template_lines_stay_where_they_are() -> None:
    text = "Lungs: Clear.\nPleura: Small right pneumothorax.\nHeart: Normal."
    assert {shuffle_sentences(text, np.random.default_rng(seed)) for seed in range(20)} == {text}


def test_synonyms_replace_whole_words_and_keep_case_and_article() -> None:
    table = {"line": ("catheter",), "a b": ("c",), "stable": ("unchanged",)}
    rng = np.random.default_rng(0)
    text = "Pipeline line LINE. Line a b. A stable line-up"
    assert (
        replace_synonyms(text, rng, table, 1.0)
        == "Pipeline catheter CATHETER. Catheter c. An unchanged line-up"
    )


def test_each_word_is_replaced_independently_at_the_rate() -> None:
    rng = np.random.default_rng(1)
    words = replace_synonyms("opacity " * 4000, rng).split()
    share = np.mean([word != "opacity" for word in words])
    assert share == pytest.approx(0.15, abs=0.02)
    together = np.mean(
        [a != "opacity" and b != "opacity" for a, b in zip(words[::2], words[1::2], strict=True)]
    )
    assert together == pytest.approx(0.15**2, abs=0.012)


@given(st.text(max_size=300), st.integers(0, 2**32 - 1))
def test_any_text_is_augmented_without_failure(text: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    swap_sides(text)
    shuffled = shuffle_sentences(text, rng)
    before, after = (one.replace(".", " ").split() for one in (text, shuffled))
    assert sorted(before) == sorted(after) or len(shuffled) >= len(text)
    replace_synonyms(text, rng)


OWL = """<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [ <!ENTITY RID "http://www.radlex.org/RID/" > {entity} ]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="http://www.w3.org/2002/07/owl#"
  xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:RID="http://www.radlex.org/RID/">
  <owl:Class rdf:about="&RID;RID1"><rdfs:label xml:lang="en">lung field</rdfs:label>
    <rdfs:label xml:lang="de">Lungenfeld</rdfs:label>
    <RID:Synonym xml:lang="en">pulmonary field</RID:Synonym>
    <RID:Definition>one {reference} two</RID:Definition></owl:Class>
  <rdf:Description rdf:about="&RID;RID2"><RID:Preferred_name>nodule</RID:Preferred_name>
    <RID:Synonym>nodulus</RID:Synonym><RID:Synonym>small nodule</RID:Synonym></rdf:Description>
  <owl:Class rdf:about="&RID;RID3"><rdfs:label>left lung</rdfs:label>
    <RID:Synonym>pulmo sinister</RID:Synonym></owl:Class>
  <owl:Class rdf:about="&RID;RID4"><owl:deprecated>true</owl:deprecated><rdfs:label>rale</rdfs:label>
    <RID:Synonym>crackle</RID:Synonym></owl:Class>
</rdf:RDF>"""

CSV = (
    "Class ID,Preferred Label,Synonyms,Definitions,Obsolete\n"
    "http://www.radlex.org/RID/RID1,lung field,pulmonary field,,false\n"
    'http://www.radlex.org/RID/RID2,nodule,nodulus|small nodule,"one, two",FALSE\n'
    "http://www.radlex.org/RID/RID3,left lung,pulmo sinister,,false\n"
    "http://www.radlex.org/RID/RID4,rale,crackle,,true\n"
)

EXPECTED = {
    "lung field": ("pulmonary field",),
    "pulmonary field": ("lung field",),
    "nodule": ("nodulus",),
    "nodulus": ("nodule",),
}


@pytest.mark.parametrize(
    ("name", "content"), [("a.owl", OWL.format(entity="", reference="")), ("a.csv", CSV)]
)
def test_radlex_is_read_in_both_forms_without_the_terms_that_decide(
    tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8-sig")
    assert read_radlex(path) == EXPECTED


@pytest.mark.parametrize(
    "entity",
    [
        '<!ENTITY x SYSTEM "file:///etc/hostname">',
        '<!ENTITY a "lol"> <!ENTITY x "&a;&a;&a;">',
        f'<!ENTITY x "{"lol" * 100}">',
    ],
)
def test_xml_entities_beyond_namespaces_are_refused(tmp_path: Path, entity: str) -> None:
    path = tmp_path / "RadLex.owl"
    path.write_text(OWL.format(entity=entity, reference="&x;"))
    with pytest.raises(InputError, match="entities"):
        read_radlex(path)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"<rdf><unclosed>", b"\xff\xfe\x00rubbish", b"<a/>"])
def test_another_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "terms.bin"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"terms\.bin"):
        read_radlex(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_radlex(tmp_path / "none.csv")


def test_own_synonyms_are_mutual() -> None:
    for term, others in OWN_SYNONYMS.items():
        assert term == term.lower() or term in {"ETT", "NG tube"}
        assert all(term in OWN_SYNONYMS[other] for other in others)
