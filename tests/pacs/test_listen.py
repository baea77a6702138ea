"""`ptx listen`: what was acknowledged is worked on, also after being killed."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from archives import (
    PASSWORD,
    Server,
    cutting_proxy,
    exam_number,
    free_port,
    orthanc,
    other,
    report_on,
    save,
    save_configuration,
    wait_for_port,
)
from made_exams import CANARY, REPORT
from pydicom.dataset import Dataset

from ptx_followup.pacs.nodes import load_configuration
from ptx_followup.pacs.opening import open_archive
from ptx_followup.pacs.queries import find_studies, instances_of, series_of

pynetdicom = pytest.importorskip("pynetdicom")
pytestmark = pytest.mark.integration
# While a listener is down, every attempt to reach it would fill the captured log.
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)

PTX = Path(sys.executable).with_name("ptx")


@pytest.fixture(scope="module")
def server(program: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("orthanc")
    with orthanc(program("Orthanc", "orthanc and orthanc-dicomweb"), folder) as server:
        yield server


class Listener:
    """`ptx listen` as a process, to be started, killed and started again."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.port, self.queue = free_port(), folder / "queue"
        self._log, self._configuration = folder / "listen.log", folder / "listen.toml"
        options = ["--queue", self.queue, "--pacs-config", self._configuration, "--model", model]
        self._command = [PTX, "listen", *options]

    def save_configuration(self, nodes: Path) -> None:
        """Take the nodes of another configuration."""
        self._configuration.write_text(
            f'{nodes.read_text(encoding="utf-8")}\n[listen]\nae_title = "LISTEN"\nport = {self.port}\n'
            'pacs = "web"\nquiet_s = 1\nretry_s = 1\nleast_free_mb = 1\n'
            'peers = [{ae_title = "MODALITY", address = "127.0.0.1"}]\n',
            encoding="utf-8",
        )

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        environment = os.environ | {"PTX_PACS_WEB_PASSWORD": PASSWORD, "OMP_NUM_THREADS": "1"}
        with self._log.open("ab") as log:
            process = subprocess.Popen(self._command, stdout=log, stderr=log, env=environment)
            try:
                wait_for_port(self.port, process, 120)
                yield process
            finally:
                process.terminate()
                process.wait(timeout=120)

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def done(self) -> list[dict[str, Any]]:
        """Every case that came to an end."""
        record = self.queue / "done.jsonl"
        if not record.exists():
            return []
        lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]  # the last may be half written

    def received(self) -> int:
        """Studies that were acknowledged and are still in the queue."""
        return len(list((self.queue / "incoming").iterdir()))

    def in_work(self) -> bool:
        """Whether a case is being worked on."""
        return any((self.queue / "working").iterdir())

    def wait_for(self, cases: int, seconds: float) -> dict[str, str]:
        """Outcome by case, once so many have one."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            outcomes = {one["case"]: one["outcome"] for one in self.done()}
            if len(outcomes) >= cases:
                return outcomes
            time.sleep(0.2)
        raise TimeoutError(f"{len(self.done())} of {cases} cases ended\n{self.log()[-2000:]}")


@pytest.fixture
def listener(server: Server, tmp_path: Path, untrained_model: Path) -> Listener:
    listener = Listener(tmp_path, untrained_model)
    listener.save_configuration(save_configuration(tmp_path / "pacs.toml", server))
    return listener


def send_all(port: int, studies: list[Dataset]) -> list[int | None]:
    """Send each study in an association of its own, again until it is acknowledged, as a modality does."""
    statuses: list[int | None] = []
    for study in studies:
        for _ in range(600):
            status = send_once(port, study)
            if status == 0:
                break
            time.sleep(0.5)
        statuses.append(status)
    return statuses


def send_once(port: int, study: Dataset) -> int | None:
    """Status of the C-STORE, or None where there was no answer."""
    entity = pynetdicom.AE("MODALITY")
    entity.add_requested_context(study.SOPClassUID, study.file_meta.TransferSyntaxUID)
    association = entity.associate("127.0.0.1", port, ae_title="LISTEN")
    if not association.is_established:
        return None
    try:
        return association.send_c_store(study).get("Status")
    finally:
        association.release()


def patients(numbers: range, which: int) -> list[Dataset]:
    """Exam 1 or 2 of patients of their own."""
    return [
        exam_number(which, **other(10 * number + which), PatientID=f"SECRETPATIENT{number}")
        for number in numbers
    ]


def fill(server: Server, folder: Path, numbers: range) -> None:
    """Put the first exams of patients and their reports into the archive."""
    priors = patients(numbers, 1)
    reports = [report_on(prior, REPORT) for prior in priors]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PTX_PACS_WEB_PASSWORD", PASSWORD)
        node = load_configuration(save_configuration(folder / "fill.toml", server)).node("web")
        with open_archive("web", node) as archive:
            for file in save(folder / "priors", *priors, *reports):
                archive.store(file)


def results(server: Server, folder: Path, accession: str) -> Counter[str]:
    """Objects in the archive of a study, by modality."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PTX_PACS_WEB_PASSWORD", PASSWORD)
        node = load_configuration(save_configuration(folder / "look.toml", server)).node("web")
        with open_archive("web", node) as archive:
            return Counter(
                series.modality
                for study in find_studies(archive, accession=accession)
                for series in series_of(archive, study.uid)
                for _ in instances_of(archive, study.uid, series.uid)
            )


def test_a_study_is_followed_up(listener: Listener, server: Server, tmp_path: Path) -> None:
    """As soon as the archive is there: until then the case waits."""
    fill(server, tmp_path, range(1, 2))
    port = free_port()
    away = save_configuration(tmp_path / "away.toml", server, http_port=str(port), attempts="1")
    listener.save_configuration(away)
    with listener.running():
        assert send_all(listener.port, patients(range(1, 2), 2)) == [0]
        while "tried again in 1 s" not in listener.log():
            time.sleep(0.1)
        assert listener.done() == []
        with cutting_proxy(server.http_port, times=0, port=port):
            assert list(listener.wait_for(1, 200).values()) == ["compared"]
    assert CANARY not in listener.log()
    assert not any(CANARY in str(path) for path in listener.queue.rglob("*"))
    stored = results(server, tmp_path, "SECRETACC12")
    assert min(stored["SEG"], stored["SR"]) >= 1


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_none_of_200_studies_is_lost_when_killed(listener: Listener, server: Server, tmp_path: Path) -> None:
    """Four senders at once; killed in the middle and started again; every acknowledged case ends."""
    with_prior = range(100, 103)
    fill(server, tmp_path, with_prior)
    studies = [*patients(with_prior, 2), *patients(range(200, 397), 2)]
    statuses: dict[int, list[int | None]] = {}

    def sender(number: int) -> None:
        statuses[number] = send_all(listener.port, studies[number::4])

    senders = [threading.Thread(target=sender, args=(number,)) for number in range(4)]
    with listener.running() as process:
        for thread in senders:
            thread.start()
        while listener.received() < 60 or not listener.in_work():
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with listener.running():
        for thread in senders:
            thread.join()
        assert [status for some in statuses.values() for status in some] == [0] * 200
        outcomes = listener.wait_for(200, 900)
    assert Counter(outcomes.values()) == {"compared": 3, "no prior": 197}, listener.log()[-2000:]
    for part in ("incoming", "working", "failed", "parts"):
        assert list((listener.queue / part).iterdir()) == []
    once = [results(server, tmp_path, f"SECRETACC{10 * number + 2}") for number in with_prior]
    assert all(series["SEG"] == once[0]["SEG"] >= 1 for series in once)
