"""The character set of what is derived from a radiograph: the source's, unless an added text does not fit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import highdicom
import pytest
from pydicom.dataset import Dataset

from ptx_followup import colours
from ptx_followup.dicom_objects.derived import (
    Equipment,
    cielab,
    keep_texts_readable,
    stamp,
    time_of_creation,
)

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


@pytest.mark.parametrize("offset", ["+0900", "-0330", None])
def test_times_are_in_the_time_zone_that_the_object_states(offset: str | None) -> None:
    header = Dataset()
    if offset is not None:
        header.TimezoneOffsetFromUTC = offset
    made = Dataset()
    stamp(made, time_of_creation(header))
    zone = offset or datetime.now().astimezone().strftime("%z")
    read = datetime.strptime(f"{made.ContentDate} {made.ContentTime} {zone}", "%Y%m%d %H%M%S %z")
    assert abs(datetime.now(UTC) - read) < timedelta(minutes=1)
    assert (made.InstanceCreationDate, made.InstanceCreationTime) == (made.ContentDate, made.ContentTime)


def test_long_names_are_cut_to_what_a_long_string_holds() -> None:
    versions = Equipment("m" * 64, "v" * 64, "ab").software_versions
    assert max(map(len, versions)) == 64


@pytest.mark.parametrize("colour", [value for value in vars(colours).values() if isinstance(value, tuple)])
def test_colours_are_those_that_another_library_recommends(colour: colours.Colour) -> None:
    assert cielab(colour) == list(highdicom.color.CIELabColor.from_rgb(*colour).value)


def test_primaries_of_srgb_have_their_published_coordinates() -> None:
    """CIE L*a*b* of red under D65: 53.24, 80.09, 67.20 (rounded constants give 67.22)."""
    lightness, *opponents = cielab((255, 0, 0))
    assert lightness / 655.35 == pytest.approx(53.24, abs=0.01)
    assert [one / 257 - 128 for one in opponents] == pytest.approx([80.09, 67.20], abs=0.03)
