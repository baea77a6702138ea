"""Which file of a study folder is the radiograph, and which its report."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from made_exams import exam, pixels, save_exam
from pydicom.uid import (
    CTImageStorage,
    DigitalXRayImageStorageForProcessing,
    RLELossless,
    SecondaryCaptureImageStorage,
)

from ptx_followup.errors import InputError, QualityGateError
from ptx_followup.radiograph.study import read_exam, report_beside


def save(path: Path, **changes: object) -> Path:
    exam(**changes).save_as(path, enforce_file_format=True)  # type: ignore[arg-type]
    return path


def test_the_frontal_film_is_found_among_a_lateral_one_pictures_and_other_files(tmp_path: Path) -> None:
    frontal = save_exam(tmp_path)
    save(tmp_path / "lateral.dcm", ViewPosition="LL", ViewCodeSequence=None)
    (tmp_path / "deeper").mkdir()
    cv2.imwrite(str(tmp_path / "deeper" / "export.png"), np.eye(64, dtype=np.uint8) * 255)
    (tmp_path / "notes.txt").write_text("Pneumothorax.")
    assert read_exam(tmp_path).path == frontal


def test_pictures_count_where_no_dicom_file_is_a_frontal_film(tmp_path: Path) -> None:
    save(tmp_path / "lateral.dcm", ViewPosition="LL", ViewCodeSequence=None)
    cv2.imwrite(str(tmp_path / "film.png"), np.eye(64, dtype=np.uint8) * 255)
    assert read_exam(tmp_path).path == tmp_path / "film.png"


def test_no_other_film_takes_the_place_of_one_that_cannot_be_read(tmp_path: Path) -> None:
    save_exam(tmp_path)
    cut = save(tmp_path / "today.dcm")
    cut.write_bytes(cut.read_bytes()[:-5000])
    with pytest.raises(InputError, match=r"today\.dcm .* may be the radiograph that is meant: name a file"):
        read_exam(tmp_path)


def test_objects_of_other_kinds_are_passed_over(tmp_path: Path) -> None:
    frontal = save_exam(tmp_path)
    save(tmp_path / "ct.dcm", SOPClassUID=CTImageStorage, Modality="CT")
    assert read_exam(tmp_path).path == frontal


def test_several_frontal_films_are_listed(tmp_path: Path) -> None:
    save(tmp_path / "a.dcm")
    save(tmp_path / "b.dcm", SOPInstanceUID="2.25.9")
    with pytest.raises(InputError, match=r"2 frontal chest radiographs \(a.dcm, b.dcm\): name one"):
        read_exam(tmp_path)


def test_an_instance_counts_once_in_another_encoding_and_under_another_window(tmp_path: Path) -> None:
    film = save(tmp_path / "a.dcm")
    again = exam(WindowCenter=1800, WindowWidth=4000)
    again.compress(RLELossless, generate_instance_uid=False)
    again.save_as(tmp_path / "b.dcm", enforce_file_format=True)
    assert read_exam(tmp_path).path == film


def test_an_instance_of_another_orientation_is_a_second_film(tmp_path: Path) -> None:
    save(tmp_path / "a.dcm")
    save(tmp_path / "b.dcm", PatientOrientation=["R", "F"])
    with pytest.raises(InputError, match="2 frontal"):
        read_exam(tmp_path)


def test_an_instance_that_lies_there_twice_counts_once(tmp_path: Path) -> None:
    first = save(tmp_path / "a.dcm")
    save(tmp_path / "b.dcm")
    assert read_exam(tmp_path).path == first
    other = np.ascontiguousarray(pixels()[:, ::-1])
    exam(other).save_as(tmp_path / "c.dcm", enforce_file_format=True)
    with pytest.raises(InputError, match=r"2 frontal chest radiographs \(a.dcm, c.dcm\)"):
        read_exam(tmp_path)


def test_a_film_for_processing_does_not_count_beside_one_for_presentation(tmp_path: Path) -> None:
    save(
        tmp_path / "a.dcm",
        SOPClassUID=DigitalXRayImageStorageForProcessing,
        SOPInstanceUID="2.25.9",
        PresentationIntentType="FOR PROCESSING",
    )
    assert read_exam(tmp_path).path == tmp_path / "a.dcm"
    shown = save(tmp_path / "b.dcm")
    radiograph = read_exam(tmp_path)
    assert radiograph.path == shown
    assert not any("for processing" in warning for warning in radiograph.warnings)


@pytest.mark.parametrize("coloured", [False, True])
def test_a_captured_page_beside_the_film_is_passed_over_with_a_warning(
    tmp_path: Path, coloured: bool
) -> None:
    captured = {"SOPClassUID": SecondaryCaptureImageStorage, "Modality": "OT", "SOPInstanceUID": "2.25.9"}
    page = exam(**captured)
    if coloured:
        page.SamplesPerPixel, page.PhotometricInterpretation, page.PlanarConfiguration = 3, "RGB", 0
        page.BitsAllocated, page.BitsStored, page.HighBit = 8, 8, 7
        page.PixelData = bytes(range(256)) * (page.Rows * page.Columns * 3 // 256)
    page.save_as(tmp_path / "page.dcm", enforce_file_format=True)
    film = save(tmp_path / "z.dcm")
    radiograph = read_exam(tmp_path)
    assert radiograph.path == film
    assert radiograph.warnings[-1] == "Secondary captures beside the radiograph were passed over: page.dcm"
    film.unlink()
    if coloured:
        with pytest.raises(InputError, match="may be the radiograph that is meant"):
            read_exam(tmp_path)
    else:  # alone it may be a film that was digitised
        assert read_exam(tmp_path).path == tmp_path / "page.dcm"


def test_our_own_panel_is_no_film(tmp_path: Path) -> None:
    captured = {"SOPClassUID": SecondaryCaptureImageStorage, "Modality": "OT", "SOPInstanceUID": "2.25.9"}
    panel = exam(**captured, Manufacturer="ptx-followup", PhotometricInterpretation="PALETTE COLOR")
    panel.save_as(tmp_path / "panel.dcm", enforce_file_format=True)
    with pytest.raises(InputError, match="holds no frontal chest radiograph"):
        read_exam(tmp_path)
    film = save(tmp_path / "z.dcm")
    assert read_exam(tmp_path).path == film


def test_a_folder_without_a_frontal_film_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no frontal chest radiograph"):
        read_exam(tmp_path)


def test_a_file_is_read_whatever_lies_beside_it_and_says_why_not(tmp_path: Path) -> None:
    lateral = save(tmp_path / "lateral.dcm", ViewPosition="LL", ViewCodeSequence=None)
    save(tmp_path / "frontal.dcm")
    with pytest.raises(QualityGateError, match="lateral"):
        read_exam(lateral)


def test_the_report_has_the_name_of_the_image_or_is_the_only_text_of_the_study(tmp_path: Path) -> None:
    image = tmp_path / "prior.dcm"
    assert report_beside(image, image) is None
    other = tmp_path / "other.txt"
    other.write_text("Pneumothorax.")
    assert report_beside(image, image) is None
    assert report_beside(tmp_path, image) == other
    named = tmp_path / "prior.txt"
    named.write_text("Pneumothorax.")
    assert report_beside(image, image) == report_beside(tmp_path, image) == named
    named.rename(tmp_path / "third.txt")
    assert report_beside(tmp_path, image) is None


def test_a_name_that_is_a_uid_keeps_its_last_number(tmp_path: Path) -> None:
    image = tmp_path / "1.2.840.5"
    (tmp_path / "1.2.840.txt").write_text("Of another film.")
    assert report_beside(image, image) is None
    own = tmp_path / "1.2.840.5.txt"
    own.write_text("Pneumothorax.")
    assert report_beside(image, image) == own
