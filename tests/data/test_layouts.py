"""The three layouts: what is recognised, what each case holds, and what a wrong folder is told."""

from __future__ import annotations

import numpy as np
import pytest
from made_sets import block, image, loop_encode, write_csv, write_png

from ptx_followup.data.layout import open_data_set
from ptx_followup.data.pairs import follow_up_pairs
from ptx_followup.errors import InputError, UsageError

FIRST = block(2, 9, 3, 12)
SECOND = block(6, 20, 10, 14)
LAST = block(80, 96, 60, 80)  # reaches the last pixel
WIDE = block(5, 20, 3, 30)


def test_all_rows_of_a_candid_image_are_united_the_last_row_of_the_file_included(candid):
    root = candid(
        [
            ("1.2.3", "P1_20200101.dcm", "r", loop_encode(FIRST)),
            ("1.2.4", "P2_20200101.dcm", "r", "-1"),
            ("1.2.3", "P1_20200101.dcm", "r", loop_encode(SECOND)),
            ("1.2.3", "P1_20200101.dcm", "r", loop_encode(LAST)),
        ]
    )
    data_set = open_data_set(root)
    positive, negative = data_set.cases
    assert data_set.layout == "candid"
    assert (data_set.load_mask(positive) == (FIRST | SECOND | LAST)).all()
    assert data_set.mask_area(positive) == (FIRST | SECOND | LAST).sum()
    assert (positive.positive, negative.positive) == (True, False)
    assert not data_set.load_mask(negative).any()


@pytest.mark.parametrize("folder", ["dataset", "chest_radiographs"])
@pytest.mark.parametrize(
    "header",
    [
        ("SOPInstanceUID", "StudyInstanceUID", "filename", "Report", "EncodedPixels"),
        ("anon_SOPUID", "anon_StudyUID", "filename", "Report", "mask_rle"),
    ],
)
def test_both_folder_names_and_both_column_spellings_are_candid(candid, folder, header):
    root = candid([("1.2.03.4", "P1_1.dcm", "A report.", loop_encode(FIRST))], folder=folder, header=header)
    data_set = open_data_set(root)
    case = data_set.cases[0]
    assert case.id == "1.2.03.4"  # not legal, and kept
    assert data_set.load_report(case) == "A report."
    assert data_set.load_image(case).pixels.shape == (96, 80)


def test_candid_patients_and_the_order_of_their_exams_come_from_the_file_name(candid):
    files = {"a": "P7_20200301.dcm", "b": "P7_20191231.dcm", "c": "P8_20200101.dcm", "d": "unnamed.dcm"}
    data_set = open_data_set(candid([(uid, file, "r", "-1") for uid, file in files.items()]))
    assert [case.patient for case in data_set] == ["7", "7", "8", None]
    assert [(prior.id, followup.id) for prior, followup in follow_up_pairs(data_set)] == [("b", "a")]
    assert any("does not document" in note and "3 of 4" in note for note in data_set.notes)


@pytest.mark.parametrize("names", [("P1_03-01-2020.dcm", "P1_01-02-2020.dcm"), ("P1_x.dcm", "P1_y.dcm")])
def test_an_order_that_a_file_name_does_not_tell_is_not_made_up(candid, names):
    data_set = open_data_set(candid([(f"u{place}", name, "r", "-1") for place, name in enumerate(names)]))
    assert [case.order for case in data_set] == [None, None]
    assert follow_up_pairs(data_set) == []


def test_candid_chest_tubes_are_labels(candid):
    root = candid([("a", "P1_1.dcm", "r", "-1"), ("b", "P2_1.dcm", "r", "-1")])
    assert [case.chest_tube for case in open_data_set(root)] == [None, None]
    write_csv(root / "chest_tube.csv", [("anon_SOPUID", "mask_rle"), ("a", "5 3"), ("b", "-1")])
    write_csv(root / "Rib_fracture_mask_rle.csv", [("anon_SOPUID", "mask_rle"), ("b", "5 3")])
    data_set = open_data_set(root)
    assert [case.chest_tube for case in data_set] == [True, False]
    assert [case.extra["rib_fracture"] for case in data_set] == ["0", "1"]


def test_siim_is_opened_as_published_with_blanks_in_its_table(siim):
    data_set = open_data_set(siim([("x.1", loop_encode(WIDE)), ("x.2", "-1")]))
    assert data_set.layout == "siim"
    assert data_set.convention == "relative"
    assert (data_set.load_mask(data_set.cases[0]) == WIDE).all()
    assert [case.patient for case in data_set] == [None, None]


@pytest.mark.parametrize("convention", ["relative", "absolute"])
def test_the_convention_is_recognised_and_said(siim, convention):
    data_set = open_data_set(siim([("a", loop_encode(WIDE, convention)), ("b", "-1")], "stage_2_train.csv"))
    assert data_set.convention == convention
    assert (data_set.load_mask(data_set.cases[0]) == WIDE).all()
    said = "starts are gaps" if convention == "relative" else "starts are pixel numbers from 1"
    assert any(said in note for note in data_set.notes)


def test_codes_along_the_rows_are_read_when_asked_for(siim):
    root = siim([("a", loop_encode(WIDE, "absolute-rows"))])
    data_set = open_data_set(root, convention="absolute-rows")
    assert (data_set.load_mask(data_set.cases[0]) == WIDE).all()


def test_a_convention_that_the_numbers_do_not_tell_must_be_named(siim):
    root = siim([("a", "100 5")])
    with pytest.raises(InputError, match=r"row 2, column EncodedPixels: .* both as gaps and as pixel"):
        open_data_set(root)
    data_set = open_data_set(root, convention="relative")
    assert data_set.load_mask(data_set.cases[0])[100 % 96, 100 // 96]


def test_a_named_convention_that_the_numbers_exclude_is_refused(siim):
    root = siim([("a", loop_encode(WIDE, "relative"))])
    with pytest.raises(InputError, match="row 2, column EncodedPixels cannot be read as absolute"):
        open_data_set(root, convention="absolute")


def test_a_table_of_two_conventions_is_refused(siim):
    root = siim([("a", loop_encode(WIDE, "relative")), ("b", loop_encode(WIDE, "absolute"))])
    with pytest.raises(InputError, match=r"row 2.* only be read as gaps, .*row 3.* only as pixel numbers"):
        open_data_set(root)


def test_a_run_beyond_the_image_names_its_row(candid):
    root = candid([("a", "P1_1.dcm", "r", loop_encode(WIDE)), ("b", "P2_1.dcm", "r", "7675 9 3 2")])
    data_set = open_data_set(root)
    with pytest.raises(InputError, match=r"row 3, column EncodedPixels: a run lies outside the image of 96"):
        data_set.load_mask(data_set.cases[1])


@pytest.mark.parametrize(
    ("code", "message"),
    [("5 x", "expected whole numbers"), ("1 2 3", "found 3 numbers"), ("", "it is empty")],
)
def test_a_malformed_code_names_its_row_and_column(candid, code, message):
    root = candid([("a", "P1_1.dcm", "r", "-1"), ("b", "P1_2.dcm", "r", code)])
    with pytest.raises(InputError, match=f"_reports.csv row 3, column EncodedPixels: .*{message}"):
        open_data_set(root)


def test_a_missing_image_names_the_row_that_lists_it(candid):
    root = candid([("a", "P1_1.dcm", "r", "-1"), ("b", "P1_2.dcm", "r", "-1")], without=["b"])
    with pytest.raises(InputError, match=r"_reports.csv row 3: no image of that name in dataset/"):
        open_data_set(root)
    assert len(open_data_set(root, tolerant=True)) == 2


def test_a_missing_column_is_named(candid):
    header = ("SOPInstanceUID", "StudyInstanceUID", "filename", "Text", "EncodedPixels")
    with pytest.raises(InputError, match="no column Report"):
        open_data_set(candid([("a", "P1_1.dcm", "r", "-1")], header=header))


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", ".hidden", "a\\b", ""])
def test_a_name_that_leaves_the_folder_is_refused(plain, name):
    root = plain([{"id": "a", "pneumothorax": "0"}])
    write_csv(root / "index.csv", [("id", "pneumothorax"), (name, "0")])
    with pytest.raises(InputError, match=r"index.csv row 2, column id"):
        open_data_set(root)


def test_a_plain_folder_takes_what_its_index_says(plain):
    root = plain(
        [
            {
                "id": "a",
                "patient": "7",
                "follow_up": "3",
                "view": "ap",
                "pneumothorax": "1",
                "side": "left",
                "chest_tube": "1",
                "split": "val",
                "age": "40",
                "spacing_mm_row": "0.5",
                "spacing_mm_column": "0.4",
                "spacing_source": "detector-plane",
            },
            {"id": "b", "pneumothorax": "0"},
        ],
        masks={"a": FIRST},
        reports={"a": "Left pneumothorax.".encode("utf-16")},
    )
    data_set = open_data_set(root)
    case, negative = data_set.cases
    assert (case.patient, case.order, case.view, case.part) == ("7", 3, "AP", "validation")
    assert (case.side, case.chest_tube, case.extra) == ("left", True, {"age": "40"})
    assert data_set.load_image(case).trusted_spacing_mm == (0.5, 0.4)
    assert (data_set.load_mask(case) == FIRST).all()
    assert data_set.load_report(case) == "Left pneumothorax."
    assert data_set.load_report(negative) is None
    assert not data_set.load_mask(negative).any()  # no mask file is needed


def test_without_a_statement_the_mask_says_who_is_positive(plain):
    empty = np.zeros_like(FIRST)
    data_set = open_data_set(plain([{"id": "a"}, {"id": "b"}], masks={"a": FIRST, "b": empty}))
    assert [case.positive for case in data_set] == [True, False]


def test_lung_masks_are_recognised_and_never_taken_for_a_pneumothorax(plain):
    labels = FIRST.astype(np.uint8) + 2 * LAST.astype(np.uint8)
    data_set = open_data_set(plain([{"id": "a"}], masks={"a": labels}))
    assert data_set.lung_labels
    assert (data_set.load_lungs(data_set.cases[0]) == labels).all()
    with pytest.raises(InputError, match="its masks are lungs"):
        data_set.load_mask(data_set.cases[0])


def test_reports_may_come_from_another_folder(plain, tmp_path):
    root = plain([{"id": "a", "pneumothorax": "0"}, {"id": "b", "pneumothorax": "0"}], reports={"b": b"Old."})
    (tmp_path / "new").mkdir()
    with pytest.raises(InputError, match="new has no report of plain"):
        open_data_set(root, reports=tmp_path / "new")
    (tmp_path / "new" / "a.txt").write_text("New.")
    data_set = open_data_set(root, reports=tmp_path / "new")
    assert [data_set.load_report(case) for case in data_set] == ["New.", None]


def test_a_mask_of_another_size_is_refused(plain):
    root = plain([{"id": "a", "pneumothorax": "1"}], masks={"a": FIRST[:48]})
    data_set = open_data_set(root)
    with pytest.raises(InputError, match=r"mask a.png is 48 x 80, its image 96 x 80 \(rows x columns\)"):
        data_set.load_mask(data_set.cases[0])


def test_a_mask_with_grey_values_is_refused(plain):
    root = plain([{"id": "a", "pneumothorax": "1"}], masks={"a": image(3)})
    data_set = open_data_set(root)
    with pytest.raises(InputError, match=r"mask a.png has .* values besides 0"):
        data_set.load_mask(data_set.cases[0])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": "a", "pneumothorax": "1"}, "index.csv row 2: no mask of that name in masks/"),
        ({"id": "a", "pneumothorax": ""}, "index.csv row 2: no mask of that name in masks/"),
        ({"id": "a", "pneumothorax": "yes"}, "index.csv row 2, column pneumothorax: not a known value"),
        ({"id": "a", "pneumothorax": "0", "view": "LL"}, "index.csv row 2, column view: not a known value"),
        ({"id": "a", "pneumothorax": "0", "follow_up": "x"}, "column follow_up: not a whole number"),
        ({"id": "a", "pneumothorax": "0", "spacing_mm_row": "0.2"}, "not two lengths"),
    ],
)
def test_a_wrong_index_names_row_and_column(plain, row, message):
    with pytest.raises(InputError, match=message):
        open_data_set(plain([row]))


def test_an_id_stands_in_one_row_only(plain):
    with pytest.raises(InputError, match=r"index.csv row 3, column id: the same id as in an earlier row"):
        open_data_set(plain([{"id": "a", "pneumothorax": "0"}] * 2))


def test_two_files_for_one_image_are_refused(plain):
    root = plain([{"id": "a", "pneumothorax": "0"}])
    write_png(root / "images" / "more" / "a.png", image(1))
    with pytest.raises(InputError, match=r"two images have one name: a\.png: keep one"):
        open_data_set(root)


def test_images_that_no_row_lists_are_counted(plain):
    root = plain([{"id": "a", "pneumothorax": "0"}])
    write_png(root / "images" / "b.png", image(1))
    assert [str(problem) for problem in open_data_set(root).problems] == [
        "images/: 1 images are not in the table, and are left out"
    ]


def test_a_folder_of_no_known_layout_is_told_what_was_expected(tmp_path, plain):
    with pytest.raises(InputError, match="is not a folder"):
        open_data_set(tmp_path / "absent")
    with pytest.raises(InputError, match=r"known layout: .*Pneumothorax_reports.csv.*index.csv"):
        open_data_set(tmp_path)
    root = plain([{"id": "a", "pneumothorax": "0"}])
    with pytest.raises(UsageError, match="no run-length codes"):
        open_data_set(root, convention="relative")
    write_csv(root / "train-rle.csv", [("ImageId", "EncodedPixels")])
    with pytest.raises(InputError, match="several layouts"):
        open_data_set(root)


def test_the_real_folders_open_as_they_are(real_data):
    radiographs, lungs = open_data_set(real_data / "cxr"), open_data_set(real_data / "lungs")
    assert len(radiographs) == 2869
    assert sum(case.positive is True for case in radiographs) == 1559
    assert sum(case.for_figures for case in radiographs) == 2384
    assert {case.weight for case in radiographs} == {1, 0.97, 0.89}
    assert sum(case.united for case in radiographs) == 96
    assert sum(len(case.readings) == 2 for case in radiographs) == 40
    assert lungs.lung_labels
    case = next(case for case in radiographs if case.positive)
    assert radiographs.load_mask(case).sum() == radiographs.mask_area(case) > 0
    read_twice = next(case for case in radiographs if case.readings)
    readings = radiographs.load_readings(read_twice)
    united = radiographs.load_mask(read_twice)
    assert len(readings) == 2
    assert abs(int((readings[0] | readings[1]).sum()) - int(united.sum())) < 0.02 * united.sum()
