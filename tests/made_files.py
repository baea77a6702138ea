"""Radiographs made for the tests: a valid CR object whose every element a test can change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph

NATIVE = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)


def ramp(dtype: str = "uint16", bits: int = 12, shape: tuple[int, int] = (80, 96)) -> NDArray[Any]:
    """Stored values that run smoothly through the whole range of `bits`, all rows and columns different."""
    low = -(1 << (bits - 1)) if dtype.startswith("int") else 0
    steps = np.linspace(0, (1 << bits) - 1, shape[0] * shape[1])
    return (steps.round() + low).astype(dtype).reshape(shape)


def make_dataset(
    stored: NDArray[Any] | None = None, syntax: UID = ExplicitVRLittleEndian, **changes: Any
) -> Dataset:
    """Make a CR chest radiograph; keyword arguments set elements, or remove them (None)."""
    stored = ramp() if stored is None else stored
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.826.0.1.3680043.8.498.1")
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID
    dataset.Modality = "CR"
    dataset.BodyPartExamined = "CHEST"
    dataset.ViewPosition = "PA"
    dataset.PatientOrientation = ["L", "F"]
    dataset.PatientID = "SECRETID7"
    dataset.PatientName = "SECRETNAME^ANN"
    dataset.Rows, dataset.Columns = stored.shape[:2]
    dataset.SamplesPerPixel = 1 if stored.ndim == 2 else stored.shape[2]
    dataset.PhotometricInterpretation = "MONOCHROME2" if stored.ndim == 2 else "RGB"
    if stored.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = stored.dtype.itemsize * 8
    bits = changes.pop("bits", None) or (12 if stored.dtype.itemsize == 2 else 8)
    dataset.BitsStored, dataset.HighBit = bits, bits - 1
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    dataset.PixelData = stored.astype(stored.dtype.newbyteorder(order)).tobytes()
    dataset["PixelData"].VR = "OB" if stored.dtype.itemsize == 1 else "OW"
    for keyword, value in changes.items():
        if value is None:
            del dataset[keyword]
        else:
            setattr(dataset, keyword, value)
    return dataset


def save(dataset: Dataset, folder: Path, name: str = "image.dcm", *, preamble: bool = True) -> Path:
    """Write a data set, with or without preamble and file meta information, and give the path."""
    path = folder / name
    if preamble:
        dataset.save_as(path, enforce_file_format=True)
        return path
    syntax = dataset.file_meta.TransferSyntaxUID
    del dataset.file_meta
    dataset.save_as(path, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian)
    return path


def read_back(dataset: Dataset, folder: Path) -> Radiograph:
    """Write a data set and read it with the reader under test."""
    return read_radiograph(save(dataset, folder))
