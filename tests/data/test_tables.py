"""Tables of annotations: what is read, and what a broken one is told."""

from __future__ import annotations

import pytest

from ptx_followup.data.tables import read_table
from ptx_followup.errors import InputError


def write(tmp_path, content: bytes):
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    return path


def test_blanks_around_names_and_values_do_not_matter(tmp_path):
    table = read_table(write(tmp_path, b"ImageId, EncodedPixels\na, -1\n"))
    assert table.columns == ("ImageId", "EncodedPixels")
    assert table.rows[0].values == {"ImageId": "a", "EncodedPixels": "-1"}


def test_capitals_of_a_column_do_not_matter(tmp_path):
    table = read_table(write(tmp_path, b"sopinstanceuid\na\n"))
    assert table.require("SOPInstanceUID", "anon_SOPUID") == "sopinstanceuid"


def test_a_report_may_run_over_lines_and_hold_commas_and_quotes(tmp_path):
    table = read_table(write(tmp_path, b'id,Report\na,"one,\r\n""two"""\nb,three\n'))
    assert [row.values["Report"] for row in table.rows] == ['one,\r\n"two"', "three"]
    assert table.rows[1].number == 3  # as a spreadsheet counts


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("\ufeffid,Report\na,caf\u00e9\n".encode(), "utf-8"),
        ("id,Report\na,caf\u00e9\n".encode("latin-1"), "latin-1"),
    ],
)
def test_utf_8_and_latin_1_are_told_apart(tmp_path, content, encoding):
    table = read_table(write(tmp_path, content))
    assert table.encoding == encoding
    assert table.rows[0].values == {"id": "a", "Report": "caf\u00e9"}


def test_a_code_longer_than_the_csv_module_allows_is_read(tmp_path):
    code = "1 1 " * 100_000
    table = read_table(write(tmp_path, f"id,code\na,{code}\n".encode()))
    assert table.rows[0].values["code"] == code.strip()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "labels.csv is empty"),
        (b"a;b\n1;2\n", "separated by semicolons"),
        (b"a,A\n1,2\n", "names a column twice"),
        (b"a,b\n1,2\n1,2,3\n", "labels.csv row 3 has 3 fields, expected 2"),
        (b'a,b\n1,"2\n', "labels.csv line 2: not a CSV file"),
        ("a,b\n1,2\n".encode("utf-16"), "labels.csv is not UTF-8 or Latin-1 text"),
    ],
)
def test_a_broken_table_is_told_where_and_what(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        read_table(write(tmp_path, content))


def test_a_missing_column_is_named_with_its_spellings(tmp_path):
    table = read_table(write(tmp_path, b"name,Report\na,b\n"))
    with pytest.raises(InputError, match=r"csv row 1 \(header\): no column SOPInstanceUID or anon_SOPUID"):
        table.require("SOPInstanceUID", "anon_SOPUID")
