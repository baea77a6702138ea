"""Archives on loopback for tests: Orthanc with DICOMweb, DCMTK's dcmqrscp, and a proxy that misbehaves."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from made_exams import EXAMPLES, REDUCED, exam
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import BasicTextSRStorage, ExplicitVRLittleEndian

USER, PASSWORD = "ptx", "SECRETPASSWORD"
DICOMWEB_PLUGIN = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"


def free_port() -> int:
    """A TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Wait until somebody listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the server does not listen")


@dataclass(frozen=True)
class Server:
    """A running archive: its TCP ports, and where it keeps its data."""

    http_port: int
    dicom_port: int
    move_port: int
    folder: Path


@contextmanager
def orthanc(program: str, folder: Path, **settings: Any) -> Iterator[Server]:
    """Orthanc with the DICOMweb plug-in; keyword arguments change its configuration."""
    if not Path(DICOMWEB_PLUGIN).exists():
        pytest.skip("Orthanc has no DICOMweb plug-in (Debian package orthanc-dicomweb)")
    server = Server(free_port(), free_port(), free_port(), folder)
    configuration = {
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "HttpPort": server.http_port,
        "DicomPort": server.dicom_port,
        "DicomAet": "ORTHANC",
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "Plugins": [DICOMWEB_PLUGIN],
        "DicomModalities": {"ptx": ["PTX", "127.0.0.1", server.move_port]},
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowMove": True,
        "DicomAlwaysAllowStore": True,
    }
    (folder / "orthanc.json").write_text(json.dumps(configuration | settings), encoding="utf-8")
    with running([program, str(folder / "orthanc.json")], folder, server.http_port):
        yield server


@contextmanager
def dcmqrscp(program: str, folder: Path, *, rights: str = "RW", quota: str = "1024mb") -> Iterator[Server]:
    """DCMTK's archive; objects of a study beyond `quota` are refused."""
    server = Server(0, free_port(), free_port(), folder)
    (folder / "images").mkdir()
    (folder / "dcmqrscp.cfg").write_text(
        f"NetworkTCPPort = {server.dicom_port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
        f"HostTable BEGIN\nptx = (PTX, localhost, {server.move_port})\nHostTable END\n"
        "VendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\nDCMTK {folder / 'images'} {rights} (200, {quota}) ANY\nAETable END\n",
        encoding="utf-8",
    )
    command = [program, "-c", str(folder / "dcmqrscp.cfg"), "+xv"]
    with running(command, folder, server.dicom_port):
        yield server


@contextmanager
def running(command: list[str], folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server process that listens on `port`; its words go to log.txt."""
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            wait_for_port(port, process)
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def cutting_proxy(
    target_port: int, *, after_bytes: int = 0, times: int = 10**6, port: int = 0
) -> Iterator[int]:
    """A TCP proxy whose first `times` connections break off after so many bytes from server or client.

    Yields:
        Its port.
    """
    left = [times]
    with socket.create_server(("127.0.0.1", port)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                cut, left[0] = left[0] > 0, left[0] - 1
                server = socket.create_connection(("127.0.0.1", target_port))
                for source, sink in ((client, server), (server, client)):
                    most = after_bytes if cut else None
                    threading.Thread(target=_pump, args=(source, sink, most), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])


def _pump(source: socket.socket, sink: socket.socket, most: int | None) -> None:
    passed = 0
    try:
        while chunk := source.recv(4096):
            passed += len(chunk)
            if most is not None and passed > most:
                break
            sink.sendall(chunk)
    except OSError:
        pass
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def silent_server() -> Iterator[int]:
    """A server that accepts connections and never answers; yields its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield int(listener.getsockname()[1])


def save_configuration(file: Path, server: Server, **changes: str) -> Path:
    """A configuration with the nodes web, get and move of a server; changes are further lines of web."""
    port = changes.pop("http_port", str(server.http_port))
    further = "".join(f"{key} = {value}\n" for key, value in changes.items())
    dimse = (
        f'protocol = "dimse"\nhost = "127.0.0.1"\nport = {server.dicom_port}\nattempts = 1\ntimeout_s = 20\n'
    )
    aet = "ORTHANC" if server.http_port else "DCMTK"
    file.write_text(
        f'[nodes.web]\nprotocol = "dicomweb"\nurl = "http://127.0.0.1:{port}/dicom-web"\n'
        f'auth = "basic"\nuser = "{USER}"\n{further}\n'
        f'[nodes.get]\n{dimse}ae_title = "{aet}"\n\n'
        f'[nodes.move]\n{dimse}ae_title = "{aet}"\nretrieve = "move"\nreceive_port = {server.move_port}\n',
        encoding="utf-8",
    )
    return file


def exam_number(number: int, **changes: Any) -> Dataset:
    """Exam 1, 2 or 3 of one patient, two days apart, each in a study of its own: SECRETACC1, ..."""
    stored = _pixels("prior" if number == 1 else "followup")
    day = f"202603{2 * number:02}"
    if number == 3:
        stored = stored & 0xFFE  # hardly another look, but another image
    return exam(
        stored,
        **{
            **dict.fromkeys(("AcquisitionDate", "ContentDate", "StudyDate"), day),
            "SOPInstanceUID": f"2.25.70{number}",
            "SeriesInstanceUID": f"2.25.71{number}",
            "StudyInstanceUID": f"2.25.72{number}",
            "AccessionNumber": f"SECRETACC{number}",
            **changes,
        },
    )


@cache
def _pixels(name: str) -> NDArray[np.uint16]:
    return np.ascontiguousarray(pydicom.dcmread(EXAMPLES / f"{name}.dcm").pixel_array[::REDUCED, ::REDUCED])


def other(number: int) -> dict[str, str]:
    """UIDs and accession number of another exam."""
    levels = {"SOPInstanceUID": 0, "SeriesInstanceUID": 1, "StudyInstanceUID": 2}
    return {keyword: f"2.25.7{level}{number}" for keyword, level in levels.items()} | {
        "AccessionNumber": f"SECRETACC{number}"
    }


def report_on(image: Dataset, words: str, **changes: Any) -> Dataset:
    """A Basic Text SR in the study of an image."""
    report = Dataset()
    for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "IssuerOfPatientID"):
        setattr(report, keyword, image.get(keyword, ""))
    for keyword in ("StudyInstanceUID", "StudyDate", "StudyTime", "AccessionNumber"):
        setattr(report, keyword, image.get(keyword, ""))
    report.StudyID = report.ReferringPhysicianName = ""
    report.SOPClassUID = BasicTextSRStorage
    report.SeriesInstanceUID = f"{image.SeriesInstanceUID}.5"
    report.SOPInstanceUID = f"{image.SOPInstanceUID}.5"
    report.Modality, report.SeriesNumber, report.InstanceNumber = "SR", "5", "1"
    report.ContentDate, report.ContentTime = image.StudyDate, "120000"
    report.Manufacturer = "Dictation"
    report.CompletionFlag, report.VerificationFlag = "COMPLETE", "UNVERIFIED"
    report.ValueType, report.ContinuityOfContent = "CONTAINER", "SEPARATE"
    report.ConceptNameCodeSequence = [_code("11528-7", "LN", "Radiology Report")]
    finding = Dataset()
    finding.RelationshipType, finding.ValueType, finding.TextValue = "CONTAINS", "TEXT", words
    finding.ConceptNameCodeSequence = [_code("121071", "DCM", "Finding")]
    report.ContentSequence = [finding]
    for keyword, value in changes.items():
        setattr(report, keyword, value)
    report.file_meta = FileMetaDataset()
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    report.file_meta.MediaStorageSOPClassUID = report.SOPClassUID
    report.file_meta.MediaStorageSOPInstanceUID = report.SOPInstanceUID
    return report


def save(folder: Path, *datasets: Dataset) -> list[Path]:
    """Write data sets as 1.dcm, 2.dcm, ... into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{number}.dcm" for number in range(1, len(datasets) + 1)]
    for file, dataset in zip(files, datasets, strict=True):
        dataset.save_as(file, enforce_file_format=True)
    return files


def _code(value: str, scheme: str, words: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, words
    return code
