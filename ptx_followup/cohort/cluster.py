"""The cases of a cohort on a Ray cluster: tasks with retries, results written once to a shared disk.

Only this module knows Ray, and it is imported only where a cluster is asked for. A task keeps the worker
process of its Ray process, so that a model is loaded once a slot. What a lost node had begun runs again
elsewhere; what it had brought to its place stays, as the task looks into the ledger first.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from ptx_followup.cohort.bounded import BoundedWorker, StoppedError
from ptx_followup.cohort.case import Case, Outcome, Problem, Terms
from ptx_followup.cohort.ledger import Ledger
from ptx_followup.cohort.local import require_space, settled
from ptx_followup.cohort.setup import Bounds, Setup
from ptx_followup.errors import ExitCode, PtxError, UsageError

#: How often a case begins again after its node was lost.
RETRIES = 3
#: Cases handed out for each core of the cluster: one in work, and one that waits beside it.
_AHEAD = 2

#: Of a GPU, for a task: while one reads or writes, others compute.
_GPU_SHARE = 0.25
#: Seconds in which the head of a cluster answers; Ray itself would try for minutes.
_ANSWER_S = 5
_NO_CLUSTER = ("there is no Ray cluster at the address", "start one, or correct --ray")

_workers: dict[str, BoundedWorker] = {}


def run_on_ray(
    cases: Iterable[Case], ledger: Ledger, setup: Setup, bounds: Bounds, address: str
) -> Iterator[Outcome]:
    """Work on cases on a cluster; outcomes come as they come, each in the ledger already.

    Args:
        cases: What is left to do.
        ledger: In a folder that every node sees under the same path, as it sees the inputs.
        setup: Of the workers.
        bounds: Of each case.
        address: Of the cluster, or "auto".

    Raises:
        PtxError: There is no cluster, a node has another version or model, or nothing more can be written.
    """
    # Nothing is told to anybody about the use of this program.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise UsageError("--ray needs Ray", "install ptx-followup[cluster]") from None
    _require_answer(address)
    with _own_signals():
        try:
            ray.init(address=address, log_to_driver=False, logging_level="ERROR", ignore_reinit_error=True)
        except (ConnectionError, ValueError, RuntimeError):
            raise UsageError(*_NO_CLUSTER) from None
    try:
        yield from _on_cluster(ray, cases, ledger, setup, bounds)
    finally:
        ray.shutdown()


def _require_answer(address: str) -> None:
    host, colon, port = address.rpartition(":")
    if not colon:
        return  # "auto": Ray looks on this machine alone
    try:
        socket.create_connection((host, int(port)), _ANSWER_S).close()
    except (OSError, ValueError):
        raise UsageError(*_NO_CLUSTER) from None


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep what ends this program; Ray puts its own answer to SIGTERM in the place of it."""
    answer = signal.getsignal(signal.SIGTERM)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, answer)


def _on_cluster(
    ray: Any, cases: Iterable[Case], ledger: Ledger, setup: Setup, bounds: Bounds
) -> Iterator[Outcome]:
    # One core a task: Ray gives a slot to each core, and the threads of a worker stay within it. It hides
    # GPUs from tasks that ask for none.
    graphics = _GPU_SHARE if setup.options.device.startswith("cuda") else 0
    task = ray.remote(max_retries=RETRIES, num_cpus=1, num_gpus=graphics)(_work_on_node)
    told = setup.to_json() | {"threads": 1}
    waiting = iter(cases)
    at_work: dict[Any, tuple[Case, dict[str, Any]]] = {}
    while True:
        most = _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
        for case in islice(waiting, max(0, most - len(at_work))):
            require_space(ledger)
            seen = ledger.look_at(case, hashes=False)
            reference = task.remote(
                told, ledger.terms.model_sha256, vars(bounds), case.to_json(), ledger.terms.version
            )
            at_work[reference] = case, seen
        if not at_work:
            return
        ended, _ = ray.wait(list(at_work), num_returns=1)
        case, seen = at_work.pop(ended[0])
        yield settled(ledger, case, _outcome(ray, ended[0], case), seen)


def _outcome(ray: Any, reference: Any, case: Case) -> Outcome:
    try:
        answer = ray.get(reference)
    except ray.exceptions.RayError as error:
        kind = type(error).__name__
        problem = Problem(
            ExitCode.UNEXPECTED,
            kind,
            f"its node was lost {RETRIES + 1} times",
            "start again with --retry-failed",
        )
        return Outcome(case.id, "failed", problem=problem)
    if "outcome" in answer:
        return Outcome.from_json(answer["outcome"])
    raise StoppedError(*answer["stopped"])


def _work_on_node(
    told: dict[str, Any], model_sha256: str, bounds: dict[str, Any], stated: dict[str, Any], version: str
) -> dict[str, Any]:
    """Work on one case on a node, in the worker process that is kept there."""
    from ptx_followup import __version__

    setup, case = Setup.from_json(told), Case.from_json(stated)
    if version != __version__:
        return {"stopped": ["a node has another version of ptx-followup", "install the same on every node"]}
    if not Path(setup.root).is_dir():
        return {"stopped": ["a node does not see the folder of the results", "give --out on a shared disk"]}
    found = Ledger(setup.root, Terms(version, model_sha256, setup.options)).find(case)
    if found is not None and found.state == "done":
        return {"outcome": found.to_json()}
    key = f"{setup}{model_sha256}"
    worker = _workers.setdefault(key, BoundedWorker(setup, Bounds(**bounds), model_sha256))
    try:
        return {"outcome": worker.run(case).to_json()}
    except PtxError as error:
        return {"stopped": [error.problem, error.hint]}
