"""The roll of a cohort: which cases there are, kept in its folder, so that its tables need nothing else."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from ptx_followup.cohort.case import Case, Options, Outcome, Terms
from ptx_followup.cohort.ledger import Ledger, keyed_digest
from ptx_followup.cohort.manifest import Manifest
from ptx_followup.errors import InputError
from ptx_followup.files.storage import write_atomically

ROLL = "cohort.json"
SCHEMA = "ptx-cohort/1"
#: Columns of a manifest that tell which cases are of one course, and days since its first exam.
PATIENT, DAYS = "patient", ("prior_day", "followup_day")
_DIGITS = 12


@dataclass(frozen=True)
class Ended:
    """A case with how it ended."""

    case: Case
    outcome: Outcome


@dataclass(frozen=True)
class RollCall:
    """All cases of a cohort, and how those ended that did.

    Attributes:
        terms: Version, model and options.
        source: Where the cases come from, as the command line says it, and the SHA-256 of a manifest.
        ended: In the order of the manifest.
        waiting: Cases that are not done and did not fail.
        left_out: (name, reason) of what no case was made of.
    """

    terms: Terms
    source: dict[str, Any]
    ended: tuple[Ended, ...]
    waiting: int
    left_out: tuple[tuple[str, str], ...]


def enrol(ledger: Ledger, manifest: Manifest, source: Mapping[str, Any]) -> None:
    """Write down which cases there are; no path, and for de-identified results no column but the course.

    Nor do the words of a reason stand there.
    """
    terms = ledger.terms
    hidden = terms.options.deidentify
    roll = {
        "schema": SCHEMA,
        "terms": {
            "version": terms.version,
            "model_sha256": terms.model_sha256,
            "options": terms.options.without_words().to_json(),
        },
        "source": {} if hidden else source,
        "cases": [
            [case.id, _course(case, ledger.key) if hidden else dict(case.columns)] for case in manifest.cases
        ],
        "left_out": [] if hidden else manifest.left_out,
    }
    content = json.dumps(roll, ensure_ascii=False).encode()
    write_atomically(ledger.root / ROLL, lambda file: file.write(content))


def _course(case: Case, key: bytes) -> dict[str, str]:
    """Which cases are of one course, and when in it, without saying whose."""
    known = {name: case.columns[name] for name in DAYS if _is_number(case.columns.get(name))}
    patient = case.columns.get(PATIENT)
    return known if not patient else {PATIENT: keyed_digest(key, patient)[:_DIGITS], **known}


def _is_number(stated: str | None) -> bool:
    try:
        return stated is not None and isfinite(float(stated))
    except ValueError:
        return False


def roll_call(root: Path, known: Container[str] | None = None) -> RollCall:
    """Who is there, and how each case ended, as the ledger has it.

    Args:
        root: Folder of the cohort.
        known: Names of the cases that have ended with their inputs as they are now; if None, all that are
            recorded count.

    Raises:
        InputError: There is no cohort in the folder.
    """
    try:
        roll = json.loads((root / ROLL).read_text(encoding="utf-8"))
        stated = roll["terms"]
        terms = Terms(stated["version"], stated["model_sha256"], Options(**stated["options"]))
        cases = [Case(name, columns=columns) for name, columns in roll["cases"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"there is no cohort in {root}", "name the --out of a `ptx batch`") from None
    ledger = Ledger(root, terms)
    ended = []
    for case in cases:
        outcome = ledger.recorded(case) if known is None or case.id in known else None
        if outcome is not None:
            ended.append(Ended(case, outcome))
    left_out = tuple((name, reason) for name, reason in roll["left_out"])
    return RollCall(terms, roll["source"], tuple(ended), len(cases) - len(ended), left_out)
