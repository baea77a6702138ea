"""Pictures in JPEG-LS, encoded in another process, which imports this module: nothing else stands here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import JPEGLSLossless

from ptx_followup.files import contained

if TYPE_CHECKING:
    from ptx_followup.figures.canvas import Picture


def jpeg_ls(picture: Picture) -> bytes:
    """A picture without loss in JPEG-LS.

    JPEG-LS takes a ninth of the bytes and is what both Orthanc and DCMTK decode; Debian's Orthanc shows no
    JPEG 2000. The encoder holds Python's lock, so that another thread would only wait for it: it runs in the
    process that reads files, which has nothing to do by then.

    Args:
        picture: uint8, H x W x 3, RGB.
    """
    _, stream = contained.work(encode_in_child, "the picture", picture)
    return stream.tobytes()


def encode_in_child(request: contained.Request) -> contained.Answer:
    """What `jpeg_ls` asks for: nothing known, and the stream as one row of bytes."""
    rows, columns, samples = request.array.shape
    stream = get_encoder(JPEGLSLossless).encode(
        request.array,
        rows=rows,
        columns=columns,
        samples_per_pixel=samples,
        number_of_frames=1,
        bits_allocated=8,
        bits_stored=8,
        pixel_representation=0,
        photometric_interpretation="RGB",
        planar_configuration=0,
    )
    return {}, np.frombuffer(stream, np.uint8)[None]
