"""RTF with form fields, text boxes and footnotes, as word processors write them."""

from __future__ import annotations

import pytest

from ptx_followup.errors import InputError
from ptx_followup.report.findings import understand
from ptx_followup.report.text import decode_report

PLAIN = r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1%s\fftypetxt0\ffhps20}}}{\fldrslt}}"
IN_RUNS = (
    r"{\field\flddirty{\*\fldinst {\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid123 {\*\bkmkstart Check1} FORM}"
    "{\\insrsid124 CHECKBOX }\r\n"
    r"{\rtlch\fcs1 \af0 {\*\datafield 6500000014000000065000}{\*\formfield{\fftype1\fftypetxt0\ffhps20"
    r"{\*\ffname Check1}{\*\ffhelptext FORMDROPDOWN}%s}}}}{\fldrslt {\rtlch\fcs1 \af0 \insrsid123 }}}"
)
WITHOUT_RESULT = r"{\field {\*\fldinst { FORMCHECKBOX }{\*\formfield {\fftype1%s}}}}"
NESTED = r"{{\b {\field{\*\fldinst {{ FORMCHECKBOX {{\*\formfield{\fftype1{%s}}}}}}}{\fldrslt{{}}}}}}"
LIST = (
    r"{\field{\*\fldinst { FORMDROPDOWN }{\*\formfield{\fftype2%s\fftypetxt0\ffhaslistbox{\*\ffname List1}"
    r"{\*\ffl none}{\*\ffl left}{\*\ffl {right} \'28large\'29}}}}{\fldrslt %s}}"
)
TEXT_BOX = (
    r"{\shp{\*\shpinst\shpleft10\shptop20{\sp{\sn shapeType}{\sv 202}}{\shptxt \ltrpar\pard\plain\s1 %s\par}}"
    r"{\shprslt{\*\do\dobxmargin\dptxbx{\dptxbxtext\pard\plain %s\par}}}}"
)
#: Form fields as they are written, and the result in each.
FORMS = [PLAIN, IN_RUNS, WITHOUT_RESULT, NESTED]
ON = [r"\ffres1", r"\ffres25\ffdefres1", r"\ffdefres1", r"\ffres1\ffdefres0"]
OFF = [r"\ffres0", r"\ffres25\ffdefres0", r"\ffdefres0", r"\ffres0\ffdefres1"]


def read(body: str) -> str:
    return decode_report(
        (r"{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}\pard " + body + r"\par}").encode(), "report.rtf"
    )


def words(body: str) -> str:
    return " ".join(read(body).split())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("on", "off"), list(zip(ON, OFF, strict=True)))
def test_check_boxes_keep_their_state(form: str, on: str, off: str) -> None:
    body = rf"{form % on} pneumothorax right\par {form % off} pneumothorax left"
    assert words(body) == "[x] pneumothorax right [ ] pneumothorax left"
    report = understand(read(body))
    assert (report.present, report.side) == (True, "right")


@pytest.mark.parametrize(
    "layout",
    [
        r"Pneumothorax: {0} right {1} left",
        r"Pneumothorax:\tab {1} left\tab {0} right",
        r"\trowd\cellx100\cellx200\cellx300\intbl Pneumothorax:\cell {0} right\cell {1} left\cell\row",
    ],
)
def test_boxes_in_a_line_or_a_table_tell_the_side(layout: str) -> None:
    body = layout.replace("{0}", IN_RUNS % r"\ffres1").replace("{1}", IN_RUNS % r"\ffres0")
    report = understand(read(body))
    assert (report.present, report.side) == (True, "right")


def test_characters_that_are_boxes_stay() -> None:
    assert words(r"\u9746? pneumothorax right\par \u9744? pneumothorax left") == (
        "\u2612 pneumothorax right \u2610 pneumothorax left"
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "state", ["", r"\ffres", r"\ffres25", r"\ffres7", r"\ffres-1", r"\ffres25\ffdefres25"]
)
def test_a_box_without_a_state_is_refused(form: str, state: str) -> None:
    """Its label alone would read as a statement."""
    with pytest.raises(InputError, match="damaged rich text"):
        read(rf"{form % state} pneumothorax left")


@pytest.mark.parametrize(
    "hidden", [r"{\v %s}", r"{\deleted %s}", r"{\header %s\par}", r"{\*\unknown %s}", r"{\strike %s}"]
)
@pytest.mark.parametrize("state", [r"\ffres1", ""])
def test_a_box_that_is_not_seen_is_none(hidden: str, state: str) -> None:
    assert words(f"Clear. {hidden % (PLAIN % state)}") == "Clear."


def test_a_box_whose_own_words_were_deleted_is_none() -> None:
    field = r"{\field{\*\fldinst {\deleted FORMCHECKBOX }{\*\formfield{\fftype1\ffres1}}}{\fldrslt}}"
    assert words(f"Clear. {field}") == "Clear."


@pytest.mark.parametrize(
    ("state", "chosen"),
    [
        (r"\ffres1", "left"),
        (r"\ffres0", "none"),
        (r"\ffres2", "right (large)"),
        (r"\ffres25\ffdefres1", "left"),
        (r"\ffdefres0", "none"),
    ],
)
def test_a_drop_down_is_its_chosen_entry(state: str, chosen: str) -> None:
    assert words(f"Pneumothorax: {LIST % (state, '')}.") == f"Pneumothorax: {chosen}."
    assert words(f"Pneumothorax: {LIST % (state, chosen)}.") == f"Pneumothorax: {chosen}."


@pytest.mark.parametrize("state", ["", r"\ffres3", r"\ffres-1", r"\ffres25"])
def test_a_drop_down_without_a_choice_is_its_shown_text_or_refused(state: str) -> None:
    assert words(f"Pneumothorax: {LIST % (state, 'left')}.") == "Pneumothorax: left."
    with pytest.raises(InputError, match="damaged rich text"):
        read(f"Pneumothorax: {LIST % (state, '')}.")


def test_text_boxes_and_footnotes_follow_their_line() -> None:
    box = TEXT_BOX % (("Left pneumothorax.",) * 2)
    note = r"{\super\chftn{\footnote\pard\plain {\super\chftn} Drain removed.{\*\footnote\pard Yesterday.}}}"
    text = read(rf"There is a small{note} change.{box}\par Heart normal.")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert lines == [
        "There is a small change.",
        "Drain removed.",
        "Yesterday.",
        "Left pneumothorax.",
        "Heart normal.",
    ]
    report = understand(read(box))
    assert (report.present, report.side) == (True, "left")


def test_a_text_box_cuts_no_row_of_a_table() -> None:
    box = TEXT_BOX % (("Drain.",) * 2)
    row = rf"\trowd\intbl Pneumothorax{box}\cell left\cell\row Heart normal."
    lines = [line.strip() for line in read(row).splitlines() if line.strip()]
    assert lines == ["Pneumothorax|left|", "Drain.", "Heart normal."]


def test_text_boxes_of_old_drawings_and_of_groups_are_read() -> None:
    old = r"{\*\do\dobxpage\dptxbx{\dptxbxtext\pard\plain Left pneumothorax.\par}}"
    group = (
        r"{\shpgrp{\*\shpinst{\shp{\*\shpinst{\shptxt\pard Left pneumothorax. "
        + PLAIN % r"\ffres1"
        + r"new}}}}}"
    )
    assert words(old) == "Left pneumothorax."
    assert words(group) == "Left pneumothorax. [x] new"


@pytest.mark.parametrize(
    "hidden",
    [r"{\v %s}", r"{\deleted\plain\deleted %s}", r"{\header %s\par}", r"{\*\unknown %s}", r"{\pict %s}"],
)
@pytest.mark.parametrize(
    "note", [r"{\footnote\pard\plain Left pneumothorax.}", TEXT_BOX % (("Left pneumothorax.",) * 2)]
)
def test_notes_of_what_is_not_seen_are_none(hidden: str, note: str) -> None:
    assert words(f"Clear. {hidden % note}") == "Clear."


def test_deleted_words_in_a_note_are_left_out() -> None:
    assert (
        words(r"Clear.{\footnote\pard No pneumothorax{\deleted  on the left}.}") == "Clear. No pneumothorax."
    )


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        (
            r"{\field{\*\fldinst FORMTEXT {\*\formfield{\fftype0\ffres0}}}{\fldrslt Left pneumothorax.}}",
            "Left pneumothorax.",
        ),
        (r"{\field{\*\fldinst DATE}{\fldrslt 1 May}}", "1 May"),
        (r"{\field{\*\fldinst }{\fldrslt Clear.}}", "Clear."),
        (r"{\field{\fldrslt Clear.}}", "Clear."),
        (r"{\field{\*\fldinst FORMFOO {\*\formfield{\ffres1\ffl}}}{\fldrslt Clear.}", "Clear."),
        (r"\field\field Clear.", "Clear."),
        (r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres1}}", "[x]"),
    ],
)
def test_other_and_broken_fields_stay(field: str, shown: str) -> None:
    assert words(field) == shown


@pytest.mark.parametrize("opening", ["{", r"{\field ", r"{\footnote ", r"{\shp{\*\shpinst{\shptxt "])
def test_deep_nesting_is_read(opening: str) -> None:
    assert words(opening * 20_000 + "Left pneumothorax.") == "Left pneumothorax."


def test_deep_fields_without_an_answer_are_refused() -> None:
    with pytest.raises(InputError, match=r"report\.rtf"):
        read(r"{\field{\*\fldinst FORMCHECKBOX" * 20_000)
