"""When two films can be held against each other for mirroring."""

import numpy as np
import pytest

from ptx_followup.followup.handedness import asymmetry_correlation
from ptx_followup.radiograph.image import Radiograph


def test_one_hemithorax_alone_tells_nothing() -> None:
    pixels = np.random.default_rng(0).random((128, 128), np.float32)
    film = Radiograph(pixels)
    both = np.zeros((128, 128), np.uint8)
    both[20:100, 10:50], both[20:100, 70:110] = 1, 2
    right = np.where(both == 1, both, 0).astype(np.uint8)
    assert asymmetry_correlation((film, both), (film, both)) == pytest.approx(1)
    assert asymmetry_correlation((film, right), (film, both)) is None
