"""Fixtures for reading and writing DICOM."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydicom import config


@pytest.fixture(autouse=True)
def strict_writing() -> Iterator[None]:
    """What a test writes is legal DICOM, unless the test says otherwise."""
    before = config.settings.writing_validation_mode
    config.settings.writing_validation_mode = config.RAISE
    yield
    config.settings.writing_validation_mode = before
