"""A reading process whose decoder does what hostile files make decoders do; the file's name says what."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from ptx_followup.dicom import decode
from ptx_followup.files import reading_process
from ptx_followup.files.contained import Answer, Request
from ptx_followup.radiograph import read


class PanicException(BaseException):
    """Named and derived like the panic of a decoder written in Rust."""


def _panic() -> None:
    raise PanicException("SECRETNAME")


def _print() -> None:
    os.write(1, b"SECRETNAME" * 1000)
    os.write(2, b"SECRETNAME" * 1000)
    sys.stdout.write("SECRETNAME")
    sys.stdout.flush()


def _spin() -> None:
    while True:
        pass


DEEDS = {
    "crash.dcm": lambda: ctypes.string_at(0),
    "exit.dcm": lambda: os._exit(0),
    "hang.dcm": lambda: time.sleep(600),
    "spin.dcm": _spin,
    "swell.dcm": lambda: np.ones(1 << 28),
    "panic.dcm": _panic,
    "print.dcm": _print,
    "write.dcm": lambda: Path(os.environ["PTX_TEST_FILE"]).write_bytes(b"SECRETNAME"),
}

honest = read.read_in_child


def read_in_child(request: Request) -> Answer:
    def misbehaving(dataset: object) -> Any:
        DEEDS.get(request.label, lambda: None)()
        return decoder(dataset)

    decoder, decode.decode = decode.decode, misbehaving
    try:
        return honest(request)
    finally:
        decode.decode = decoder


read.read_in_child = read_in_child

if __name__ == "__main__":
    reading_process.main()
