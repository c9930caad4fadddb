"""Invented transfer receipts for the demo, drawn without a picture library: a coloured head, a tick, grey lines."""

import struct
import zlib

WIDTH, HEIGHT = 360, 640
WHITE, GREY, DARK = (255, 255, 255), (214, 219, 217), (58, 66, 63)
COLORS = {"green": (18, 160, 92), "blue": (33, 94, 186), "red": (176, 58, 46), "violet": (110, 72, 170)}


def receipt(color: str, seed: int) -> bytes:
    """A PNG that looks like a banking app's receipt; another `seed` draws other lines."""
    canvas = [[WHITE] * WIDTH for _ in range(HEIGHT)]
    head = COLORS[color]
    _box(canvas, 0, 0, WIDTH, 96, head)
    _box(canvas, 110, 40, 250, 56, WHITE)
    _disc(canvas, 180, 176, 40, head)
    for step in range(18):
        _box(canvas, 160 + step // 2, 174 + step, 166 + step // 2, 180 + step, WHITE)
        _box(canvas, 168 + step * 2, 192 - step * 2, 174 + step * 2, 198 - step * 2, WHITE)
    _box(canvas, 96, 244, 264, 272, DARK)
    for row in range(7):
        top = 330 + row * 40
        _box(canvas, 36, top, 96 + (seed * 7 + row * 13) % 40, top + 12, GREY)
        _box(canvas, 250 - (seed * 31 + row * 29) % 90, top, 324, top + 12, DARK if row == 1 else GREY)
    return _png(canvas)


def _box(
    canvas: list[list[tuple[int, int, int]]],
    left: int,
    top: int,
    right: int,
    bottom: int,
    color: tuple[int, int, int],
) -> None:
    for y in range(top, bottom):
        canvas[y][left:right] = [color] * (right - left)


def _disc(
    canvas: list[list[tuple[int, int, int]]], x: int, y: int, radius: int, color: tuple[int, int, int]
) -> None:
    for dy in range(-radius, radius + 1):
        half = int((radius * radius - dy * dy) ** 0.5)
        _box(canvas, x - half, y + dy, x + half + 1, y + dy + 1, color)


def _png(canvas: list[list[tuple[int, int, int]]]) -> bytes:
    """Eight-bit RGB, each line unfiltered (PNG specification, third edition, sections 5 and 11)."""
    lines = b"".join(b"\0" + b"".join(bytes(pixel) for pixel in line) for line in canvas)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
