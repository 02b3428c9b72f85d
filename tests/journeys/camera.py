"""What a fake camera looks at: a real screenshot, as the video file that Chromium takes for its camera."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {2: 3, 6: 4}
FRAMES = 5


@dataclass(frozen=True)
class Picture:
    """Rows of luma, 0 black to 255 white."""

    width: int
    height: int
    rows: list[bytes]


def blank(picture: Picture) -> Picture:
    """Nothing to be seen, of the same size."""
    return Picture(picture.width, picture.height, [bytes([255]) * picture.width] * picture.height)


def decoded(png: bytes) -> Picture:
    """A screenshot in shades of grey (PNG, ISO/IEC 15948): 8 bits a channel, RGB or RGBA, not interlaced."""
    parts = dict.fromkeys((b"IHDR", b"IDAT"), b"")
    for kind, content in chunks(png):
        if kind in parts:
            parts[kind] += content
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    assert (depth, interlaced) == (8, 0)
    size = CHANNELS[colour]
    rows = [bytes(row[i] * 54 + row[i + 1] * 183 + row[i + 2] * 19 >> 8 for i in range(0, len(row), size))
            for row in unfiltered(zlib.decompress(parts[b"IDAT"]), width * size, size)]
    return Picture(width, height, rows)


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    assert png.startswith(SIGNATURE)
    at = len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        yield kind, png[at + 8:at + 8 + length]
        at += 12 + length


def unfiltered(data: bytes, stride: int, size: int) -> Iterator[bytearray]:
    """The rows behind the five filters (§9.2)."""
    above = bytearray(stride)
    for start in range(0, len(data), stride + 1):
        kind, row = data[start], bytearray(data[start + 1:start + 1 + stride])
        for i in range(stride if kind else 0):
            left, corner = (row[i - size], above[i - size]) if i >= size else (0, 0)
            row[i] = row[i] + (0, left, above[i], (left + above[i]) >> 1, paeth(left, above[i], corner))[kind] & 255
        yield row
        above = row


def paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))


def write_video(picture: Picture, file: Path) -> Path:
    """The picture on a grey ground with a margin, as uncompressed YUV4MPEG2 that Chromium plays in a circle. One of the same
    size is written over the one before, and a camera that is looking sees it."""
    width, height = (-(-side // 16) * 16 + 64 for side in (picture.width, picture.height))
    left, top = (width - picture.width) // 2, (height - picture.height) // 2
    ground = bytes([110]) * width
    lines = [ground] * top
    lines += [ground[:left] + row + ground[left + picture.width:] for row in picture.rows]
    lines += [ground] * (height - len(lines))
    frame = b"FRAME\n" + b"".join(lines) + bytes([128]) * (width * height // 2)
    with file.open("r+b" if file.exists() else "wb") as video:
        video.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * FRAMES)
    return file
