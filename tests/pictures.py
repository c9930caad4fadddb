"""Pictures for tests: made here, in memory, so that no test depends on a file from somewhere."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageDraw

PHONE = (540, 1170)


def screenshot(size: tuple[int, int] = PHONE, *, amount: str = "NT$ 1,250") -> Image.Image:
    """Draw a transfer's receipt; the amount is the only thing that differs between two of them."""
    image = Image.new("RGB", size, "#f7f7f8")
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.rectangle((0, 0, width, height // 8), fill="#1f6f5c")
    draw.text((width // 10, height // 20), "Transfer complete", fill="white", font_size=max(8, width // 14))
    for row in range(2, 12):
        top = row * height // 14
        draw.rectangle(
            (width // 10, top, width // 10 + width * (row % 5 + 2) // 10, top + height // 40), "#c9ccd1"
        )
    draw.text((width // 10, height // 2), amount, fill="black", font_size=max(8, width // 10))
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the picture as a file of this kind: PNG, JPEG, WEBP, GIF, TIFF, BMP, …"""
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def decoded(data: bytes) -> Image.Image:
    """Return what is in a file, loaded."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def photo_with_gps(orientation: int = 6) -> bytes:
    """Return a camera's JPEG, lying on its side, whose EXIF tells the place, the camera and the owner.

    Stored 200×100 with a red left half; turned upright by orientation 6 the red half is on top.
    """
    image = Image.new("RGB", (200, 100), "blue")
    image.paste("red", (0, 0, 100, 100))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCamera"
    exif[0x013B] = "SecretOwner"
    exif.get_ifd(0x8825).update({1: "N", 2: (25.0, 2.0, 3.0), 3: "E", 4: (121.0, 33.0, 4.0)})
    return encoded(image, "JPEG", exif=exif, quality=95, comment=b"SecretComment")


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Return one PNG chunk with its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, bits: int, colour: int, rows: bytes) -> bytes:
    """Return a PNG made by hand; `rows` as the format wants them: a filter byte before each."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )


def png_bomb(width: int, height: int) -> bytes:
    """Return a few hundred bytes that claim to be a huge PNG."""
    return png(width, height, bits=8, colour=6, rows=bytes(1000))


def webp_bomb() -> bytes:
    """Return a few dozen bytes that claim to be a WebP of 16383 by 16383 pixels."""
    canvas = b"\x00\x00\x00\x00" + (16382).to_bytes(3, "little") * 2
    body = b"WEBP" + b"VP8X" + struct.pack("<I", len(canvas)) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_bomb(side: int) -> bytes:
    """Return a small JPEG whose header was changed to claim a huge square."""
    data = bytearray(encoded(screenshot((64, 64)), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", side, side)
    return bytes(data)


def deep_grey_png() -> bytes:
    """Return a 16-bit grey PNG, 60×60: left half a quarter bright, right half three quarters."""
    row = b"\x00" + b"\x40\x00" * 30 + b"\xc0\x00" * 30
    return png(60, 60, bits=16, colour=0, rows=row * 60)


def deep_colour_png() -> bytes:
    """Return a 16-bit RGB PNG, 60×60, all orange."""
    return png(60, 60, bits=16, colour=2, rows=(b"\x00" + b"\xff\xff\x80\x00\x00\x00" * 60) * 60)


def palette_png_with_alpha() -> bytes:
    """Return a palette PNG, 80×80: left half opaque green, right half fully transparent."""
    image = Image.new("P", (80, 80), 1)
    image.putpalette([0, 128, 0, 10, 20, 30])
    image.paste(0, (0, 0, 40, 80))
    return encoded(image, "PNG", transparency=b"\xff\x00")


def animation(kind: str) -> bytes:
    """Return two frames of 100×100: first red, then blue."""
    red, blue = Image.new("RGB", (100, 100), "red"), Image.new("RGB", (100, 100), "blue")
    return encoded(red, kind, save_all=True, append_images=[blue], duration=100)
