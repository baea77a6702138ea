"""Reading the identity, and finding contradictions between two exams."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_files import make_dataset, read_back

from ptx_followup.radiograph.identity import IDENTITY_FIELDS, identity_conflicts, missing_fields
from ptx_followup.radiograph.image import Identity

ANN = Identity(patient_id="A17", issuer="HOSP", name="Doe^Ann^M", birth_date="19500131", sex="F")


def test_read_as_stated(tmp_path: Path) -> None:
    dataset = make_dataset(
        PatientID="A17 ",
        IssuerOfPatientID="HOSP",
        PatientName="Doe^Ann^M",
        PatientBirthDate="19500131",
        PatientSex="F",
    )
    assert read_back(dataset, tmp_path).identity == ANN


def test_a_silent_header_is_an_empty_identity(tmp_path: Path) -> None:
    assert read_back(make_dataset(PatientID=None, PatientName=None), tmp_path).identity == Identity()


@pytest.mark.parametrize(
    "other",
    [
        ANN,
        replace(ANN, patient_id=" a17"),
        replace(ANN, name="DOE^ANN"),
        replace(ANN, name="Döe^Ann^M^^^"),
        replace(ANN, name="DOE^ANN^M=別^名"),
        replace(ANN, birth_date="1950.01.31"),
        replace(ANN, sex="f"),
        replace(ANN, sex="U"),
        replace(ANN, issuer="OTHER", patient_id="99"),
        Identity(),
        None,
    ],
)
def test_no_contradiction(other: Identity | None) -> None:
    assert identity_conflicts(ANN, other) == []
    assert identity_conflicts(other, ANN) == []


@pytest.mark.parametrize(
    ("other", "fields"),
    [
        (replace(ANN, patient_id="A18"), ["patient_id"]),
        (replace(ANN, patient_id="A18", issuer=""), ["patient_id"]),
        (replace(ANN, name="Doe^Jane^M"), ["name"]),
        (replace(ANN, name="Roe^Ann"), ["name"]),
        (replace(ANN, name="Doe^Ann^K"), ["name"]),
        (replace(ANN, birth_date="19500130"), ["birth_date"]),
        (replace(ANN, sex="M"), ["sex"]),
        (Identity("B", "HOSP", "Roe^Bo", "19700101", "M"), list(IDENTITY_FIELDS)),
    ],
)
def test_contradictions_name_fields_only(other: Identity, fields: list[str]) -> None:
    assert identity_conflicts(ANN, other) == fields
    assert identity_conflicts(other, ANN) == fields


def test_missing_fields() -> None:
    assert missing_fields(ANN) == []
    assert missing_fields(replace(ANN, name="^^", sex="U", issuer="")) == ["name", "sex"]
    assert missing_fields(None) == list(IDENTITY_FIELDS)
