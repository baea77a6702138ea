"""Presentation states: valid to independent checkers, drawn where the masks are, shown as they were seen."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pydicom
import pytest
from made_comparison import LATER, compared
from made_exams import exam, pixels, save_exam
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import GrayscaleSoftcopyPresentationStateStorage

from ptx_followup import DISCLAIMER
from ptx_followup.dicom_objects.derived import Equipment
from ptx_followup.dicom_objects.outlines import MOST_POINTS, outlines
from ptx_followup.dicom_objects.presentation import Layer, outline_marks, write_presentation
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.results.comparison import write_comparison_results

if TYPE_CHECKING:
    from ptx_followup.followup.compare import FollowUp
    from ptx_followup.segmentation.segmenter import Segmenter

Program = Callable[[str, str], str]
EQUIPMENT = Equipment("model", "1", "ab")
WHITE = (255, 255, 255)


def filled(lines: list[NDArray[np.float32]], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """What closed lines enclose, with the pixels that they run through; holes by the even-odd rule."""
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [np.rint(line - 0.5).astype(np.int32) for line in lines], 1)
    return canvas > 0


def test_outlines_enclose_the_mask_and_nothing_else() -> None:
    mask = np.zeros((60, 80), bool)
    mask[5:30, 10:40] = True
    mask[30:50, 20:25] = True
    mask[2, 70] = True
    lines = outlines(mask)
    assert all(np.array_equal(line[0], line[-1]) for line in lines)
    assert np.array_equal(filled(lines, mask.shape), mask)
    mask[10:20, 15:25] = False
    assert np.array_equal(filled(outlines(mask), mask.shape), mask)
    assert outlines(np.zeros((5, 5), bool)) == []


def test_an_outline_fits_into_one_element_whatever_its_mask() -> None:
    """A comb: more corners than an element of Explicit VR has room for."""
    mask = np.zeros((40, 40_000), bool)
    mask[:20] = True
    mask[20:, ::2] = True
    (line,) = outlines(mask)
    assert len(line) <= MOST_POINTS
    assert (line.max(axis=0) <= (40_000, 40)).all()


@pytest.fixture(scope="module")
def result(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> FollowUp:
    return compared(segmenter, tmp_path_factory.mktemp("exams"))


@pytest.fixture(scope="module")
def written(result: FollowUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    write_comparison_results(result, folder)
    return folder


def layer(dataset: Dataset, name: str) -> list[NDArray[np.float64]]:
    """The lines of a layer, points x (column, row)."""
    return [
        np.reshape(graphic.GraphicData, (-1, 2))
        for annotation in dataset.GraphicAnnotationSequence
        if annotation.GraphicLayer == name
        for graphic in annotation.get("GraphicObjectSequence", [])
    ]


def words(dataset: Dataset) -> str:
    return "\n".join(
        text.UnformattedTextValue.replace("\r\n", " ")
        for annotation in dataset.GraphicAnnotationSequence
        for text in annotation.get("TextObjectSequence", [])
    )


@pytest.mark.integration
@pytest.mark.parametrize("name", ["prior", "followup"])
def test_independent_checkers_accept_it(written: Path, name: str, program: Program) -> None:
    path = written / f"{name}.outlines.dcm"
    checked = subprocess.run(
        [program("dciodvfy", "dicom3tools"), "-new", path], capture_output=True, text=True, check=False
    )
    assert "GrayscaleSoftcopyPresentationState" in checked.stderr
    assert "Error" not in checked.stderr
    parsed = subprocess.run([program("dcmpschk", "dcmtk"), path], capture_output=True, text=True, check=False)
    assert parsed.stderr.splitlines()[-1].endswith("Test passed.")


def test_each_exam_has_its_marks_in_layers_of_their_own(result: FollowUp, written: Path) -> None:
    for name, one in (("prior", result.prior), ("followup", result.followup)):
        dataset = pydicom.dcmread(written / f"{name}.outlines.dcm")
        assert dataset.SOPClassUID == GrayscaleSoftcopyPresentationStateStorage
        assert "research use only" in dataset.SeriesDescription
        image = dataset.ReferencedSeriesSequence[0].ReferencedImageSequence[0]
        assert image.ReferencedSOPInstanceUID == one.radiograph.sop_instance_uid
        layers = [item.GraphicLayer for item in dataset.GraphicLayerSequence]
        prior = [] if name == "prior" else ["PRIOR"]
        assert layers == ["HEMITHORACES", *prior, "PNEUMOTHORAX", "MEASURES", "TEXT"]
        shape = one.segmentation.mask.shape
        assert np.array_equal(filled(layer(dataset, "PNEUMOTHORAX"), shape), one.segmentation.mask)
        hemithoraces = one.radiograph.to_stored(one.segmentation.hemithoraces) > 0
        assert np.array_equal(filled(layer(dataset, "HEMITHORACES"), shape), hemithoraces)
        measured = one.distances.sides["right"].hilum
        ends = np.array([measured.start, measured.end])[:, ::-1] + 0.5
        assert any(np.array_equal(line, ends) for line in layer(dataset, "MEASURES"))
    assert dataset.StudyInstanceUID == LATER["StudyInstanceUID"]
    assert result.projected_mask is not None
    assert np.array_equal(filled(layer(dataset, "PRIOR"), shape), result.projected_mask)


def test_sizes_and_change_stand_there_in_words(result: FollowUp, written: Path) -> None:
    prior, followup = (words(pydicom.dcmread(written / f"{n}.outlines.dcm")) for n in ("prior", "followup"))
    low, high = result.changes["right"].leading.prior_interval or (0, 0)
    assert f"(95 % {low:.1f} to {high:.1f})".replace(".0", "") in prior.replace(".0", "")
    assert "Research use only" in prior
    assert result.sentence in followup
    assert result.sentence not in prior


def test_a_second_run_makes_the_same_instance(result: FollowUp, written: Path, tmp_path: Path) -> None:
    write_comparison_results(result, tmp_path)
    for name in ("prior.outlines.dcm", "followup.outlines.dcm"):
        first, second = (pydicom.dcmread(folder / name) for folder in (written, tmp_path))
        assert first.SOPInstanceUID == second.SOPInstanceUID
        assert first.SeriesInstanceUID == second.SeriesInstanceUID


def table(entries: NDArray[np.integer[Any]], first: int = 0) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "SS", [len(entries), first, 16])
    item.LUTData = entries.astype("<u2").tobytes()
    return item


#: Modality values from -2048 on.
BELOW_ZERO = {"RescaleSlope": 1, "RescaleIntercept": -2048, "WindowCenter": -300, "WindowWidth": 2400}
CURVE = (65535 * (np.arange(4096) / 4095) ** 0.5).astype(np.uint16)


@pytest.mark.integration
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"WindowCenter": 1500, "WindowWidth": 1200},
        {"WindowCenter": None, "WindowWidth": None},
        {"WindowCenter": 1500, "WindowWidth": 1200, "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": 3000, "WindowWidth": 2400, "RescaleSlope": 2, "RescaleIntercept": -100},
        {"WindowCenter": 2048, "WindowWidth": 4096, "PhotometricInterpretation": "MONOCHROME1"},
        {"WindowCenter": None, "WindowWidth": None, "VOILUTSequence": [table(CURVE)]},
        BELOW_ZERO,
        BELOW_ZERO | {"VOILUTFunction": "SIGMOID"},
        BELOW_ZERO | {"VOILUTFunction": "LINEAR_EXACT"},
        BELOW_ZERO
        | {"VOILUTFunction": "SIGMOID", "RescaleSlope": 15, "PhotometricInterpretation": "MONOCHROME1"},
        BELOW_ZERO | {"WindowCenter": None, "WindowWidth": None, "VOILUTSequence": [table(CURVE, -2048)]},
    ],
    ids=[
        *("header", "narrow", "from the pixels", "sigmoid", "rescaled", "MONOCHROME1", "table"),
        *(
            "below zero",
            "sigmoid below zero",
            "exact below zero",
            "sigmoid, most entries",
            "table below zero",
        ),
    ],
)
@pytest.mark.parametrize("turned", [False, True], ids=["as found", "turned round"])
def test_dcmtk_shows_what_the_network_saw(
    tmp_path: Path, program: Program, changes: dict[str, Any], turned: bool
) -> None:
    """Rendered by DCMTK under the presentation state, against the display values; 8 bits."""
    path = save_exam(tmp_path, **changes)
    radiograph = read_radiograph(path)
    if turned:
        radiograph = radiograph.turned_round()
    marks = tuple(outline_marks(radiograph.to_stored(radiograph.pixels) > 0.5))
    layers = [Layer("MARKS", "Marks", WHITE, marks)]
    state = tmp_path / "state.dcm"
    write_presentation(state, path, radiograph, layers, EQUIPMENT, series_number=1)
    command = [program("dcmp2pgm", "dcmtk"), "-p", state, path, tmp_path / "shown.pgm"]
    subprocess.run(command, check=True, capture_output=True)
    shown = cv2.imread(str(tmp_path / "shown.pgm"), cv2.IMREAD_UNCHANGED).astype(np.float64)
    wanted = radiograph.to_stored(radiograph.pixels) * 255
    assert np.abs(shown - wanted).max() <= 2


def test_a_table_whose_count_needs_16_bits_is_shown(tmp_path: Path, program: Program) -> None:
    """Under a descriptor with sign, as values below zero need one, the count stays unsigned."""
    test_dcmtk_shows_what_the_network_saw(
        tmp_path,
        program,
        {"RescaleSlope": 12, "RescaleIntercept": -20000, "WindowCenter": 0, "WindowWidth": 30000}
        | {"VOILUTFunction": "SIGMOID"},
        turned=False,
    )


@pytest.mark.parametrize("length", [0, 500, 900, 950, 3000])
def test_the_disclaimer_stands_under_a_text_of_any_length(tmp_path: Path, length: int) -> None:
    path, state = save_exam(tmp_path), tmp_path / "state.dcm"
    texts = ("Larger.", "indeterminate " * (length // 14))
    write_presentation(
        state,
        path,
        read_radiograph(path),
        [Layer("TEXT", "Text", WHITE, (), texts)],
        EQUIPMENT,
        series_number=1,
    )
    shown = words(pydicom.dcmread(state))
    assert shown.startswith("Larger.")
    assert shown.endswith(DISCLAIMER)
    assert ("..." in shown) == (length > 900)


def test_points_follow_the_mask_on_a_film_that_was_mirrored_and_turned(tmp_path: Path) -> None:
    for orientation in (["L", "F"], ["R", "F"], ["F", "L"], ["H", "R"], ["R", "H"]):
        radiograph = read_radiograph(save_exam(tmp_path, PatientOrientation=orientation))
        marked = np.zeros(radiograph.pixels.shape, bool)
        marked[20, 70] = True
        (where,) = np.argwhere(radiograph.to_stored(marked))
        assert radiograph.to_stored_point(20, 70) == tuple(where)


def test_a_film_in_colours_has_none(tmp_path: Path) -> None:
    stored = np.repeat((pixels() >> 4).astype(np.uint8)[..., np.newaxis], 3, axis=2)
    film = exam(PlanarConfiguration=0, SamplesPerPixel=3, PhotometricInterpretation="RGB")
    film.BitsAllocated, film.BitsStored, film.HighBit, film.PixelData = 8, 8, 7, stored.tobytes()
    path, state = tmp_path / "film.dcm", tmp_path / "state.dcm"
    film.save_as(path, enforce_file_format=True)
    state.write_bytes(b"older")
    write_presentation(state, path, read_radiograph(path), [], EQUIPMENT, series_number=1)
    assert not state.exists()
