"""A cohort from its manifest to its tables."""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ptx_followup.ahead import usable_cores
from ptx_followup.cohort.case import Case, Options, Outcome, terms_of
from ptx_followup.cohort.ledger import Ledger, clear, folder_key
from ptx_followup.cohort.local import run_here
from ptx_followup.cohort.manifest import Manifest, read_manifest
from ptx_followup.cohort.plan import Plan, make_plan
from ptx_followup.cohort.report import Worked, write_report
from ptx_followup.cohort.roll import enrol, roll_call
from ptx_followup.cohort.setup import Bounds, Setup, default_workers
from ptx_followup.cohort.work import COMPARISON
from ptx_followup.errors import UsageError
from ptx_followup.files.output_folder import prepare_folder


@dataclass(frozen=True)
class How:
    """How a cohort is worked on; none of it changes a result.

    Attributes:
        workers: Processes at once; as many as cores and memory allow if None.
        bounds: Of each case.
        shard: (I, N): of every N cases the I-th alone, from 1.
        retry_failed: Failures run again.
        verify: Hash the inputs of what is done again.
        limit: Run so many cases at most.
        ray: Address of a Ray cluster that does the work.
        work: What is done with a case; another one is for tests.
    """

    workers: int | None = None
    bounds: Bounds = field(default_factory=Bounds)
    shard: tuple[int, int] = (1, 1)
    retry_failed: bool = False
    verify: bool = False
    limit: int | None = None
    ray: str | None = None
    work: str = COMPARISON


class Cohort:
    """A cohort and its folder.

    Args:
        manifest: The cases.
        out: Folder of the results; made if missing.
        options: Of every case.
        how: How it is worked on.
        source: Where the cases come from, for ptx-run.json.

    Raises:
        ModelError: The model is missing.
        UsageError: The folder cannot be used.
    """

    def __init__(
        self,
        manifest: Manifest,
        out: Path,
        options: Options,
        how: How | None = None,
        source: dict[str, Any] | None = None,
    ) -> None:
        self._manifest, self._how, self._source = manifest, how or How(), source or {}
        prepare_folder(out)
        self.ledger = Ledger(out, terms_of(options))
        self.document: dict[str, Any] | None = None

    def plan(self) -> Plan:
        """What would run; nothing is changed."""
        how = self._how
        return make_plan(
            self._manifest,
            self.ledger,
            shard=how.shard,
            retry_failed=how.retry_failed,
            verify=how.verify,
            limit=how.limit,
        )

    def run(self, plan: Plan | None = None) -> Iterator[Outcome]:
        """Do what is left; outcomes come as they come, and at the end the tables are written.

        Raises:
            PtxError: No worker can be started, the folder is in use, or nothing more can be written.
        """
        began = time.monotonic()
        how, root = self._how, self.ledger.root
        part = "all" if how.shard == (1, 1) else "{}-of-{}".format(*how.shard)
        with _in_possession(root, part):
            clear(root, None if part == "all" else part)
            plan = plan or self.plan()
            if how.verify:
                # Their times still say that they are done: nobody who trusts those may find them.
                # Those beyond a limit too, whose turn comes in another run.
                for one in plan.cases:
                    if one.fate in ("run", "wait"):
                        self.ledger.forget(one.case)
            enrol(self.ledger, self._manifest, self._source)
            # By name alone: how each ended stays on the disk until the tables are written.
            ended = {one.case.id for one in plan.cases if one.fate in ("done", "failed")}
            workers = min(how.workers or default_workers(), max(1, len(plan.to_run)))
            for outcome in self._outcomes(plan.to_run, part, workers):
                ended.add(outcome.case_id)
                yield outcome
            at_once = workers if how.ray is None else None
            worked = Worked(len(plan.to_run), time.monotonic() - began, at_once)
            if part == "all":
                self.document = write_report(root, roll_call(root, ended), worked)

    def _outcomes(self, cases: Iterable[Case], part: str, workers: int) -> Iterator[Outcome]:
        how = self._how
        threads = max(1, usable_cores() // workers)
        setup = Setup(self.ledger.root, self.ledger.terms.options, threads, part, how.work)
        if how.ray is not None:
            from ptx_followup.cohort.cluster import run_on_ray

            return run_on_ray(cases, self.ledger, setup, how.bounds, how.ray)
        return run_here(cases, self.ledger, setup, how.bounds, workers)


def batch(
    manifest: Manifest | str | Path, out: str | Path, options: Options | None = None, how: How | None = None
) -> Iterator[Outcome]:
    """Compare every case of a manifest; outcomes come as they come.

    What is done stays done: called again, it goes on where it was. When the last outcome is taken,
    results.csv, failures.csv, summary.html and ptx-run.json are in `out`, beside one folder a case.

    Args:
        manifest: Path of a manifest, or one that was made.
        out: Folder of the results; made if missing.
        options: Of every case.
        how: How it is worked on.

    Yields:
        How each case ended that was left to do: its row of the table, or why it failed.

    Raises:
        PtxError: The manifest cannot be read, the model is missing, no worker can be started, the folder is
            in use or the disk full. A case that fails raises nothing.
    """
    source = {} if isinstance(manifest, Manifest) else source_of(Path(manifest))
    options = options or Options()
    known = manifest if isinstance(manifest, Manifest) else manifest_of(Path(manifest), Path(out), options)
    yield from Cohort(known, Path(out), options, how, source).run()


def manifest_of(path: Path, out: Path, options: Options) -> Manifest:
    """The manifest of a run; for results without identity, names that it lacks are digests under their key.

    Raises:
        InputError: It cannot be read; see `read_manifest`.
        UsageError: The folder of the results cannot be used.
    """
    if not options.deidentify:
        return read_manifest(path)
    prepare_folder(out)
    return read_manifest(path, folder_key(out))


def merge(out: Path) -> dict[str, Any]:
    """Write the tables of all that is done in a cohort's folder, whichever part did it.

    Returns:
        The content of ptx-run.json.

    Raises:
        InputError: There is no cohort in the folder.
        UsageError: A run is going on there, or the tables cannot be written.
    """
    roll = roll_call(out)
    with _in_possession(out, "all"):
        return write_report(out, roll, Worked())


def source_of(manifest: Path) -> dict[str, Any]:
    """What ptx-run.json says of a manifest.

    Raises:
        InputError: It cannot be read.
    """
    from ptx_followup.data.files import read_bytes

    return {"manifest": str(manifest), "sha256": hashlib.sha256(read_bytes(manifest)).hexdigest()}


@contextmanager
def _in_possession(root: Path, part: str) -> Iterator[None]:
    """Keep another run out of the folder: any other of the whole, or of the same part.

    Raises:
        UsageError: It is in use.
    """
    whole = part == "all"
    wanted = [("all", fcntl.LOCK_EX if whole else fcntl.LOCK_SH)]
    wanted += [] if whole else [(part, fcntl.LOCK_EX)]
    with ExitStack() as held:
        for name, kind in wanted:
            lock = held.enter_context((root / f".lock-{name}").open("a", encoding="utf-8"))
            try:
                fcntl.flock(lock, kind | fcntl.LOCK_NB)
            except OSError:
                raise UsageError(
                    f"another run is working in {root}", "wait for it, end it, or give another --out"
                ) from None
        yield
