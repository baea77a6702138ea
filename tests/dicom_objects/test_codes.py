"""The coded concepts that objects state, held against pydicom's dictionary of the standard."""

from __future__ import annotations

import pytest
from pydicom.sr.codedict import codes as standard
from pydicom.sr.coding import Code

from ptx_followup.dicom import codes

CONCEPTS = [one for one in vars(codes).values() if isinstance(one, codes.Code)]


def keyword(meaning: str) -> str:
    """How pydicom names a concept: its words without what is no letter."""
    words = "".join(one if one.isalnum() else " " for one in meaning).split()
    return "".join(word[0].upper() + word[1:] for word in words)


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.meaning)
def test_value_and_meaning_are_those_of_the_standard(concept: codes.Code) -> None:
    scheme = getattr(standard, concept.scheme_designator)
    # Units are filed under their full name, of which the meaning may be the sign.
    name = "Millimeter" if concept.meaning == "mm" else keyword(concept.meaning)
    assert getattr(scheme, name) == Code(*concept)


def test_there_are_some() -> None:
    assert len(CONCEPTS) > 40
