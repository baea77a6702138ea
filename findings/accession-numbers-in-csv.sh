#!/usr/bin/env bash
# Accession numbers in a CSV file, read with the defaults of pandas 3.1.1 and pyarrow 26.0.1. Leading zeros aside:
# - numbers with an E for a department are powers of ten: 24E0001 and 240E0000 are both 240.0, 24E1312 and 25E2001 both inf;
# - 17 digits with one cell empty become float64 in pandas: ...0017 and ...0018 are one number; pyarrow does so with 20 digits.
# Different exams are so joined as one, without an error or a warning. Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pandas==3.1.1 pyarrow==26.0.1 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import io
import pandas, pyarrow
from pyarrow import csv


def by_pandas(*numbers):
    return pandas.read_csv(io.StringIO("accession,row\n" + "".join(f"{one},x\n" for one in numbers)))["accession"].dropna().tolist()


def by_pyarrow(*numbers):
    table = csv.read_csv(io.BytesIO(("accession,row\n" + "".join(f"{one},x\n" for one in numbers)).encode()))
    return table["accession"].drop_null().to_pylist()


print("pandas", pandas.__version__, "pyarrow", pyarrow.__version__)
seen = []
for numbers in (
    ("24E0001", "240E0000"),
    ("24E1312", "25E2001"),
    ("20240131000000017", "20240131000000018", ""),
    ("20240131000000000017", "20240131000000000018"),
):
    read = by_pandas(*numbers), by_pyarrow(*numbers)
    seen.append(tuple(len(set(one)) for one in read))
    print(f"{numbers}: pandas {read[0]}, pyarrow {read[1]}")
print("different numbers of two, pandas and pyarrow:", seen)
raise SystemExit(0 if seen == [(1, 1), (1, 1), (1, 2), (2, 1)] else 1)
PYTHON
