"""A cohort on a Ray cluster of two nodes on this machine: the table of one machine, also if one dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_work import NAME
from made_cohort import HERE, run_document, table
from made_exams import REPORT, pixels, save_exam

from ptx_followup.cohort.case import Options
from ptx_followup.cohort.run import How, batch
from ptx_followup.errors import UsageError

pytest.importorskip("ray")

CASES = 40
#: Of each node, for objects that no case needs.
STORE_BYTES = 80_000_000


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes of one core each, and a head without any."""
    from ray.cluster_utils import Cluster

    small = {"object_store_memory": STORE_BYTES, "include_dashboard": False}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")  # or other tests at work would starve it
        patch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), *sys.path]))
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **small})
        try:
            made.nodes = [made.add_node(num_cpus=1, object_store_memory=STORE_BYTES) for _ in range(2)]
            yield made
        finally:
            made.shutdown()


@pytest.mark.timeout(600)  # Ray and three interpreters start
def test_a_cluster_compares_films(cluster: Any, tmp_path: Path, untrained_model: Path) -> None:
    save_exam(tmp_path).rename(tmp_path / "prior.dcm")
    (tmp_path / "prior.txt").write_text(REPORT, encoding="utf-8")
    save_exam(tmp_path, pixels() // 2, SOPInstanceUID="2.25.7", AcquisitionDate="20260305")
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("case_id,prior,followup\none,prior.dcm,exam.dcm\n", encoding="utf-8")
    options = Options(model=str(untrained_model))
    (found,) = batch(manifest, tmp_path / "cluster", options, How(ray=cluster.address))
    (alone,) = batch(manifest, tmp_path / "alone", options, How(workers=1))
    assert found.state == alone.state == "done"
    assert table(tmp_path / "cluster" / "results.csv") == table(tmp_path / "alone" / "results.csv")
    assert (tmp_path / "cluster" / "cases" / "one" / "panel.png").exists()


def test_a_cluster_makes_the_same_table_also_where_a_node_dies(
    cluster: Any, make_manifest: Callable[..., Path], tmp_path: Path
) -> None:
    told = [f"{number - 20} 0.1" for number in range(CASES)]
    told[3] = "refuse"
    manifest = make_manifest(told)
    nodes = list(cluster.nodes)
    ended = []
    for outcome in batch(manifest, tmp_path / "cluster", None, How(work=NAME, ray=cluster.address)):
        ended.append(outcome.case_id)
        if len(ended) == CASES // 3:
            cluster.remove_node(nodes[0], allow_graceful=False)
    assert len(ended) == len(set(ended)) == CASES
    list(batch(manifest, tmp_path / "alone", None, How(workers=1, work=NAME)))
    for name in ("results.csv", "failures.csv"):
        assert table(tmp_path / "cluster" / name) == table(tmp_path / "alone" / name)
    assert run_document(tmp_path / "cluster")["counts"] == run_document(tmp_path / "alone")["counts"]


def test_without_a_cluster_the_run_ends_with_what_to_do(
    make_manifest: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="no Ray cluster"):
        list(batch(make_manifest(["1"]), tmp_path / "out", None, How(work=NAME, ray="127.0.0.1:1")))
