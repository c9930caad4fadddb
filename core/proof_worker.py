"""The child process that decodes one picture; only `core.proofs.clean_proof` starts it.

Decoding happens apart from the bot for three reasons. Memory: one 12-megapixel picture takes about 100 MiB
while it is decoded, and a process that ends gives all of it back. Safety: decoders in C meet whatever people
send, here without the bot's database, environment or secrets, and with a cap on memory and CPU. Speed: Python
threads keep the event loop waiting now and then, a process does not.

The picture comes in on standard input. Standard output carries one line of JSON and, when the picture was
accepted, the bytes of the clean picture and of its thumbnail (their lengths are in that line).
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import warnings
from typing import Any

from PIL import Image, ImageChops
from PIL.ImageFile import ImageFile

MEGAPIXEL = 1_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_MEGAPIXELS_JPEG = 50  # it is shrunk while it is decoded,
MOST_MEGAPIXELS = 25  # the others only afterwards
LEAST_SIDE = 40
LONGEST_SIDE = 2000
THUMBNAIL_SIDE = 320
PICTURE_QUALITY = 82
THUMBNAIL_QUALITY = 75
WEBP_METHOD = 2  # 4 is 3 % smaller and a third slower

HASH_GRID = (32, 64)  # columns, rows
HASH_STEP = 4  # of 255; on an even background what a copy does to a cell stays below
COMPARED_WIDTH = 480
STATUS_BAR = 0.05  # of the height, on top: the time and the battery differ between two copies
CLEARLY = 72  # of 255; what re-saving and resizing do to a pixel stays below

_MEMORY_BYTES = 1 << 30  # of address space; the costliest accepted picture takes about half
_CPU_SECONDS = 20
_STRIP_ROWS = 256
_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refused(Exception):  # noqa: N818 - reads as a sentence, like the errors of core/errors/
    """Not taken: `not_a_picture`, `too_many_pixels` or `too_small`, with the limit that it broke."""

    def __init__(self, reason: str, limit: int = 0) -> None:
        """Keep the reason and the limit (megapixels, or pixels of the shorter side)."""
        super().__init__(reason)
        self.reason = reason
        self.limit = limit


def main() -> None:
    """Clean the picture on standard input and answer on standard output."""
    cap_resources()
    output = sys.stdout.buffer
    try:
        header, picture, thumbnail = clean(sys.stdin.buffer.read())
    except Refused as refused:
        header, picture, thumbnail = {"refused": refused.reason, "limit": refused.limit}, b"", b""
    output.write(json.dumps(header).encode() + b"\n" + picture + thumbnail)
    output.flush()


def compare_main() -> None:
    """Compare the first picture on standard input with the others, and answer on standard output.

    The first line has the length of each picture; `hot` in the answer has a number for each but the first.
    """
    cap_resources()
    line, _, rest = sys.stdin.buffer.read().partition(b"\n")
    pictures, start = [], 0
    for size in json.loads(line):
        pictures.append(rest[start : start + size])
        start += size
    first = comparable(pictures[0])
    header = {"hot": [hot_pixels(first, comparable(other)) for other in pictures[1:]]}
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n")


def comparable(data: bytes) -> Image.Image:
    """Return one of our own clean pictures in grey, COMPARED_WIDTH wide."""
    image = Image.open(io.BytesIO(data), formats=("WEBP",)).convert("L")
    height = max(1, round(image.height * COMPARED_WIDTH / image.width))
    return image.resize((COMPARED_WIDTH, height), Image.Resampling.LANCZOS)


def hot_pixels(first: Image.Image, other: Image.Image) -> int | None:
    """Count the pixels below the status bar that differ clearly; None for pictures of another shape."""
    if abs(first.height - other.height) > 2:
        return None
    if first.size != other.size:  # the sides of a resized copy were rounded
        other = other.resize(first.size, Image.Resampling.LANCZOS)
    top = round(first.height * STATUS_BAR)
    difference = ImageChops.difference(first, other).crop((0, top, *first.size))
    return sum(difference.histogram()[CLEARLY + 1 :])


def cap_resources() -> None:
    """Limit this process's memory and CPU time where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    for kind, limit in ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_CPU, _CPU_SECONDS)):
        hard = resource.getrlimit(kind)[1]
        soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (soft, hard))


def clean(data: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """Return the header line, the clean picture and its thumbnail; raises Refused."""
    image = decode(data)
    picture = _as_webp(image, PICTURE_QUALITY)
    header = {
        "width": image.width,
        "height": image.height,
        "pixels_sha256": hashlib.sha256(b"%d %d " % image.size + image.tobytes()).hexdigest(),
        "dhash": difference_hash(image),
    }
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    thumbnail = _as_webp(image, THUMBNAIL_QUALITY)
    return header | {"picture_bytes": len(picture), "thumbnail_bytes": len(thumbnail)}, picture, thumbnail


def decode(data: bytes) -> Image.Image:
    """Return the first frame upright, opaque RGB, no side longer than LONGEST_SIDE; raises Refused."""
    try:
        opaque, turn = _load(_open(data), data)
    except MemoryError:
        raise Refused("too_many_pixels", _most_megapixels(data)) from None
    opaque.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    rgb = opaque.convert("RGB")
    return rgb if turn is None else rgb.transpose(turn)


def difference_hash(image: Image.Image) -> str:
    """Return 2,048 bits as hex: is each cell of a grid clearly darker than its right neighbour?

    The grid is as fine as the lines of a receipt: re-saved and resized copies differ in a few bits, receipts of
    one bank in as few only when they say nearly the same. It ranks; what decides are the pixels.
    """
    columns, rows = HASH_GRID
    cells = image.convert("L").resize((columns + 1, rows), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for first in range(0, len(cells), columns + 1):
        for left in range(first, first + columns):
            bits = bits << 1 | (cells[left] + HASH_STEP < cells[left + 1])
    return f"{bits:0{columns * rows // 4}x}"


def _open(data: bytes) -> ImageFile:
    """Read only the header: format and size, both judged before anything is decoded; raises Refused."""
    most = _most_megapixels(data)
    Image.MAX_IMAGE_PIXELS = most * MEGAPIXEL
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("too_many_pixels", most) from None
    except MemoryError:
        raise
    except Exception as error:
        print(f"not opened: {error!r}", file=sys.stderr)  # noqa: T201 - the parent logs our stderr
        raise Refused("not_a_picture") from error
    if min(image.size) < LEAST_SIDE:
        raise Refused("too_small", LEAST_SIDE)
    return image


def _load(image: ImageFile, data: bytes) -> tuple[Image.Image, Image.Transpose | None]:
    """Decode the pixels; return them opaque, and how they must be turned. Raises Refused, MemoryError."""
    try:
        # JPEG decodes straight to 1/2, 1/4 or 1/8 of its size; other formats ignore this.
        image.draft(None, _fitted(image.size))
        if image.format == "PNG":  # its decoder ignores checksums and would return a damaged picture as noise
            Image.open(io.BytesIO(data), formats=("PNG",)).verify()
        image.load()
        return _opaque(image), _turn(image)
    except MemoryError:
        raise
    except Exception as error:
        # Decoders answer damaged data with nearly any exception: OSError, ValueError, struct.error, …
        print(f"not decoded: {error!r}", file=sys.stderr)  # noqa: T201 - the parent logs our stderr
        raise Refused("not_a_picture") from error


def _most_megapixels(data: bytes) -> int:
    """Return the size limit for what the first bytes claim to be."""
    return MOST_MEGAPIXELS_JPEG if data.startswith(b"\xff\xd8\xff") else MOST_MEGAPIXELS


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size with its longer side at LONGEST_SIDE, as the target of a JPEG's draft mode."""
    scale = LONGEST_SIDE / max(size)
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _turn(image: Image.Image) -> Image.Transpose | None:
    """Return how the camera says the picture must be turned; damaged EXIF says nothing."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # a damaged block raises nearly anything, and is no reason to refuse the picture
        return None


def _opaque(image: Image.Image) -> Image.Image:
    """Return the picture in a mode without alpha, palette or 16-bit samples, fit to be resized."""
    if image.mode.startswith("I"):  # 16-bit grey; a plain convert would clip instead of scale
        image.info.pop("transparency", None)
        return image.point(lambda sample: sample * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return _on_white(image)
    return image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    """Lay a picture with transparent parts on white, in strips so that only one copy of it is in memory."""
    flat = Image.new("RGB", image.size, "white")
    for top in range(0, image.height, _STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(top + _STRIP_ROWS, image.height))).convert("RGBA")
        flat.paste(strip, (0, top), strip)
    return flat


def _as_webp(image: Image.Image, quality: int) -> bytes:
    """Encode as WebP without any metadata."""
    output = io.BytesIO()
    image.save(output, "WEBP", quality=quality, method=WEBP_METHOD)
    return output.getvalue()
