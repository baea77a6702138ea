"""Studies are found whatever their patient ID and accession number hold, and never another patient's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

import pytest
from archives import PASSWORD, exam_number, orthanc, other, save, save_configuration
from pydicom.dataset import Dataset

from ptx_followup.errors import PacsError, UsageError
from ptx_followup.pacs.archive import Archive, TooManyError
from ptx_followup.pacs.exams import NoPriorError, fetch_exam, fetch_pair, find_study
from ptx_followup.pacs.nodes import load_configuration
from ptx_followup.pacs.opening import open_archive
from ptx_followup.pacs.queries import find_studies
from ptx_followup.radiograph.header import read_header

#: What the values of a patient hold between letter and number; the patients are each other's traps.
BETWEEN = ["/", "#", "+", "&", "^", ",", " ", "%", "=", ";", "Ä", "山", "Ж/", "", "山+", "Ä山", "."]
BETWEEN += ["*", "?", "'", '"', "%2F", "  "]
#: More traps: what is left of a value without such letters, and the parts on both sides of a comma.
PARTS = ["A", "1", "山"]
#: Patients whose IDs and accession numbers (but for a last figure) begin as another's, or differ in case.
ALIKE = ["Q/7", "q/7", "Q/77", "Q/", "Qä7", "QÄ7", "R7", "r7", "R77", "R"]
#: Files in older character sets, which the archive and our questions do not have.
CHARACTER_SETS = {"SÄ7": "ISO_IR 100", "SЖ7": "ISO_IR 144", "S山7": "GB18030", "SŁ7": "ISO_IR 101"}
NODES = ["web", "get"]
#: Descriptions of laterals that Orthanc's answers leave empty.
LATERALS = ["側面", "боковая"]


@pytest.fixture(scope="module")
def configuration(
    program: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """An Orthanc with two exams of each patient."""
    folder = tmp_path_factory.mktemp("orthanc")
    patients = [(f"A{one}1", f"N{one}") for one in BETWEEN] + [(part, f"{part}X") for part in PARTS]
    patients += [(one, f"{one}-") for one in (*ALIKE, *CHARACTER_SETS)]
    films = [
        exam_number(
            1 + later,
            **(other(100 + 2 * number + later) | {"AccessionNumber": f"{accession}{later}"}),
            PatientID=patient,
            SpecificCharacterSet=CHARACTER_SETS.get(patient, "ISO_IR 192"),
        )
        for number, (patient, accession) in enumerate(patients)
        for later in (0, 1)
    ]
    for later, patient in enumerate(("T/7 ", "T/7")):  # spaces at the end are no part of a value (PS3.5 6.2)
        changes = other(700 + later) | {"AccessionNumber": f"T/{later} "}
        films.append(exam_number(1 + later, **changes, PatientID=patient))
    for later, patient in enumerate(("U7", "U7\\8")):
        films.append(exam_number(1 + later, **other(710 + later), PatientID=patient))
    for number, description in enumerate(LATERALS):
        frontal = exam_number(1, **lateral_study(2 * number), SeriesDescription="胸部")
        words = {"SeriesDescription": description, "ViewPosition": None, "ViewCodeSequence": None}
        lateral = exam_number(1, **lateral_study(2 * number + 1), **words)
        lateral.StudyInstanceUID, lateral.AccessionNumber = frontal.StudyInstanceUID, f"LAT{number}"
        frontal.AccessionNumber = f"LAT{number}"
        films += [frontal, lateral]
    with (
        orthanc(program("Orthanc", "orthanc and orthanc-dicomweb"), folder) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("PTX_PACS_WEB_PASSWORD", PASSWORD)
        file = save_configuration(folder / "pacs.toml", server)
        with opened(file, "web") as archive:
            for film in save(folder / "films", *films):
                archive.store(film)
        yield file


def lateral_study(number: int) -> dict[str, str]:
    return other(900 + number) | {"PatientID": "LATERALS", "SpecificCharacterSet": "ISO_IR 192"}


def opened(configuration: Path, node: str) -> Archive:
    return open_archive(node, load_configuration(configuration).node(node))


@pytest.mark.integration
@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("between", BETWEEN)
def test_exam_and_prior_are_found_by_any_value(
    configuration: Path, node: str, between: str, tmp_path: Path
) -> None:
    with opened(configuration, node) as archive:
        exams = fetch_pair(archive, f"N{between}1", None, tmp_path)
        with pytest.raises(NoPriorError):
            fetch_pair(archive, f"N{between}0", None, tmp_path / "first")
    headers = [read_header(one.image) for one in exams]
    assert [one.PatientID for one in headers] == [f"A{between}1"] * 2
    assert [one.AccessionNumber for one in headers] == [f"N{between}0", f"N{between}1"]


@pytest.mark.integration
@pytest.mark.parametrize("node", NODES)
def test_patients_whose_ids_are_alike_are_told_apart(configuration: Path, node: str, tmp_path: Path) -> None:
    with opened(configuration, node) as archive:
        for number, patient in enumerate((*ALIKE, *CHARACTER_SETS)):
            prior, exam = fetch_pair(archive, f"{patient}-1", None, tmp_path / str(number))
            assert [read_header(one.image).AccessionNumber for one in (prior, exam)] == [
                f"{patient}-0",
                f"{patient}-1",
            ]
            found = find_studies(archive, patient_id=patient)
            assert sorted(study.accession for study in found) == [f"{patient}-0", f"{patient}-1"]


@pytest.mark.integration
@pytest.mark.parametrize("node", NODES)
def test_spaces_at_the_end_are_no_part_of_an_id(configuration: Path, node: str, tmp_path: Path) -> None:
    with opened(configuration, node) as archive:
        prior, _ = fetch_pair(archive, "T/1", None, tmp_path)
    assert read_header(prior.image).AccessionNumber.strip() == "T/0"


@pytest.mark.integration
@pytest.mark.parametrize("node", NODES)
def test_what_stands_before_a_backslash_is_another_patient(
    configuration: Path, node: str, tmp_path: Path
) -> None:
    with opened(configuration, node) as archive:
        (study,) = find_studies(archive, patient_id="U7")
        assert study.accession == "SECRETACC710"
        with pytest.raises(PacsError, match="no prior can be searched"):
            fetch_pair(archive, "SECRETACC711", None, tmp_path)


@pytest.mark.integration
@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("between", ["|", "(", "Ö", "田", "//", "??", "**", "`", "<"])
def test_what_is_not_there_is_not_found(configuration: Path, node: str, between: str) -> None:
    with opened(configuration, node) as archive:
        assert find_studies(archive, patient_id=f"A{between}1") == []
        assert find_studies(archive, accession=f"N{between}1") == []


@pytest.mark.integration
@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("number", range(len(LATERALS)))
def test_a_lateral_whose_description_the_archive_leaves_out_is_none_of_two_frontal_films(
    configuration: Path, node: str, number: int, tmp_path: Path
) -> None:
    with opened(configuration, node) as archive:
        study = find_study(archive, f"LAT{number}")
        answers = archive.find("SERIES", {"StudyInstanceUID": study.uid}, ["SeriesDescription"])
        assert LATERALS[number] not in [str(answer.get("SeriesDescription")) for answer in answers]
        exam = fetch_exam(archive, study, tmp_path)
    assert exam is not None
    assert read_header(exam.image).SeriesDescription == "胸部"


@pytest.mark.integration
@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("patient", PARTS)
def test_what_is_left_of_a_value_is_another_patient(configuration: Path, node: str, patient: str) -> None:
    with opened(configuration, node) as archive:
        found = find_studies(archive, patient_id=patient)
    assert sorted(study.accession for study in found) == [f"{patient}X0", f"{patient}X1"]


class Made:
    """An archive with one study, whose answers and whose object may state another patient ID.

    Without wild cards it finds nothing by one; `crowded`, it finds too much.
    """

    def __init__(self, answered: str, filed: str, *, wild_cards: bool = True, crowded: bool = False) -> None:
        self.answered, self.filed = answered, filed
        self.wild_cards, self.crowded = wild_cards, crowded

    def find(self, level: str, match: Mapping[str, str], wanted: object) -> list[Dataset]:
        if level == "STUDY":
            asked = match["PatientID"]
            if not {"*", "?"} & set(asked) or not self.wild_cards:
                return []
            if self.crowded:
                raise TooManyError("many", "narrow")
        return [stating(self.answered)]

    def honours_wild_cards(self) -> bool:
        return self.wild_cards

    def header(self, instance: object) -> Dataset:
        return stating(self.filed)


def stating(patient: str) -> Dataset:
    dataset = Dataset()
    dataset.PatientID = patient
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = "1.2", "1.2.3", "1.2.3.4"
    return dataset


def searched(archive: Made, patient: str) -> list[str]:
    return [study.patient_id for study in find_studies(cast("Archive", archive), patient_id=patient)]


def test_what_a_wild_card_finds_is_judged_by_its_own_header() -> None:
    assert searched(Made("A/1", "A/1"), "A/1") == ["A/1"]
    assert searched(Made("A/1", "A山/1"), "A/1") == []
    assert searched(Made("A1", "A山1"), "A山1") == ["A山1"]
    assert searched(Made("A?1", "A田1"), "A山1") == []


def test_an_archive_that_cannot_be_asked_denies_nothing() -> None:
    for deaf in (Made("A/1", "A/1", wild_cards=False), Made("A/1", "A/1", crowded=True)):
        with pytest.raises(PacsError, match="cannot be asked"):
            searched(deaf, "A/1")
    assert searched(Made("A1", "A1", wild_cards=False), "A1") == []


def test_no_value_holds_a_backslash() -> None:
    with pytest.raises(UsageError, match=r"contains \\"):
        searched(Made("A", "A"), "A\\B")
