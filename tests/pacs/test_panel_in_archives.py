"""The panel is compressed without loss, in a form that DCMTK and Orthanc take and show."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from archives import PASSWORD, USER, Server, dcmqrscp, orthanc, save_configuration
from made_exams import save_exam
from numpy.typing import NDArray
from PIL import Image
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless

from ptx_followup.dicom_objects.derived import Equipment
from ptx_followup.dicom_objects.jpeg_ls import jpeg_ls
from ptx_followup.dicom_objects.panel import write_panel_capture
from ptx_followup.dicom_objects.source import read_source
from ptx_followup.pacs.archive import Archive, Instance
from ptx_followup.pacs.nodes import load_configuration
from ptx_followup.pacs.opening import open_archive

requests = pytest.importorskip("requests")
pytest.importorskip("pynetdicom")
pytestmark = pytest.mark.integration

Program = Callable[[str, str], str]


@pytest.fixture
def panel() -> NDArray[np.uint8]:
    """As many columns as a panel has, an odd number of rows, every grey level, and colours that fade."""
    rows, columns = np.mgrid[:151, :3300]
    return np.stack([rows % 256, columns % 256, (rows * columns) % 256], axis=-1).astype(np.uint8)


@pytest.fixture
def capture(panel: NDArray[np.uint8], tmp_path: Path) -> Path:
    source = save_exam(tmp_path)
    path = tmp_path / "panel.dcm"
    write_panel_capture(path, panel, jpeg_ls(panel), [read_source(source)], Equipment("model", "1", "ab"))
    return path


def opened(server: Server, node: str) -> Archive:
    return open_archive(
        node, load_configuration(save_configuration(server.folder / "c.toml", server)).node(node)
    )


def test_dcmtk_decodes_it(capture: Path, panel: NDArray[np.uint8], tmp_path: Path, program: Program) -> None:
    assert pydicom.dcmread(capture).file_meta.TransferSyntaxUID == JPEGLSLossless
    plain = tmp_path / "plain.dcm"
    subprocess.run([program("dcmdjpls", "dcmtk"), capture, plain], check=True)
    decoded = pydicom.dcmread(plain)
    assert decoded.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert np.array_equal(decoded.pixel_array, panel)


@pytest.mark.parametrize("node", ["web", "get"])
def test_orthanc_takes_and_shows_it(
    capture: Path,
    panel: NDArray[np.uint8],
    node: str,
    tmp_path: Path,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PTX_PACS_WEB_PASSWORD", PASSWORD)
    folder = tmp_path / "orthanc"
    folder.mkdir()
    with orthanc(program("Orthanc", "orthanc and orthanc-dicomweb"), folder) as server:
        with opened(server, node) as archive:
            archive.store(capture)
        address = f"http://127.0.0.1:{server.http_port}/instances"
        (uid,) = requests.get(address, auth=(USER, PASSWORD), timeout=20).json()
        shown = requests.get(f"{address}/{uid}/preview", auth=(USER, PASSWORD), timeout=20)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(shown.content)).convert("RGB")), panel)


def test_an_archive_that_takes_nothing_compressed_gets_it_plain(
    capture: Path, panel: NDArray[np.uint8], tmp_path: Path, program: Program
) -> None:
    sent = pydicom.dcmread(capture, stop_before_pixels=True)
    instance = Instance(sent.StudyInstanceUID, sent.SeriesInstanceUID, sent.SOPInstanceUID, sent.SOPClassUID)
    folder = tmp_path / "dcmqrscp"
    folder.mkdir()
    with (
        dcmqrscp(program("dcmqrscp", "dcmtk"), folder) as server,
        opened(server, "get") as archive,
    ):
        archive.store(capture)
        came = pydicom.dcmread(io.BytesIO(archive.fetch(instance)))
    assert came.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert np.array_equal(came.pixel_array, panel)
    came.remove_private_tags()
    assert [element for element in came if element.keyword != "PixelData"] == list(sent)
