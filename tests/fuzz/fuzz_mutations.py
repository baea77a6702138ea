"""Changes that make files hostile: of bytes, of DICOM elements, of the structure around them, and of text."""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable, Sequence

Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]

_LONG_VRS = (b"OB", b"OD", b"OF", b"OL", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT")
_LENGTHS = (0, 1, 2, 3, 7, 0xFF, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFE, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_NUMBERS = (0, 1, 2, 3, 7, 8, 9, 12, 15, 16, 32, 63, 64, 255, 4096, 16384, 16385, 32767, 32768, 65535)
_SYNTAXES = (
    *(b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.2"),
    *(b"1.2.840.10008.1.2.4.50", b"1.2.840.10008.1.2.4.51", b"1.2.840.10008.1.2.4.57"),
    *(b"1.2.840.10008.1.2.4.70", b"1.2.840.10008.1.2.4.80", b"1.2.840.10008.1.2.4.81"),
    *(b"1.2.840.10008.1.2.4.90", b"1.2.840.10008.1.2.4.91", b"1.2.840.10008.1.2.4.201"),
    *(b"1.2.840.10008.1.2.4.100", b"1.2.840.10008.1.2.5", b"1.2.3", b""),
)
#: Rows, Columns, BitsAllocated, BitsStored, HighBit, PixelRepresentation, SamplesPerPixel, padding, planes.
_NUMERIC_TAGS = (0x0010, 0x0011, 0x0100, 0x0101, 0x0102, 0x0103, 0x0002, 0x0120, 0x0006)
_PIXEL_DATA = b"\xe0\x7f\x10\x00"
_TRANSFER_SYNTAX = b"\x02\x00\x10\x00UI"


def flip_bits(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def flip_bits_of_the_head(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Headers are short beside pixels, and decide more."""
    size = min(len(data), 1500)
    return flip_bits(data[:size], chance, seeds) + data[size:]


def cut_short(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    return data[: chance.randrange(1, len(data))]


def cut_out(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.choice((1, 2, 4, 100, 1000)) :] or b"\0"


def repeat(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    start = chance.randrange(len(data))
    part = data[start : start + chance.choice((1, 2, 8, 256))]
    return data[:start] + part * chance.choice((1, 2, 100)) + data[start:]


def insert_noise(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + chance.randbytes(chance.choice((1, 2, 8, 64))) + data[start:]


def splice(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """The beginning of one file and the end of another."""
    other = chance.choice(seeds)
    return data[: chance.randrange(1, len(data))] + other[chance.randrange(len(other)) :]


def change_tag(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    start = _element(data, chance)
    tag = struct.pack(
        "<HH", chance.choice((0, 2, 8, 9, 0x28, 0x7FE0, 0xFFFE, 0xFFFF)), chance.randrange(65536)
    )
    return data[:start] + tag + data[start + 4 :]


def change_length(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    start, length = _element(data, chance), chance.choice(_LENGTHS)
    if data[start + 4 : start + 6] in _LONG_VRS:
        return data[: start + 8] + struct.pack("<I", length) + data[start + 12 :]
    if chance.random() < 0.5:
        return data[: start + 6] + struct.pack("<H", length & 0xFFFF) + data[start + 8 :]
    return data[: start + 4] + struct.pack("<I", length) + data[start + 8 :]


def change_number(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One of the numbers that describe the pixels."""
    tag = struct.pack("<HH", 0x0028, chance.choice(_NUMERIC_TAGS))
    start = data.find(tag)
    if start < 0:
        return change_length(data, chance, seeds)
    return data[: start + 8] + struct.pack("<H", chance.choice(_NUMBERS)) + data[start + 10 :]


def change_text(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One of the texts, to bytes that no character set has, or to a very long number."""
    start = _element(data, chance)
    length = int.from_bytes(data[start + 6 : start + 8], "little")
    if not 0 < length < 200:
        return flip_bits_of_the_head(data, chance, seeds)
    fill = chance.choice((b"\xff", b"9", b"\\", b"\0", b"^", b"=", b"\x1b", b"-"))
    return data[: start + 8] + fill * length + data[start + 8 + length :]


def swap_transfer_syntax(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    start = data.find(_TRANSFER_SYNTAX)
    if start < 0:
        return flip_bits_of_the_head(data, chance, seeds)
    end = start + 8 + int.from_bytes(data[start + 6 : start + 8], "little")
    uid = chance.choice(_SYNTAXES)
    uid += b"\0" * (len(uid) % 2)
    return data[: start + 6] + struct.pack("<H", len(uid)) + uid + data[end:]


def nest_sequences(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Sequences in sequences before an element, left open or closed."""
    start, depth = _element(data, chance), chance.choice((1, 3, 30, 300, 3000))
    tag = chance.choice((b"\x08\x00\x40\x11", b"\x40\x00\x30\xa7", b"\x09\x00\x01\x10", b"\x54\x00\x20\x02"))
    explicit = data[start + 4 : start + 6].isupper()
    head = tag + (b"SQ\0\0" if explicit else b"") + b"\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    foot = b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
    return data[:start] + head * depth + foot * chance.choice((0, depth)) + data[start:]


def cut_stream(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A part of the pixels is missing, while the end of a compressed stream is there."""
    start = _pixels(data)
    size = len(data) - start
    kept, lost = chance.randrange(size), chance.randrange(1, size + 1)
    return data[: start + kept] + data[start + kept + lost :] + b"\xff\xd9" + b"\xfe\xff\xdd\xe0\0\0\0\0"


def flip_bits_of_the_stream(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    start = _pixels(data)
    if chance.random() < 0.5:  # the stream's own header
        end = min(len(data), start + 150)
        return data[:start] + flip_bits(data[start:end], chance, seeds) + data[end:]
    return data[:start] + flip_bits(data[start:], chance, seeds)


def change_stream_header(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A number in the header of a compressed stream becomes very large or nothing."""
    start = _pixels(data) + chance.randrange(120)
    width = chance.choice((1, 2, 4))
    number = chance.choice((0, 1, 0x7F, 0x7FFF, 0x7FFFFFFF, 0xFFFFFFFF)) & ((1 << 8 * width) - 1)
    return data[:start] + number.to_bytes(width) + data[start + width :]


def _element(data: bytes, chance: random.Random) -> int:
    """Where an element of explicit encoding starts, found by its VR; else anywhere."""
    found = [match.start() for match in re.finditer(rb"(?s)..[\x00-\x7f]\x00?[A-Z]{2}", data[:20_000])]
    found = [start for start in found if data[start + 4 : start + 6].isalpha()]
    return chance.choice(found) if found else chance.randrange(len(data))


def _pixels(data: bytes) -> int:
    """Where pixel data start; else a third of the way."""
    start = data.rfind(_PIXEL_DATA)
    return min(start + 8 if start >= 0 else len(data) // 3, len(data) - 1)


BYTES: tuple[Mutation, ...] = (flip_bits, cut_short, cut_out, repeat, insert_noise, splice)
DICOM: tuple[Mutation, ...] = (
    *BYTES,
    *(flip_bits_of_the_head, change_tag, change_length, change_number, change_text, swap_transfer_syntax),
    *(nest_sequences, cut_stream, flip_bits_of_the_stream, change_stream_header),
)


def replace_word(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A word or number of a text becomes another one of this or another text, or an extreme number."""
    words = list(re.finditer(rb"[\w.+-]+", data))
    if not words:
        return insert_noise(data, chance, seeds)
    word, other = chance.choice(words), re.findall(rb"[\w.+-]+", chance.choice(seeds)) or [b"x"]
    extremes = (
        b"-1",
        b"0",
        b"1e308",
        b"NaN",
        b"Infinity",
        b"9" * 30,
        b"null",
        b"true",
        b"\xff",
        b"[]",
        b"{}",
    )
    new = chance.choice((chance.choice(other), chance.choice(extremes)))
    return data[: word.start()] + new + data[word.end() :]


def nest_brackets(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    start = chance.randrange(len(data))
    return (
        data[:start]
        + chance.choice((b"[", b"{", b"<a>", b'"', b"(")) * chance.choice((1, 50, 5000))
        + data[start:]
    )


def repeat_without_end(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    start = chance.randrange(len(data))
    part = data[start : start + chance.choice((1, 5, 40))]
    return data[:start] + part * chance.choice((100, 3000)) + data[start:]


TEXT: tuple[Mutation, ...] = (*BYTES, replace_word, replace_word, nest_brackets, repeat_without_end)


def mutate(data: bytes, kinds: Sequence[Mutation], chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One to three changes, one after another."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        if len(data) > 1:
            data = chance.choice(kinds)(data, chance, seeds)
    return data
