"""Masks as other programs write them: highdicom's kinds of Segmentation, and volumes of ITK."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
import SimpleITK
from made_exams import save_exam
from numpy.typing import NDArray
from PIL import Image
from pydicom.sr.codedict import codes
from pydicom.uid import RLELossless, generate_uid

from ptx_followup.errors import InputError, UsageError
from ptx_followup.masks.known import as_known_mask, read_known_mask
from ptx_followup.masks.labels import UNNAMED, names_pneumothorax
from ptx_followup.masks.plausible import EMPTY, FILLED, OUTSIDE, doubts_of
from ptx_followup.masks.volume import UNORIENTED
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph

PNEUMOTHORAX = highdicom.sr.CodedConcept("36118008", "SCT", "Pneumothorax")
SHAPE = (256, 224)


def drawn() -> NDArray[np.bool_]:
    """A mask that no mirroring or turning leaves as it is."""
    mask = np.zeros(SHAPE, bool)
    mask[40:80, 30:60] = True
    return mask


@pytest.fixture(scope="module")
def radiograph(tmp_path_factory: pytest.TempPathFactory) -> Radiograph:
    """Stored mirrored, so that file and display differ."""
    stored = np.random.default_rng(0).integers(0, 4000, SHAPE).astype(np.uint16)
    return read_radiograph(save_exam(tmp_path_factory.mktemp("exam"), stored, PatientOrientation=["R", "F"]))


def segmentation(
    radiograph: Radiograph,
    kind: str = "BINARY",
    masks: tuple[NDArray[Any], ...] = (),
    labels: tuple[str, ...] = ("Pneumothorax",),
    kind_of: Any = PNEUMOTHORAX,
    **options: Any,
) -> Any:
    """A Segmentation object of highdicom on the radiograph."""
    assert radiograph.path is not None
    header = pydicom.dcmread(radiograph.path)
    header.StudyInstanceUID = header.get("StudyInstanceUID") or generate_uid()
    described = [
        highdicom.seg.SegmentDescription(
            number, label, codes.SCT.MorphologicallyAbnormalStructure, kind_of, "MANUAL"
        )
        for number, label in enumerate(labels, start=1)
    ]
    pixels = np.stack(masks or (drawn(),), axis=-1)[None]
    pixels = pixels.astype(np.float32 if kind == "FRACTIONAL" else np.uint8)
    if pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    return highdicom.seg.Segmentation(
        [header], pixels, kind, described, generate_uid(), 9, generate_uid(), 1, "a", "b", "1", "1", **options
    )


def read(dataset: Any, radiograph: Radiograph, folder: Path) -> Any:
    dataset.save_as(folder / "mask.dcm")
    return read_known_mask(folder / "mask.dcm", radiograph)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("BINARY", {}),
        ("LABELMAP", {}),
        ("LABELMAP", {"transfer_syntax_uid": RLELossless}),
        ("FRACTIONAL", {"fractional_type": "PROBABILITY"}),
        ("FRACTIONAL", {"fractional_type": "OCCUPANCY", "max_fractional_value": 100}),
    ],
)
def test_every_kind_of_segmentation(
    radiograph: Radiograph, tmp_path: Path, kind: str, options: dict[str, Any]
) -> None:
    known = read(segmentation(radiograph, kind, **options), radiograph, tmp_path)
    assert np.array_equal(known.mask, drawn())
    assert known.warnings == ()


def test_a_label_map_gives_the_segment_of_the_finding(radiograph: Radiograph, tmp_path: Path) -> None:
    other = np.zeros(SHAPE, bool)
    other[100:200, 120:200] = True
    dataset = segmentation(
        radiograph,
        "LABELMAP",
        (other, drawn()),
        ("Lung without pneumothorax", "Pneumothorax"),
        codes.SCT.Tissue,
    )
    assert np.array_equal(read(dataset, radiograph, tmp_path).mask, drawn())


def test_a_true_fraction_is_refused(radiograph: Radiograph, tmp_path: Path) -> None:
    half = drawn() * np.float32(0.5)
    dataset = segmentation(radiograph, "FRACTIONAL", (half,), fractional_type="PROBABILITY")
    with pytest.raises(InputError, match="fractions between none and all"):
        read(dataset, radiograph, tmp_path)
    whole = segmentation(radiograph, "FRACTIONAL", fractional_type="PROBABILITY", max_fractional_value=200)
    whole.MaximumFractionalValue = 255  # its pixels reach 200
    with pytest.raises(InputError, match="fractions between none and all"):
        read(whole, radiograph, tmp_path)


@pytest.mark.parametrize(
    ("kind", "options"), [("BINARY", {}), ("LABELMAP", {}), ("FRACTIONAL", {"fractional_type": "OCCUPANCY"})]
)
def test_the_derivation_names_the_image(
    radiograph: Radiograph, tmp_path: Path, kind: str, options: dict[str, str]
) -> None:
    dataset = segmentation(radiograph, kind, **options)
    del dataset.ReferencedSeriesSequence
    assert np.array_equal(read(dataset, radiograph, tmp_path).mask, drawn())
    for groups in (*dataset.SharedFunctionalGroupsSequence, *dataset.PerFrameFunctionalGroupsSequence):
        if "DerivationImageSequence" in groups:
            for derived in groups.DerivationImageSequence:
                for image in derived.SourceImageSequence:
                    image.ReferencedSOPInstanceUID = "2.25.4"
    with pytest.raises(InputError, match="of another image"):
        read(dataset, radiograph, tmp_path)
    for groups in (*dataset.SharedFunctionalGroupsSequence, *dataset.PerFrameFunctionalGroupsSequence):
        if "DerivationImageSequence" in groups:
            del groups.DerivationImageSequence
    del dataset.SourceImageSequence
    with pytest.raises(InputError, match="names no image"):
        read(dataset, radiograph, tmp_path)


def test_frames_of_another_image_are_left_out(radiograph: Radiograph, tmp_path: Path) -> None:
    second = np.zeros(SHAPE, bool)
    second[150:200, 100:150] = True
    dataset = segmentation(radiograph, masks=(drawn(), second), labels=("Pneumothorax", "Pneumothorax 2"))
    assert np.array_equal(read(dataset, radiograph, tmp_path).mask, drawn() | second)
    dataset = pydicom.dcmread(tmp_path / "mask.dcm")  # whose frames do not share one item
    image = dataset.PerFrameFunctionalGroupsSequence[1].DerivationImageSequence[0].SourceImageSequence[0]
    image.ReferencedSOPInstanceUID = "2.25.4"
    assert np.array_equal(read(dataset, radiograph, tmp_path).mask, drawn())


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("Pneumothorax", True),
        ("pneumothorax_left 2", True),
        ("PTX (R)", True),
        ("Pneumotórax derecho", True),
        ("Lung without pneumothorax", False),
        ("no pneumothorax", False),
        ("Pneumothorax, none", False),
        ("Pneumothorax: ausgeschlossen", False),
        ("pas de pneumothorax", False),
        ("Lunge ohne Pneumothorax", False),
        ("non-pneumothorax", False),
        ("Lung w/o PTX", False),
        ("Lung minus pneumothorax", False),
        ("prepneumothoraxial", False),
        ("Lung", False),
        ("Segment 1", False),
    ],
)
def test_a_label_is_whole_words_without_negation(label: str, names: bool) -> None:
    assert names_pneumothorax(label) is names


@pytest.mark.parametrize(
    ("labels", "outcome"),
    [
        (("Segment 1",), UNNAMED),
        (("Lung without pneumothorax",), "none of a pneumothorax"),
        (("Left lung",), "none of a pneumothorax"),
        (("Segment 1", "Segment 2"), "none of a pneumothorax"),
    ],
)
def test_segments_without_the_type(
    radiograph: Radiograph, tmp_path: Path, labels: tuple[str, ...], outcome: str
) -> None:
    masks = (drawn(), np.roll(drawn(), 100, axis=0))[: len(labels)]
    dataset = segmentation(radiograph, masks=masks, labels=labels, kind_of=codes.SCT.Tissue)
    if outcome == UNNAMED:
        assert read(dataset, radiograph, tmp_path).warnings == (UNNAMED,)
        return
    with pytest.raises(InputError, match=outcome):
        read(dataset, radiograph, tmp_path)


def volume(mask: NDArray[Any], path: Path, **geometry: Any) -> Path:
    """A volume of ITK of one slice."""
    image = SimpleITK.GetImageFromArray(mask.astype(np.uint8)[None])
    image.SetSpacing((0.2, 0.2, 1.0))
    for name, value in geometry.items():
        getattr(image, f"Set{name}")(value)
    SimpleITK.WriteImage(image, str(path), True)
    return path


@pytest.mark.parametrize(
    ("name", "form"), [("m.nii", "NIfTI"), ("m.nii.gz", "NIfTI"), ("m.nrrd", "NRRD"), ("m.seg.nrrd", "NRRD")]
)
def test_a_volume_on_the_grid_of_the_film(
    radiograph: Radiograph, tmp_path: Path, name: str, form: str
) -> None:
    known = read_known_mask(volume(drawn() * 3, tmp_path / name), radiograph)
    assert np.array_equal(known.mask, drawn())
    assert (known.source.format, known.source.algorithm_type) == (form, "MANUAL")
    flat = SimpleITK.GetImageFromArray(drawn().astype(np.uint8))
    SimpleITK.WriteImage(flat, str(tmp_path / name))
    assert np.array_equal(read_known_mask(tmp_path / name, radiograph).mask, drawn())


def test_a_compressed_volume_beside_another_of_its_name(radiograph: Radiograph, tmp_path: Path) -> None:
    path = volume(drawn(), tmp_path / "m.nii.gz")
    volume(np.roll(drawn(), 100, axis=0), tmp_path / "m.nii")
    assert np.array_equal(read_known_mask(path, radiograph).mask, drawn())


@pytest.mark.parametrize("name", ["m.nii.gz", "m.nrrd"])
def test_a_volume_whose_axes_run_otherwise(radiograph: Radiograph, tmp_path: Path, name: str) -> None:
    # The same place on the film with the columns counted from the other end: read, and put the right way.
    last = (SHAPE[1] - 1) * 0.2
    mirrored = {"Direction": (-1, 0, 0, 0, 1, 0, 0, 0, 1), "Origin": (last, 0, 0)}
    known = read_known_mask(volume(drawn()[:, ::-1], tmp_path / name, **mirrored), radiograph)
    assert np.array_equal(known.mask, drawn())
    # Beside the film, as the identity in right-anterior-superior is: where it belongs cannot be known.
    for direction in ((-1, 0, 0, 0, -1, 0, 0, 0, 1), (0, 1, 0, 1, 0, 0, 0, 0, -1)):
        path = volume(drawn(), tmp_path / name, Direction=direction)
        with pytest.raises(InputError, match="lies otherwise than its radiograph"):
            read_known_mask(path, radiograph)


def test_a_nifti_file_without_an_orientation_is_told(radiograph: Radiograph, tmp_path: Path) -> None:
    path = volume(drawn(), tmp_path / "m.nii")
    content = bytearray(path.read_bytes())
    content[252:256] = bytes(4)  # qform_code and sform_code
    path.write_bytes(content)
    known = read_known_mask(path, radiograph)
    assert np.array_equal(known.mask, drawn())
    assert known.warnings == (UNORIENTED,)


def slicer(path: Path, layers: NDArray[np.uint8], fields: dict[str, str]) -> Path:
    """A segmentation as 3D Slicer writes it: layers, rows, columns; and its own fields."""
    count, rows, columns = layers.shape
    several = count > 1
    head = [
        "NRRD0004",
        "type: unsigned char",
        f"dimension: {4 if several else 3}",
        "space: left-posterior-superior",
        f"sizes: {f'{count} ' if several else ''}{columns} {rows} 1",
        f"space directions: {'none ' if several else ''}(0.2,0,0) (0,0.2,0) (0,0,1)",
        f"kinds: {'list ' if several else ''}domain domain domain",
        "encoding: gzip",
        "space origin: (0,0,0)",
        *(f"{key}:={value}" for key, value in fields.items()),
    ]
    content = np.ascontiguousarray(layers.transpose(1, 2, 0)).tobytes()
    path.write_bytes("\n".join(head).encode() + b"\n\n" + gzip.compress(content))
    return path


def named(*segments: tuple[str, int, int]) -> dict[str, str]:
    fields = {"Segmentation_ReferenceImageExtentOffset": "0 0 0"}
    for number, (name, value, layer) in enumerate(segments):
        fields |= {
            f"Segment{number}_Name": name,
            f"Segment{number}_LabelValue": str(value),
            f"Segment{number}_Layer": str(layer),
        }
    return fields


def test_a_segmentation_of_3d_slicer(radiograph: Radiograph, tmp_path: Path) -> None:
    path, mask = tmp_path / "m.seg.nrrd", drawn().astype(np.uint8)
    lung = np.roll(mask, 100, axis=0) * 2
    fields = named(("Lung without pneumothorax", 2, 0), ("Pneumothorax", 1, 0))
    assert np.array_equal(
        read_known_mask(slicer(path, (mask + lung)[None], fields), radiograph).mask, drawn()
    )
    overlapping = named(("Lung", 1, 0), ("PTX", 1, 1))
    layers = np.stack([np.roll(mask, 5, axis=0), mask])
    assert np.array_equal(read_known_mask(slicer(path, layers, overlapping), radiograph).mask, drawn())
    typed = named(("Segment_1", 1, 0), ("Segment_2", 2, 0)) | {
        "Segment0_Tags": "TerminologyEntry:list~SCT^49755003^Altered~SCT^36118008^Pneumothorax~^^~x|"
    }
    assert np.array_equal(read_known_mask(slicer(path, (mask + lung)[None], typed), radiograph).mask, drawn())
    alone = read_known_mask(slicer(path, mask[None], named(("Segment_1", 1, 0))), radiograph)
    assert alone.warnings == (UNNAMED,)
    with pytest.raises(InputError, match="none of a pneumothorax"):
        read_known_mask(slicer(path, mask[None], named(("Lung", 1, 0))), radiograph)


def test_a_cropped_segmentation_of_3d_slicer(radiograph: Radiograph, tmp_path: Path) -> None:
    fields = named(("Pneumothorax", 1, 0)) | {"Segmentation_ReferenceImageExtentOffset": "28 35 0"}
    cropped = drawn()[35:90, 28:70].astype(np.uint8)
    known = read_known_mask(slicer(tmp_path / "m.seg.nrrd", cropped[None], fields), radiograph)
    assert np.array_equal(known.mask, drawn())
    fields["Segmentation_ReferenceImageExtentOffset"] = "200 35 0"
    with pytest.raises(UsageError, match="does not fit"):
        read_known_mask(slicer(tmp_path / "m.seg.nrrd", cropped[None], fields), radiograph)


def test_a_segmentation_of_3d_slicer_without_segments_is_empty(
    radiograph: Radiograph, tmp_path: Path
) -> None:
    fields = {"Segmentation_ContainedRepresentationNames": "Binary labelmap|"}
    path = slicer(tmp_path / "m.seg.nrrd", np.zeros((1, 1, 1), np.uint8), fields)
    known = read_known_mask(path, radiograph)
    assert known.mask.shape == SHAPE
    assert not known.mask.any()


def test_volumes_that_are_no_mask_of_a_film(radiograph: Radiograph, tmp_path: Path) -> None:
    several = np.zeros(SHAPE, np.uint8)
    several[10:20, 10:20], several[30:40, 30:40] = 1, 2
    with pytest.raises(InputError, match="2 labels and does not say"):
        read_known_mask(volume(several, tmp_path / "m.nii.gz"), radiograph)
    with pytest.raises(UsageError, match="does not fit"):
        read_known_mask(volume(drawn().T, tmp_path / "m.nii.gz"), radiograph)
    slices = SimpleITK.GetImageFromArray(np.stack([drawn(), drawn()]).astype(np.uint8))
    SimpleITK.WriteImage(slices, str(tmp_path / "s.nrrd"))
    with pytest.raises(InputError, match="several slices"):
        read_known_mask(tmp_path / "s.nrrd", radiograph)
    fractions = SimpleITK.GetImageFromArray(drawn().astype(np.float32) * 0.5)
    SimpleITK.WriteImage(fractions, str(tmp_path / "f.nrrd"))
    with pytest.raises(InputError, match="values between labels"):
        read_known_mask(tmp_path / "f.nrrd", radiograph)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(drawn().astype(np.uint8)), str(tmp_path / "d.nhdr"))
    with pytest.raises(InputError, match="pixels in another file"):
        read_known_mask(tmp_path / "d.nhdr", radiograph)
    (tmp_path / "other.name").write_bytes((tmp_path / "m.nii.gz").read_bytes())
    with pytest.raises(InputError, match="by another name"):
        read_known_mask(tmp_path / "other.name", radiograph)
    cut = volume(drawn(), tmp_path / "m.nii")
    cut.write_bytes(cut.read_bytes()[:2000])
    with pytest.raises(InputError, match="damaged or cut short"):
        read_known_mask(cut, radiograph)


def png(folder: Path, mask: NDArray[np.bool_]) -> Path:
    Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(folder / "mask.png")
    return folder / "mask.png"


def coloured(mask: NDArray[np.bool_], *colours: tuple[int, ...]) -> NDArray[np.uint8]:
    """The mask in the second colour on the first."""
    return np.where(mask[..., None], *(np.uint8(colour) for colour in reversed(colours)))


def palette(mask: NDArray[np.bool_], *colours: tuple[int, ...]) -> Image.Image:
    picture = Image.fromarray(mask.astype(np.uint8))
    picture.putpalette([level for colour in colours for level in colour])
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        Image.fromarray(drawn().astype(np.uint16) * 65535),
        Image.fromarray(drawn().astype(np.uint16)),
        Image.fromarray(drawn()),
        Image.fromarray(coloured(drawn(), (0, 0, 0), (255, 0, 0))),
        Image.fromarray(coloured(drawn(), (0, 0, 0, 255), (90, 200, 0, 255))),
        palette(drawn(), (0, 0, 0), (0, 120, 255)),
    ],
    ids=["16 bits", "16 bits of 0 and 1", "1 bit", "red", "opaque", "palette"],
)
def test_a_picture_of_any_form(radiograph: Radiograph, tmp_path: Path, picture: Image.Image) -> None:
    picture.save(tmp_path / "mask.png")
    assert np.array_equal(read_known_mask(tmp_path / "mask.png", radiograph).mask, drawn())


@pytest.mark.parametrize(
    ("picture", "problem"),
    [
        (palette(drawn(), (255, 255, 255), (255, 0, 0)), "several colours"),
        (palette(drawn(), (255, 255, 255), (0, 0, 0)), "covers most of the film"),
        (Image.fromarray(coloured(drawn(), (0, 0, 0, 0), (255, 0, 0, 255))), "transparent"),
        (Image.fromarray(coloured(drawn(), (255, 255, 255, 0), (255, 255, 255, 255))), "transparent"),
        (Image.fromarray(coloured(drawn(), (0, 0, 0, 0), (0, 0, 0, 128))), "transparent"),
        (
            Image.fromarray(
                coloured(drawn(), (0, 0, 0), (255, 0, 0))
                + coloured(np.roll(drawn(), 100, axis=0), (0, 0, 0), (0, 255, 0))
            ),
            "several colours",
        ),
    ],
    ids=["white palette", "black on white", "red and clear", "alpha alone", "half clear", "red and green"],
)
def test_a_picture_that_leaves_the_mask_open_is_refused(
    radiograph: Radiograph, tmp_path: Path, picture: Image.Image, problem: str
) -> None:
    picture.save(tmp_path / "mask.png")
    with pytest.raises(InputError, match=problem):
        read_known_mask(tmp_path / "mask.png", radiograph)


def test_a_mask_with_its_colours_swapped_is_refused(radiograph: Radiograph, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="covers most of the film"):
        read_known_mask(png(tmp_path, ~drawn()), radiograph)
    with pytest.raises(InputError, match="covers most of the film"):
        read_known_mask(volume(~drawn(), tmp_path / "m.nrrd"), radiograph)
    with pytest.raises(InputError, match="covers most of the film"):
        as_known_mask(~drawn(), radiograph, "the prior")
    frame = np.ones(SHAPE, bool)
    frame[20:-20, 20:-20] = False
    with pytest.raises(InputError, match="along most of the film's border"):
        read_known_mask(png(tmp_path, frame), radiograph)


def test_a_large_pneumothorax_is_no_swapped_mask(radiograph: Radiograph, tmp_path: Path) -> None:
    large = np.zeros(SHAPE, bool)
    large[10:, 5:100] = True
    assert read_known_mask(png(tmp_path, large), radiograph).mask.sum() == large.sum()


def test_where_a_given_mask_lies_is_looked_at() -> None:
    hemithoraces = np.zeros(SHAPE, np.uint8)
    hemithoraces[40:200, 20:100], hemithoraces[40:200, 124:204] = 1, 2
    small, filled, beside = (np.zeros(SHAPE, bool) for _ in range(3))
    small[40:80, 20:60] = True
    filled[40:150, 20:100] = True
    beside[205:250, 20:200] = True
    assert doubts_of(small, hemithoraces) == []
    assert doubts_of(filled, hemithoraces) == [FILLED.format("right")]
    assert doubts_of(beside, hemithoraces) == [OUTSIDE]
    assert doubts_of(beside & False, hemithoraces) == [EMPTY]
    assert doubts_of(beside, np.zeros(SHAPE, np.uint8)) == []
