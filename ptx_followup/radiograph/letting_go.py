"""Radiographs whose pixels are let go, and read again when they are looked at.

A series holds many films, of which one is worked on at a time.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from ptx_followup.errors import InputError
from ptx_followup.files.storage import file_label
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph


def let_go(radiograph: Radiograph) -> Radiograph:
    """The radiograph without its pixels; itself where there is no file to read them from again.

    Its `pixels` keep their shape and are no number anywhere, so that nothing can be measured on them.
    """
    if radiograph.path is None or radiograph.let_go is not None:
        return radiograph
    pixels = radiograph.pixels
    nothing = np.broadcast_to(np.float32(np.nan), pixels.shape)
    return replace(radiograph, pixels=nothing, let_go=hashlib.sha256(pixels.tobytes()).hexdigest())


def taken_up(radiograph: Radiograph) -> Radiograph:
    """The radiograph with its pixels, read again where they were let go.

    Raises:
        InputError: The file cannot be read any more, or is another one by now.
    """
    if radiograph.let_go is None or radiograph.path is None:
        return radiograph
    read = read_radiograph(radiograph.path)
    pixels = read.pixels if radiograph.inverted == read.inverted else read.turned_round().pixels
    if hashlib.sha256(pixels.tobytes()).hexdigest() != radiograph.let_go:
        raise InputError(f"{file_label(radiograph.path)} has changed since it was read", "run again")
    return replace(radiograph, pixels=pixels, let_go=None)
