"""Radiographs of fictitious patients with a known pneumothorax, for examples and tests.

May import `report`, `dicom`, and what lies at the root.
"""

from ptx_followup.phantom.dicom import write_dicom
from ptx_followup.phantom.patient import Device, PhantomPatient, PhantomPneumothorax, Pose
from ptx_followup.phantom.render import PhantomRadiograph, known_transform, render
from ptx_followup.phantom.wording import report

__all__ = [
    "Device",
    "PhantomPatient",
    "PhantomPneumothorax",
    "PhantomRadiograph",
    "Pose",
    "known_transform",
    "render",
    "report",
    "write_dicom",
]
