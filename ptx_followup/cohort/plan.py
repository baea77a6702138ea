"""What would run, what is done already, what stays out and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal, get_args

from ptx_followup.cohort.case import FILES, Case
from ptx_followup.cohort.ledger import Ledger
from ptx_followup.cohort.manifest import LEFT_OUT, PLAN, PLAN_REASON, Manifest, write_manifest

Fate = Literal["run", "wait", "done", "failed"]


@dataclass(frozen=True)
class Planned:
    """What becomes of one case.

    Attributes:
        case: Which.
        fate: "run", "wait" for another run, or how it has ended already.
        reason: Why, where that is not plain.
    """

    case: Case
    fate: Fate
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """What becomes of a cohort.

    Attributes:
        cases: In the order of the manifest.
        left_out: (name, reason) of what no case is made of.
        warnings: Of the manifest.
    """

    cases: tuple[Planned, ...]
    left_out: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...] = ()

    @property
    def to_run(self) -> list[Case]:
        """The cases that are left to do."""
        return [one.case for one in self.cases if one.fate == "run"]

    @property
    def counts(self) -> dict[str, int]:
        """How many cases run, wait, are done, have failed, and how many things are left out."""
        fates = Counter(one.fate for one in self.cases)
        return {**{fate: fates[fate] for fate in get_args(Fate)}, "left_out": len(self.left_out)}

    def table(self) -> str:
        """The plan as a CSV table, which is a manifest again: what it leaves out stays out."""
        out = [Case(name) for name, _ in self.left_out]
        added = [{PLAN: one.fate, PLAN_REASON: one.reason} for one in self.cases]
        added += [{PLAN: LEFT_OUT, PLAN_REASON: reason} for _, reason in self.left_out]
        return write_manifest([*(one.case for one in self.cases), *out], added)


def make_plan(
    manifest: Manifest,
    ledger: Ledger,
    *,
    shard: tuple[int, int] = (1, 1),
    retry_failed: bool = False,
    verify: bool = False,
    limit: int | None = None,
) -> Plan:
    """Hold a manifest against what is done.

    Args:
        manifest: The cases.
        ledger: What is done.
        shard: (I, N): of every N cases the I-th alone, counted from 1.
        retry_failed: Failures run again.
        verify: Hash the inputs of what is done again.
        limit: Of what is left, so many at most run.
    """
    part, parts = shard
    planned = [
        _planned(case, ledger, retry_failed=retry_failed, verify=verify)
        for case in manifest.cases[part - 1 :: parts]
    ]
    if limit is not None:
        left = [number for number, one in enumerate(planned) if one.fate == "run"]
        for number in left[limit:]:
            planned[number] = Planned(planned[number].case, "wait", "beyond --limit")
    return Plan(tuple(planned), manifest.left_out, manifest.warnings)


def parse_shard(stated: str | None) -> tuple[int, int]:
    """I and N of "I/N".

    Raises:
        ValueError: It is something else.
    """
    if stated is None:
        return 1, 1
    part, _, parts = stated.partition("/")
    if not 1 <= int(part) <= int(parts):
        raise ValueError(stated)
    return int(part), int(parts)


def _planned(case: Case, ledger: Ledger, *, retry_failed: bool, verify: bool) -> Planned:
    outcome = ledger.find(case, verify=verify)
    if outcome is None:
        missing = [name for name in FILES if (path := getattr(case, name)) is not None and not path.exists()]
        reason = f"will fail: {', '.join(missing).replace('_', ' ')} does not exist" if missing else ""
        return Planned(case, "run", reason)
    if outcome.problem is None:
        return Planned(case, "done")
    if retry_failed:
        return Planned(case, "run", f"failed before: {outcome.problem.message}")
    return Planned(case, "failed", outcome.problem.message)
