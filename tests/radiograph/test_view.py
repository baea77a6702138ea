"""Projection and position from what headers say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from made_files import make_dataset, read_back
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from ptx_followup.errors import QualityGateError
from ptx_followup.radiograph.view import position_in_words
from ptx_followup.radiograph.view_words import view_in_words


def code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


@pytest.mark.parametrize(
    ("words", "view"),
    [
        ("PA", "PA"),
        ("view: PA", "PA"),
        ("Thorax p.a.", "PA"),
        ("CHEST_AP_PORTABLE", "AP"),
        ("Postero-anterior", "PA"),
        ("anteroposterior", "AP"),
        ("Chest frontal PA", "PA"),
        ("Chest lateral", "lateral"),
        ("CHEST LAT", "lateral"),
        ("THORAX PROFIL", "lateral"),
        ("CHEST PA AND LATERAL", "unknown"),
        ("PA/AP", "unknown"),
        ("CHEST LAO", "oblique"),
        ("Thorax OAD", "oblique"),
        ("Thorax OAG", "oblique"),
        ("left lateral decubitus", "unknown"),
        ("Chest frontal and lateral", "unknown"),
        ("PALLIATIVE CLINIC, MAP, FLAT", "unknown"),
        ("", "unknown"),
    ],
)
def test_view_in_words(words: str, view: str) -> None:
    assert view_in_words(words) == view


@pytest.mark.parametrize(
    "words",
    [
        *(
            "Thorax seitl.",
            "Th. stl. Aufnahme",
            "Toraks side",
            "Rö-Thorax seitliche Aufnahme",
            "RX tórax de perfil",
        ),
        *("Tórax lateral izquierda", "TORACE L-L", "Rx torace latero-laterale", "Pulmons de profil"),
        *(
            "RTG kl. piersiowej - boczne",
            "klatka piersiowa, bok lewy",
            "Hrudník boční",
            "Srce i pluća, bočni",
        ),
        *("Thorax zijdelings", "Thorax dwars", "Lungor sida", "Thorax sidebillede", "keuhkot, sivukuva"),
        *(
            "Thorax Seitbild",
            "Seitenansicht",
            "X-thorax zijwaarts",
            "X-thorax profiel",
            "Rindkere külg",
            "rindkere röntgen, külgvaade",
            "tórax de lado",
            "vue de côté",
            "sagittal",
        ),
        *("ภาพทรวงอกด้านข้าง", "Tórax Lateral izq", "TX perfil esquerdo", "Th. stl. Aufn.", "Rx Torace LL dx"),
        *("Mellkas oldalirányú", "Akciğer yan", "Krūtų ląsta, šoninė", "Ngực nghiêng", "Thorax lateralis"),
        *(
            "ОГК, боковая проекция",
            "рентген бок",
            "Θώρακας πλάγια",
            "胸部側面",
            "胸片 侧位",
            "흉부 측면",
            "صدر جانبي",
        ),
    ],
)
def test_laterals_in_other_languages(tmp_path: Path, words: str) -> None:
    assert view_in_words(words) == "lateral"
    dataset = make_dataset(
        ViewPosition="", PatientOrientation="", SeriesDescription=words, SpecificCharacterSet="ISO_IR 192"
    )
    with pytest.raises(QualityGateError, match="a lateral view"):
        read_back(dataset, tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        *("Thorax p.a. und seitlich", "Thorax in 2 Ebenen", "TORAX FRENTE E PERFIL", "Thorax face + profil"),
        *(
            "RTG PA i boczne",
            "Rx torace in due proiezioni",
            "ОГК прямая и боковая",
            "胸部正側",
            "CHEST 2 VIEWS LAT",
        ),
        *("decúbito lateral izquierdo", "Seitenlage", "左側臥位", "Laterality: L", "bilateral"),
        *("rechte Seite", "Thorax rechter zijde", "côté droit", "両側", "ทรวงอก ด้านหน้า"),
    ],
)
def test_no_lateral_in_other_languages(words: str) -> None:
    assert view_in_words(words) == "unknown"


LATERAL_PLANE = {"PatientOrientation": ["A", "F"]}


@pytest.mark.parametrize(
    "elements",
    [
        {**LATERAL_PLANE, "SeriesDescription": "Chest lateral"},
        {"SeriesDescription": "Thorax seitl.", "code": ("399067008", "SCT", "lateral")},
        {**LATERAL_PLANE, "code": ("R-10236", "SRT", "left lateral")},
        {"SeriesDescription": "klatka boczne", "ProtocolName": "Thorax lat"},
        {**LATERAL_PLANE, "StudyDescription": "胸部側面"},
        {"code": ("399067008", "SCT", ""), "ProtocolName": "Rx torace latero-laterale"},
    ],
)
def test_all_else_against_the_view_position(tmp_path: Path, elements: dict[str, Any]) -> None:
    coded = elements.pop("code", None)
    dataset = make_dataset(ViewPosition="PA", SpecificCharacterSet="ISO_IR 192", **elements)
    if coded is not None:
        dataset.ViewCodeSequence = Sequence([code(*coded)])
    with pytest.raises(QualityGateError, match="a lateral view"):
        read_back(dataset, tmp_path)


@pytest.mark.parametrize(
    ("elements", "contradicting"),
    [
        (LATERAL_PLANE, "PatientOrientation lateral"),
        ({"SeriesDescription": "Chest lateral"}, "a description lateral"),
        ({"StudyDescription": "CHEST AP PORTABLE"}, "a description AP"),
        ({"SeriesDescription": "Chest LAO"}, "a description oblique"),
        ({"SeriesDescription": "Thorax PA", "ProtocolName": "Thorax seitl."}, "another description lateral"),
        ({"ProtocolName": "Tórax PA", "StudyDescription": "Tórax perfil"}, "another description lateral"),
    ],
)
def test_some_against_the_view_position(tmp_path: Path, elements: dict[str, Any], contradicting: str) -> None:
    elements = {"SpecificCharacterSet": "ISO_IR 192", **elements}
    image = read_back(make_dataset(ViewPosition="PA", **elements), tmp_path)
    assert image.view == "PA"
    (warning,) = [one for one in image.warnings if "contradicts itself" in one]
    assert contradicting in warning
    # A lateral plane cannot say where left is.
    assert any("right is taken" in one for one in image.warnings) == ("PatientOrientation" in elements)


def test_a_header_that_agrees_is_not_warned_of(tmp_path: Path) -> None:
    dataset = make_dataset(ViewPosition="PA", StudyDescription="XR CHEST PA AND LATERAL")
    dataset.ViewCodeSequence = Sequence([code("R-10214", "SRT", "postero-anterior")])
    assert not any("contradicts" in warning for warning in read_back(dataset, tmp_path).warnings)


@pytest.mark.parametrize(
    ("elements", "view"),
    [
        ({"ViewPosition": "PA", "SeriesDescription": "AP"}, "PA"),
        ({"ViewPosition": "AP"}, "AP"),
        ({"ViewPosition": "LLD"}, "unknown"),
        ({"ViewPosition": None, "SeriesDescription": "PA", "StudyDescription": "CHEST AP"}, "PA"),
        ({"ViewPosition": "", "StudyDescription": "CHEST AP"}, "AP"),
        ({"ViewPosition": "", "StudyDescription": "CHEST PA AND LATERAL"}, "unknown"),
        ({"ViewPosition": None}, "unknown"),
    ],
)
def test_view_of_a_file(tmp_path: Path, elements: dict[str, Any], view: str) -> None:
    assert read_back(make_dataset(**elements), tmp_path).view == view


@pytest.mark.parametrize(
    ("value", "scheme", "meaning", "view"),
    [
        ("399348003", "SCT", "antero-posterior", "AP"),
        ("R-10214", "SRT", "postero-anterior", "PA"),
        ("LOCAL1", "99X", "Thorax postero-anterior", "PA"),
        ("399033003", "SCT", "frontal", "unknown"),
    ],
)
def test_view_code(tmp_path: Path, value: str, scheme: str, meaning: str, view: str) -> None:
    dataset = make_dataset(ViewPosition=None)
    dataset.ViewCodeSequence = Sequence([code(value, scheme, meaning)])
    assert read_back(dataset, tmp_path).view == view


@pytest.mark.parametrize(
    ("words", "position"),
    [
        ("Chest AP supine", "supine"),
        ("ERECT PA", "erect"),
        ("chest, upright", "erect"),
        ("AP sitting", "erect"),
        ("semi-erect portable", "semi-erect"),
        ("SEMIUPRIGHT", "semi-erect"),
        ("right decubitus", "decubitus"),
        ("Tórax AP decúbito supino", "supine"),
        ("erect and supine abdomen", "unknown"),
        ("portable", "unknown"),
    ],
)
def test_position_in_words(words: str, position: str) -> None:
    assert position_in_words(words) == position


@pytest.mark.parametrize(
    ("elements", "position"),
    [
        ({"PatientPosition": "HFS", "SeriesDescription": "erect"}, "supine"),
        ({"PatientPosition": "HFDL"}, "decubitus"),
        ({"PatientPosition": "HFP"}, "unknown"),
        ({"ViewPosition": "RLD"}, "decubitus"),
        ({"ProtocolName": "Chest AP supine"}, "supine"),
        ({"StudyDescription": "CHEST ERECT"}, "erect"),
        ({}, "unknown"),
    ],
)
def test_position_of_a_file(tmp_path: Path, elements: dict[str, Any], position: str) -> None:
    assert read_back(make_dataset(**elements), tmp_path).position == position


@pytest.mark.parametrize(
    ("orientation", "modifier", "position"),
    [
        (code("C86043", "NCIt", "erect"), None, "erect"),
        (code("F-10450", "SRT", "recumbent"), code("F-10340", "SRT", "supine"), "supine"),
        (code("F-10460", "SRT", "semi-erect"), None, "semi-erect"),
        (code("F-10450", "SRT", "recumbent"), code("F-10319", "SRT", "left lateral decubitus"), "decubitus"),
    ],
)
def test_position_code(tmp_path: Path, orientation: Dataset, modifier: Dataset | None, position: str) -> None:
    if modifier is not None:
        orientation.PatientOrientationModifierCodeSequence = Sequence([modifier])
    dataset = make_dataset(StudyDescription="CHEST STANDING")
    dataset.PatientOrientationCodeSequence = Sequence([orientation])
    assert read_back(dataset, tmp_path).position == position
