"""What counts as a proof of payment, how it is cleaned, and what a store of proofs has to do.

A proof is a picture that a member sends as screenshot of a transfer. It is judged by decoding it, never by
its name or declared type, and only its re-encoded pixels are kept: no EXIF, no place, no hidden tail.

Figures (2 cores; time with the child process included; peak of the child's resident memory):
12-megapixel photo as JPEG 0.40 s, 68 MiB; 12-megapixel screenshot as PNG 0.50 s, 101 MiB; 40-megapixel JPEG
0.63 s, 99 MiB (progressive 0.94 s, 182 MiB); 25-megapixel PNG with alpha 1.1 s, 226 MiB; 25-megapixel WebP
1.4 s, 430 MiB. In the bot's own process the second one alone would raise its peak by 90 MiB.
The bot itself keeps nothing but the few hundred kB of the result.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import (
    ProofEmpty,
    ProofNotAPicture,
    ProofTooLarge,
    ProofTooManyPixels,
    ProofTooSmall,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

log = logging.getLogger(__name__)

MAX_PROOF_MEGABYTES = 10
MAX_PROOF_BYTES = MAX_PROOF_MEGABYTES * 1024 * 1024
PROOF_CONTENT_TYPE = "image/webp"

_SECONDS_TO_CLEAN = 30
_KEY = re.compile(r"w[0-9]{1,18}/[0-9]{4}-[0-9]{2}/[0-9a-f]{32}(-small)?\.webp")
_PACKAGE_ROOT = Path(__file__).resolve().parent.parent
# The child gets our import path as an argument, so it needs no environment, and so sees no secret in it.
_START_WORKER = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from core import proof_worker; getattr(proof_worker, sys.argv[2])()"
)


@dataclass(frozen=True)
class CleanProof:
    """One picture, ready to be stored: upright, opaque, at most 2000 pixels a side, with no metadata."""

    picture: bytes
    thumbnail: bytes
    """At most 320 pixels a side, of the same content type."""
    content_type: str
    width: int
    height: int
    sha256: str
    """Of the bytes that were sent, as hex: the very same file again."""
    pixels_sha256: str
    """Of the cleaned pixels, as hex: the same picture in another file."""
    dhash: str
    """512 hex digits; pictures whose hashes differ in few bits are worth comparing."""


class ProofStorage(Protocol):
    """Keeps pictures by key. Every method raises StorageUnavailable when the store cannot be reached or used.

    Keys are those of `new_proof_key` and `thumbnail_key`; any other is our mistake and a ValueError.
    """

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store durably, all or nothing; the same key again replaces. Raises ProofNotStored."""

    async def get(self, key: str) -> bytes:
        """Return what is stored; raises ProofMissing."""

    async def delete(self, key: str) -> None:
        """Remove it; that it is not there is no error."""

    async def list_keys(self, older_than: datetime) -> list[str]:
        """List the keys stored before this instant, and what interrupted writes left; for the orphan sweep.

        The store's own clock says how old they are, so the instant must be real time, not a stepped clock's.
        """

    async def check(self) -> None:
        """Raise one clear error when this store cannot work as it is configured; asked once at start."""


def new_proof_key(workspace_id: int, period_text: str) -> str:
    """Return a fresh key that nobody can guess, such as `w3/2026-06/<32 hex digits>.webp`."""
    key = f"w{workspace_id}/{period_text}/{uuid.uuid4().hex}.webp"
    require_proof_key(key)
    return key


def thumbnail_key(key: str) -> str:
    """Return the key under which the thumbnail of this proof is stored."""
    return key.removesuffix(".webp") + "-small.webp"


def is_proof_key(key: str) -> bool:
    """Tell whether this is a key as `new_proof_key` and `thumbnail_key` make them."""
    return _KEY.fullmatch(key) is not None


def require_proof_key(key: str) -> None:
    """Raise ValueError unless it is a proof's key: a store must never be led to anything else."""
    if not is_proof_key(key):
        raise ValueError(f"not the key of a proof: {key!r}")


def clean_proof(data: bytes) -> CleanProof:
    """Judge a picture by decoding it and return its clean copy; blocks for a second or so.

    Call it from a thread, one at a time: each call takes up to 450 MiB in a child process while it runs.
    Raises ProofEmpty, ProofTooLarge, ProofNotAPicture, ProofTooManyPixels or ProofTooSmall.
    """
    if not data:
        raise ProofEmpty()
    if len(data) > MAX_PROOF_BYTES:
        raise ProofTooLarge(megabytes=MAX_PROOF_MEGABYTES)
    header, pictures = _run_worker("main", data)
    _refuse(header)
    return CleanProof(
        picture=pictures[: header["picture_bytes"]],
        thumbnail=pictures[header["picture_bytes"] :],
        content_type=PROOF_CONTENT_TYPE,
        width=header["width"],
        height=header["height"],
        sha256=hashlib.sha256(data).hexdigest(),
        pixels_sha256=header["pixels_sha256"],
        dhash=header["dhash"],
    )


def hot_pixels(picture: bytes, earlier: Sequence[bytes]) -> list[int | None]:
    """Compare a clean picture with earlier ones: how many pixels differ clearly from each; blocks.

    None for one of another shape. Raises ProofNotAPicture when they could not be read in time.
    """
    parts = [picture, *earlier]
    sizes = json.dumps([len(part) for part in parts]).encode()
    header, _ = _run_worker("compare_main", sizes + b"\n" + b"".join(parts))
    found: list[int | None] = header["hot"]
    return found


def _run_worker(task: str, data: bytes) -> tuple[dict[str, Any], bytes]:
    """Decode in a child process; returns its header line and the pictures that follow it."""
    import_path = json.dumps([str(_PACKAGE_ROOT), *sys.path])
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _START_WORKER, import_path, task],
            input=data,
            capture_output=True,
            timeout=_SECONDS_TO_CLEAN,
            env={} if os.name == "posix" else None,
            start_new_session=True,  # Ctrl-C is for the bot, which lets a picture in hand be finished
            check=False,
        )
    except subprocess.TimeoutExpired:
        log.warning("A screenshot of %d bytes was not decoded within %d s", len(data), _SECONDS_TO_CLEAN)
        raise ProofNotAPicture() from None
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode < 0:  # killed: it took too much CPU or memory, or it broke the decoder
        log.warning("Decoding a screenshot ended by signal %d: %s", -done.returncode, said)
        raise ProofNotAPicture()
    if done.returncode > 0:
        raise RuntimeError(f"the proof worker failed with status {done.returncode}: {said}")
    if said:
        log.info("Decoding a screenshot: %s", said)
    line, _, pictures = done.stdout.partition(b"\n")
    header = json.loads(line)
    if len(pictures) != header.get("picture_bytes", 0) + header.get("thumbnail_bytes", 0):
        raise RuntimeError("the proof worker's answer is cut off")
    return header, pictures


def _refuse(header: dict[str, Any]) -> None:
    """Turn the worker's refusal, if it is one, into the error that the member reads."""
    reason = header.get("refused")
    if reason == "not_a_picture":
        raise ProofNotAPicture()
    if reason == "too_many_pixels":
        raise ProofTooManyPixels(megapixels=header["limit"])
    if reason == "too_small":
        raise ProofTooSmall(pixels=header["limit"])
