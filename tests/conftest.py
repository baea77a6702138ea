"""Fixtures for the whole suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REAL_DATA = os.environ.get("PTX_REAL_DATA")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real radiographs; the test is skipped where it is not available."""
    if not REAL_DATA or not Path(REAL_DATA).is_dir():
        pytest.skip("PTX_REAL_DATA does not name a folder of real radiographs (see docs/real-data.md)")
    return Path(REAL_DATA)
