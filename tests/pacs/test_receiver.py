"""The storage service of `ptx listen`, without the rest of it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from archives import exam_number, free_port, other
from pydicom.dataset import Dataset
from pydicom.uid import SegmentationStorage

from ptx_followup.pacs.nodes import ListenSettings
from ptx_followup.pacs.queue import StudyQueue
from ptx_followup.pacs.receiver import receiving

pynetdicom = pytest.importorskip("pynetdicom")


@contextmanager
def running(folder: Path, **changes: object) -> Iterator[tuple[int, StudyQueue]]:
    """Port and queue of a service for two studies at most, and for MODALITY alone."""
    peers = [{"ae_title": "MODALITY", "address": "127.0.0.1"}]
    stated = {"ae_title": "LISTEN", "port": free_port(), "pacs": "any", "peers": peers} | changes
    settings = ListenSettings.model_validate(stated)
    queue = StudyQueue(folder / "queue", most_studies=2, least_free_mb=0)
    with queue, receiving(settings, queue):
        yield settings.port, queue


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[int, StudyQueue]]:
    with running(tmp_path) as service:
        yield service


@contextmanager
def associated(
    port: int, dataset: Dataset, caller: str = "MODALITY", called: str = "LISTEN"
) -> Iterator[Any]:
    entity = pynetdicom.AE(caller)
    entity.add_requested_context(dataset.SOPClassUID, dataset.file_meta.TransferSyntaxUID)
    association = entity.associate("127.0.0.1", port, ae_title=called)
    yield association
    if association.is_established:
        association.release()


def status(port: int, dataset: Dataset) -> int | None:
    with associated(port, dataset) as association:
        return association.send_c_store(dataset).get("Status")


def test_what_is_acknowledged_is_in_the_queue_as_it_was_sent(service: tuple[int, StudyQueue]) -> None:
    port, queue = service
    sent = exam_number(1)
    assert status(port, sent) == 0x0000
    case = queue.take(0)
    assert case is not None
    (file,) = case.folder.iterdir()
    assert pydicom.dcmread(file) == sent


def test_a_full_queue_is_out_of_resources(service: tuple[int, StudyQueue]) -> None:
    """Another study is refused, and accepted when there is place again; the refused one leaves nothing."""
    port, queue = service
    studies = [exam_number(1, **other(number)) for number in range(3)]
    assert [status(port, study) for study in studies] == [0x0000, 0x0000, 0xA700]
    case = queue.take(0)
    assert case is not None
    queue.finish(case, {"outcome": "no prior"})
    assert status(port, studies[2]) == 0x0000


@pytest.mark.parametrize(("caller", "called"), [("STRANGER", "LISTEN"), ("MODALITY", "ELSEWHERE")])
def test_others_are_rejected(service: tuple[int, StudyQueue], caller: str, called: str) -> None:
    with associated(service[0], exam_number(1), caller, called) as association:
        assert association.is_rejected


def test_other_kinds_of_objects_are_not_accepted(service: tuple[int, StudyQueue]) -> None:
    segmentation = exam_number(1)
    segmentation.SOPClassUID = SegmentationStorage
    with associated(service[0], segmentation) as association:
        assert not association.is_established


@pytest.mark.integration
def test_tls_asks_senders_for_their_certificate(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    known = ssl.create_default_context(cafile=certificate[0])
    known.load_cert_chain(*certificate)
    strange = ssl.create_default_context(cafile=certificate[0])
    own = {"certificate": certificate[0], "key": certificate[1], "ca_file": certificate[0]}
    with running(tmp_path, **own) as (port, _):
        for context, welcome in ((known, True), (strange, False), (None, False)):
            entity = pynetdicom.AE("MODALITY")
            entity.acse_timeout = 5
            entity.add_requested_context("1.2.840.10008.1.1")
            tls = None if context is None else (context, "127.0.0.1")
            association = entity.associate("127.0.0.1", port, ae_title="LISTEN", tls_args=tls)
            assert association.is_established == welcome
            if welcome:
                association.release()


@pytest.mark.parametrize("uid", ["", None])
def test_an_object_of_no_study(service: tuple[int, StudyQueue], uid: str | None) -> None:
    port, queue = service
    stray = exam_number(1)
    if uid is None:
        del stray.StudyInstanceUID
    else:
        stray.StudyInstanceUID = uid
    assert status(port, stray) == 0xC000
    assert len(queue) == 0


def test_an_illegal_uid_names_a_study_too(service: tuple[int, StudyQueue]) -> None:
    """Collections carry UIDs such as 1.2.003; their studies stay together all the same."""
    port, queue = service
    exam = exam_number(1)
    content = BytesIO()
    exam.save_as(content)
    illegal = pydicom.dcmread(BytesIO(content.getvalue().replace(b"2.25.721", b"2.25.021")))
    assert status(port, illegal) == 0x0000
    assert len(queue) == 1
