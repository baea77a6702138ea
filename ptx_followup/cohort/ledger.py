"""What is done already: one record a case, in its folder, which appears whole or not at all.

    DIR/cases/CASE/        what `ptx compare` writes, and case.json, the record
    DIR/failures/CASE.json why a case failed
    DIR/.key               what names are digested with
    DIR/work/              where folders of cases are filled; nothing in it counts

A case folder is filled in `work/` and renamed to its place, record and all: that moment is when the case is
done, whoever is killed before or after. A record names inputs by stamps (a digest of path, size and time of
change) and by the SHA-256 of their content; it holds no path.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ptx_followup.cohort.case import ACCESSIONS, FILES, Case, Outcome, Terms
from ptx_followup.files.storage import sha256_of_file, write_atomically
from ptx_followup.radiograph.study import report_beside

RECORD, KEY = "case.json", ".key"
SCHEMA = "ptx-case/1"


@dataclass(frozen=True)
class Ledger:
    """The records of a cohort's folder, under given terms.

    Attributes:
        root: The folder.
        terms: Records under others do not count.
    """

    root: Path
    terms: Terms

    @property
    def cases(self) -> Path:
        """The folders of cases."""
        return self.root / "cases"

    @property
    def failures(self) -> Path:
        """The records of failures."""
        return self.root / "failures"

    def find(self, case: Case, *, verify: bool = False) -> Outcome | None:
        """How a case ended, under these terms and with the inputs as they are now; None if it did not.

        Args:
            case: Which.
            verify: Trust no stamp: hash the inputs again.
        """
        for known in self._records(case):
            if self._holds(known, case, verify=verify):
                return Outcome.from_json(known["outcome"])
        return None

    def recorded(self, case: Case) -> Outcome | None:
        """How a case ended under these terms, whatever has become of its inputs; None if it did not."""
        return next((Outcome.from_json(known["outcome"]) for known in self._records(case)), None)

    def publish(self, case: Case, folder: Path, outcome: Outcome, seen: Mapping[str, Any]) -> None:
        """Write the record into a filled folder and bring it to its place, all at once.

        A folder of the same case under other terms, or with other inputs, is replaced. Where another process
        was first with the same result, that one stays.

        Args:
            case: Which.
            folder: Below `work/`.
            outcome: How it ended.
            seen: Of `look_at` with hashes, from before the work began.
        """
        self._write(folder / RECORD, outcome, seen)
        place = self.cases / case.id
        self.cases.mkdir(exist_ok=True, mode=0o700)
        for _ in range(2):
            try:
                folder.rename(place)
                break
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            earlier = _read(place / RECORD)
            if earlier is not None and earlier["terms"] == self.terms.digest and earlier["seen"] == seen:
                return
            self.forget(case)
        (self.failures / f"{case.id}.json").unlink(missing_ok=True)

    def fail(self, case: Case, outcome: Outcome, seen: Mapping[str, Any]) -> None:
        """Record a failure; what an earlier run under other terms left of the case goes.

        Args:
            case: Which.
            outcome: How it ended.
            seen: Of `look_at`, from before the work began: what is mended meanwhile shall run again.
        """
        self.forget(case)
        self._write(self.failures / f"{case.id}.json", outcome, seen)

    def look_at(self, case: Case, *, hashes: bool) -> dict[str, dict[str, str]]:
        """The inputs of a case as they are: stamps, and SHA-256 of their content where `hashes` are wanted.

        Reports that lie beside a file are inputs too. A study folder stands for all its files.
        """
        found = {name: path for name in FILES if (path := getattr(case, name)) is not None}
        for report, exam in (("report", "prior"), ("followup_report", "followup")):
            image = found.get(exam)
            if report not in found and image is not None and not self.terms.options.no_report:
                beside = report_beside(image, image) if image.is_file() else None
                found |= {} if beside is None else {report: beside}
        key = self.key
        named = {
            name: keyed_digest(key, stated)
            for name in ACCESSIONS
            if (stated := getattr(case, name)) is not None
        }
        stamps = {name: keyed_digest(key, *_stamps(path)) for name, path in found.items()}
        contents = {name: self._content(path) for name, path in found.items()} | named if hashes else {}
        return {"stamps": stamps | named, "sha256": contents}

    def _content(self, path: Path) -> str:
        """SHA-256 of an input; keyed for results without identity, as others may have the same file."""
        content = _content(path)
        return keyed_digest(self.key, content) if content and self.terms.options.deidentify else content

    @cached_property
    def key(self) -> bytes:
        """What names are digested with in this folder, so that nobody finds them out by trying."""
        return folder_key(self.root)

    def forget(self, case: Case) -> None:
        """Remove the folder of a case, if there is one."""
        with suppress(FileNotFoundError), filling(self.root, "old") as away:
            (self.cases / case.id).rename(away / case.id)

    def _write(self, path: Path, outcome: Outcome, seen: Mapping[str, Any]) -> None:
        record = {"schema": SCHEMA, "terms": self.terms.digest, "seen": seen, "outcome": outcome.to_json()}
        text = json.dumps(record, ensure_ascii=False, allow_nan=False)
        write_atomically(path, lambda file: file.write(text.encode()))

    def _records(self, case: Case) -> Iterator[dict[str, Any]]:
        for place in (self.cases / case.id / RECORD, self.failures / f"{case.id}.json"):
            record = _read(place)
            if record is not None and record["terms"] == self.terms.digest:
                yield record

    def _holds(self, record: Mapping[str, Any], case: Case, *, verify: bool) -> bool:
        # The same content elsewhere, or with another time, is the same input; a failure has no hashes.
        name = "sha256" if verify and record["seen"]["sha256"] else "stamps"
        seen: Mapping[str, str] = record["seen"][name]
        return seen == self.look_at(case, hashes=name == "sha256")[name]


@contextmanager
def filling(root: Path, part: str) -> Iterator[Path]:
    """A private folder below `work/`, gone at the end unless it was renamed.

    Args:
        root: Of the cohort.
        part: Whose: what a process that was killed leaves there is removed when the same part begins anew.
    """
    place = root / "work" / part
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear(root: Path, part: str | None) -> None:
    """Remove what processes that were killed left below `work/`: of one part, or all."""
    shutil.rmtree(root / "work" / part if part else root / "work", ignore_errors=True)


def folder_key(root: Path) -> bytes:
    """The key of a cohort's folder: 32 random bytes, made once; who removes it cuts every link to a name."""
    place = root / KEY
    if not place.exists():
        with filling(root, "key") as folder:
            write_atomically(folder / KEY, lambda file: file.write(secrets.token_bytes(32)))
            with suppress(FileExistsError):  # another process was first
                os.link(folder / KEY, place)
    return place.read_bytes()


def keyed_digest(key: bytes, *parts: str) -> str:
    """HMAC-SHA256 of texts, in hexadecimal."""
    return hmac.new(key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def _stamps(path: Path) -> list[str]:
    return [f"{file.absolute()}|{_stamp(file)}" for file in _files(path)]


def _stamp(file: Path) -> str:
    try:
        known = file.stat()
    except OSError:
        return "missing"
    return f"{known.st_size}|{known.st_mtime_ns}"


def _content(path: Path) -> str:
    """SHA-256 of a file, or of the names and contents of a folder's files; "" where it cannot be read."""
    try:
        if not path.is_dir():
            return sha256_of_file(path)
        parts = [f"{file.relative_to(path)}|{sha256_of_file(file)}" for file in _files(path)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()
    except OSError:
        return ""


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def _read(record: Path) -> dict[str, Any] | None:
    try:
        known = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) and known.get("schema") == SCHEMA else None
