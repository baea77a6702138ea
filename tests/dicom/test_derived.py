"""The character set of what is derived from a radiograph: the source's, unless an added text does not fit."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from ptx_followup.dicom.derived import keep_texts_readable

JAPANESE = ["", "ISO 2022 IR 87"]


@pytest.mark.parametrize(
    ("stated", "name", "added", "expected"),
    [
        ("ISO_IR 100", "Müller", "larger", "ISO_IR 100"),
        ("ISO_IR 100", "Müller", "größer", "ISO_IR 100"),
        ("ISO_IR 100", "Müller", "5 mm – 山", "ISO_IR 192"),
        ("ISO_IR 144", "Иванов", "größer", "ISO_IR 192"),
        (JAPANESE, "山田", "larger", JAPANESE),
        (JAPANESE, "山田", "気胸", JAPANESE),
        (JAPANESE, "山田", "größer", "ISO_IR 192"),
        (None, "Miller", "größer", "ISO_IR 100"),
        (None, "Miller", "気胸", "ISO_IR 192"),
        (None, "Miller", "larger", None),
    ],
)
def test_the_character_set_changes_only_where_it_must(
    stated: str | list[str] | None, name: str, added: str, expected: str | list[str] | None
) -> None:
    header = Dataset()
    header.PatientID = name
    if stated is not None:
        header.SpecificCharacterSet = stated
    dataset = Dataset()
    dataset.update(header)
    keep_texts_readable(dataset, header, [added])
    assert dataset.get("SpecificCharacterSet") == expected
