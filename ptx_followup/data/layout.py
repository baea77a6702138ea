"""Opening a data set: which of the known layouts a folder has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ptx_followup.data import candid, folder, siim
from ptx_followup.data.dataset import DataSet
from ptx_followup.data.rle import Convention
from ptx_followup.errors import InputError, UsageError


def open_data_set(
    path: Path,
    *,
    convention: Convention | None = None,
    reports: Path | None = None,
    tolerant: bool = False,
) -> DataSet:
    """Open a data set, recognising its layout by its table.

    Args:
        path: Folder with `Pneumothorax_reports.csv` (CANDID-PTX), `train-rle.csv` or `stage_2_train.csv`
            (SIIM-ACR), or `index.csv` (plain folder; see `ptx_followup.data.folder`).
        convention: How run-length codes are counted; None to recognise it from their numbers.
        reports: Folder of reports ID.txt to use instead of the data set's own; None for its own.
        tolerant: Open it in spite of errors in its tables, which are then in `DataSet.problems`.

    Raises:
        InputError: The folder has no known layout or several, a table is not as documented, the run-length
            convention cannot be recognised, or (unless `tolerant`) a listed image or mask is missing or a
            run-length code malformed; no file in `reports` belongs to a case.
        UsageError: A run-length convention is named for a data set without run-length codes.
    """
    if not path.is_dir():
        hint = "name the folder that holds the table" if path.exists() else "check the path"
        raise InputError(f"{path} is not a folder", hint)
    table = _table(path)
    if table.name == folder.INDEX:
        if convention is not None:
            raise UsageError(f"{path.name} has no run-length codes", "leave --rle out")
        data_set = folder.open_folder(path)
    elif table.name == candid.TABLE:
        data_set = candid.open_candid(path, convention)
    else:
        data_set = siim.open_siim(path, table, convention)
    if not data_set.cases:
        raise InputError(f"{table.name} lists no case", "expected one row per annotation or image")
    if not tolerant:
        _refuse_errors(data_set)
    return data_set if reports is None else _with_reports(data_set, reports)


def _table(path: Path) -> Path:
    known = (candid.TABLE, *siim.TABLES, folder.INDEX)
    present = [path / name for name in known if (path / name).is_file()]
    if not present:
        raise InputError(
            f"{path} is not a data set of a known layout", f"expected one of {', '.join(known)} in it"
        )
    if len(present) > 1:
        names = " and ".join(table.name for table in present)
        raise InputError(
            f"{path} has the tables of several layouts: {names}", "keep one of them in the folder"
        )
    return present[0]


def _with_reports(data_set: DataSet, folder: Path) -> DataSet:
    files = {path.stem: path for path in folder.glob("*.txt")}
    if not any(case.id in files for case in data_set):
        raise InputError(f"{folder} has no report of {data_set.root.name}", "expected files named ID.txt")
    cases = tuple(replace(case, report_text=None, report_file=files.get(case.id)) for case in data_set)
    return replace(data_set, cases=cases)


def _refuse_errors(data_set: DataSet) -> None:
    errors = [problem for problem in data_set.problems if problem.severity == "error"]
    if errors:
        others = f" (and {len(errors) - 1} more errors)" if len(errors) > 1 else ""
        raise InputError(
            f"{errors[0]}{others}",
            f"`ptx data check {data_set.root}` lists them all, `ptx data convert` leaves such cases out",
        )
