"""The patient's identity: reading it, and finding contradictions between two exams.

Only names of fields leave this module, never their contents.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from ptx_followup.dicom.elements import identifier, text
from ptx_followup.radiograph.image import Identity

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Fields that identify a patient, in the order in which they are reported.
IDENTITY_FIELDS = ("patient_id", "name", "birth_date", "sex")


def read_identity(dataset: Dataset) -> Identity:
    """Read the identity as the header states it."""
    return Identity(
        patient_id=identifier(dataset, "PatientID"),
        issuer=identifier(dataset, "IssuerOfPatientID"),
        name=text(dataset, "PatientName"),
        birth_date=text(dataset, "PatientBirthDate"),
        sex=text(dataset, "PatientSex"),
    )


def missing_fields(identity: Identity | None) -> list[str]:
    """Name the identifying fields that are silent; all of them where there is no identity."""
    if identity is None:
        return list(IDENTITY_FIELDS)
    return [field for field, stated in _comparable(identity).items() if not stated]


def identity_conflicts(prior: Identity | None, followup: Identity | None) -> list[str]:
    """Name the fields in which two identities contradict each other.

    A field that is silent on either side does not contradict. Patient IDs of two issuers are not comparable.
    Names are compared as far as both go: case, accents, trailing components and a middle name that only one
    exam states make no difference.
    """
    if prior is None or followup is None:
        return []
    first, second = _comparable(prior), _comparable(followup)
    conflicts = [
        field
        for field in IDENTITY_FIELDS
        if field != "name" and first[field] and second[field] and first[field] != second[field]
    ]
    issuers = prior.issuer.strip().casefold(), followup.issuer.strip().casefold()
    if "patient_id" in conflicts and all(issuers) and issuers[0] != issuers[1]:
        conflicts.remove("patient_id")
    if _names_differ(first["name"], second["name"]):
        conflicts.append("name")
    return sorted(conflicts, key=IDENTITY_FIELDS.index)


def _comparable(identity: Identity) -> dict[str, str]:
    """Each field in a form in which equal contents are equal text, empty where it says nothing."""
    sex = identity.sex.strip().upper()
    return {
        "patient_id": identity.patient_id.strip().casefold(),
        "name": _name(identity.name),
        "birth_date": re.sub(r"\D", "", identity.birth_date),
        "sex": sex if sex in ("F", "M", "O") else "",
    }


def _name(stated: str) -> str:
    """Family, given and middle name of the first filled group, without case, accents and punctuation."""
    group = next((group for group in stated.split("=") if group.strip("^ ")), "")
    letters = unicodedata.normalize("NFKD", group).casefold()
    plain = "".join(character for character in letters if not unicodedata.combining(character))
    components = [re.sub(r"[\W_]+", " ", component).strip() for component in plain.split("^")[:3]]
    return "^".join(components).strip("^")


def _names_differ(first: str, second: str) -> bool:
    """True if two names disagree in a component that both state."""
    pairs = zip(first.split("^"), second.split("^"), strict=False)
    return any(one and other and one != other for one, other in pairs)
