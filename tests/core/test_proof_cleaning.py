"""What counts as a proof of payment, and what is left of it: real files through the real child process."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from core import proofs
from core.errors import (
    DomainError,
    ProofEmpty,
    ProofNotAPicture,
    ProofTooLarge,
    ProofTooManyPixels,
    ProofTooSmall,
)
from core.proofs import MAX_PROOF_BYTES, CleanProof, clean_proof
from tests.pictures import (
    animation,
    decoded,
    deep_colour_png,
    deep_grey_png,
    encoded,
    jpeg_bomb,
    palette_png_with_alpha,
    photo_with_gps,
    png_bomb,
    screenshot,
    webp_bomb,
)

REPOSITORY = Path(proofs.__file__).resolve().parent.parent
PNG = encoded(screenshot(), "PNG")
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255)


def pixel(proof: CleanProof, x: int, y: int) -> tuple[int, int, int]:
    return decoded(proof.picture).convert("RGB").getpixel((x, y))


def is_near(colour: tuple[int, int, int], wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) <= 12 for one, other in zip(colour, wanted, strict=True))


def bits_apart(one: CleanProof, other: CleanProof) -> int:
    return (int(one.dhash, 16) ^ int(other.dhash, 16)).bit_count()


# --- what is refused -----------------------------------------------------------------------------------

NOT_PICTURES = {
    "html": b"<!doctype html><html><body><img src=x onerror=alert(1)></body></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><script>1</script></svg>',
    "text": "我已經匯款了".encode(),
    "gif": encoded(screenshot((100, 100)), "GIF"),
    "tiff": encoded(screenshot((100, 100)), "TIFF"),
    "bmp": encoded(screenshot((100, 100)), "BMP"),
    "pdf": encoded(screenshot((100, 100)), "PDF"),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\nshowpage\n",
    "zeros": bytes(5000),
    "png signature alone": PNG[:8],
    "png header alone": PNG[:33],
    "truncated png": PNG[: len(PNG) // 2],
    "damaged png": PNG[:200] + bytes(400) + PNG[600:],
    "truncated jpeg": encoded(screenshot(), "JPEG")[:5000],
    "truncated webp": encoded(screenshot(), "WEBP")[:3000],
    "jpeg start alone": b"\xff\xd8\xff\xe0",
    "webp start alone": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
}


@pytest.mark.parametrize("name", NOT_PICTURES)
def test_what_does_not_decode_as_png_jpeg_or_webp_is_refused(name: str) -> None:
    with pytest.raises(ProofNotAPicture):
        clean_proof(NOT_PICTURES[name])


def test_no_bytes_are_refused_as_an_empty_screenshot() -> None:
    with pytest.raises(ProofEmpty):
        clean_proof(b"")


def test_one_byte_over_the_limit_is_refused_and_the_limit_itself_is_not() -> None:
    with pytest.raises(ProofTooLarge) as refused:
        clean_proof(PNG + bytes(MAX_PROOF_BYTES + 1 - len(PNG)))
    assert refused.value.params == {"megabytes": 10}
    assert clean_proof(PNG + bytes(MAX_PROOF_BYTES - len(PNG))).width == 540


@pytest.mark.parametrize(
    ("data", "megapixels"),
    [
        (png_bomb(30_000, 30_000), 25),
        (png_bomb(7_000, 7_000), 25),
        (png_bomb(5_001, 5_000), 25),
        (png_bomb(2**31 - 1, 2**31 - 1), 25),
        (webp_bomb(), 25),
        (jpeg_bomb(65_500), 50),
        (jpeg_bomb(7_100), 50),
    ],
)
def test_too_many_pixels_are_refused_by_the_header_alone(data: bytes, megapixels: int) -> None:
    with pytest.raises(ProofTooManyPixels) as refused:
        clean_proof(data)
    assert refused.value.params == {"megapixels": megapixels}


def test_a_side_below_forty_pixels_is_refused_and_forty_is_taken() -> None:
    with pytest.raises(ProofTooSmall) as refused:
        clean_proof(encoded(screenshot((400, 39)), "PNG"))
    assert refused.value.params == {"pixels": 40}
    proof = clean_proof(encoded(screenshot((40, 40)), "PNG"))
    assert (proof.width, proof.height) == (40, 40)


def test_a_png_that_claims_more_rows_than_it_has_is_refused() -> None:
    with pytest.raises(ProofNotAPicture):
        clean_proof(png_bomb(100, 100))


def test_a_decoder_that_takes_too_long_is_ended_and_the_picture_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proofs, "_SECONDS_TO_CLEAN", 0.001)
    with pytest.raises(ProofNotAPicture):
        clean_proof(PNG)


def test_a_decoder_that_is_killed_refuses_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "_START_WORKER", "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(ProofNotAPicture):
        clean_proof(PNG)


@pytest.mark.parametrize("code", ["raise SystemExit('no such module')", "print('{}', end='')"])
def test_a_worker_that_fails_by_our_own_fault_is_not_blamed_on_the_picture(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(proofs, "_START_WORKER", code)
    with pytest.raises((RuntimeError, KeyError)) as failed:
        clean_proof(PNG)
    assert not isinstance(failed.value, DomainError)


def test_the_worker_sees_no_environment_of_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POTKEEPER_DISCORD_TOKEN", "secret")
    monkeypatch.setattr(proofs, "_START_WORKER", "import os; raise SystemExit(repr(sorted(os.environ)))")
    with pytest.raises(RuntimeError) as failed:
        clean_proof(PNG)
    assert "TOKEN" not in str(failed.value)


# --- what is left of what is taken ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_of_each_format_becomes_webp_with_a_thumbnail(kind: str) -> None:
    proof = clean_proof(encoded(screenshot(), kind))
    picture, thumbnail = decoded(proof.picture), decoded(proof.thumbnail)
    assert (picture.format, thumbnail.format, proof.content_type) == ("WEBP", "WEBP", "image/webp")
    assert picture.size == (proof.width, proof.height) == (540, 1170)
    assert thumbnail.size == (148, 320)
    assert is_near(pixel(proof, 5, 5), (0x1F, 0x6F, 0x5C))


def test_a_large_picture_is_shrunk_to_two_thousand_pixels() -> None:
    for kind in ("PNG", "JPEG"):
        proof = clean_proof(encoded(screenshot((2200, 3000)), kind))
        assert (proof.width, proof.height) == (1467, 2000)


def test_a_small_picture_is_not_enlarged() -> None:
    proof = clean_proof(encoded(screenshot((120, 90)), "PNG"))
    assert decoded(proof.thumbnail).size == (proof.width, proof.height) == (120, 90)


def test_exif_is_gone_and_its_orientation_applied() -> None:
    sent = photo_with_gps(orientation=6)
    assert b"SecretCamera" in sent
    proof = clean_proof(sent)
    assert (proof.width, proof.height) == (100, 200)
    assert is_near(pixel(proof, 50, 20), (254, 0, 0))
    assert is_near(pixel(proof, 50, 180), (0, 0, 254))
    for kept in (proof.picture, proof.thumbnail):
        assert b"Secret" not in kept
        assert b"EXIF" not in kept
        assert not decoded(kept).getexif()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_as_pillow_turns_it(orientation: int) -> None:
    from PIL import ImageOps

    sent = photo_with_gps(orientation)
    proof = clean_proof(sent)
    upright = ImageOps.exif_transpose(decoded(sent))
    assert (proof.width, proof.height) == upright.size
    for place in ((10, 10), (proof.width - 10, proof.height - 10)):
        assert is_near(pixel(proof, *place), upright.getpixel(place))


def test_damaged_exif_is_no_reason_to_refuse() -> None:
    broken = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\xff" + b"\x01\x12" * 20
    assert clean_proof(encoded(screenshot(), "JPEG", exif=broken)).width == 540


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_no_colour_profile_or_xmp_is_kept(kind: str) -> None:
    sent = encoded(screenshot(), kind, icc_profile=b"SecretProfile" * 20, xmp=b"SecretXmp" * 20)
    proof = clean_proof(sent)
    for kept in (proof.picture, proof.thumbnail):
        assert b"Secret" not in kept
        assert not {"exif", "icc_profile", "xmp"} & set(decoded(kept).info)


def test_a_png_with_a_script_behind_it_comes_out_clean() -> None:
    tail = b"<script>alert(document.cookie)</script><?php system($_GET['c']); ?>"
    proof = clean_proof(PNG + tail)
    assert b"script" not in proof.picture + proof.thumbnail
    assert b"php" not in proof.picture + proof.thumbnail
    assert proof.pixels_sha256 == clean_proof(PNG).pixels_sha256


def test_transparent_parts_become_white() -> None:
    image = Image.new("RGBA", (100, 600), (10, 20, 30, 0))
    image.paste(RED, (0, 0, 50, 600))
    for kind in ("PNG", "WEBP"):
        proof = clean_proof(encoded(image, kind))
        assert decoded(proof.picture).mode == "RGB"
        for y in (10, 300, 590):  # every strip
            assert is_near(pixel(proof, 25, y), RED)
            assert is_near(pixel(proof, 75, y), WHITE)


def test_half_transparent_black_becomes_grey() -> None:
    proof = clean_proof(encoded(Image.new("RGBA", (50, 50), (0, 0, 0, 128)), "PNG"))
    assert is_near(pixel(proof, 25, 25), (127, 127, 127))


def test_a_palette_with_alpha_is_flattened_too() -> None:
    proof = clean_proof(palette_png_with_alpha())
    assert is_near(pixel(proof, 20, 40), GREEN)
    assert is_near(pixel(proof, 60, 40), WHITE)


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    grey = clean_proof(deep_grey_png())
    assert is_near(pixel(grey, 10, 30), (64, 64, 64))
    assert is_near(pixel(grey, 50, 30), (192, 192, 192))
    assert is_near(pixel(clean_proof(deep_colour_png()), 30, 30), (255, 128, 0))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P"])
def test_every_png_mode_keeps_its_look(mode: str) -> None:
    image = Image.new("L", (80, 80), 255)
    image.paste(0, (0, 0, 40, 80))
    proof = clean_proof(encoded(image.convert(mode), "PNG"))
    assert is_near(pixel(proof, 10, 40), (0, 0, 0))
    assert is_near(pixel(proof, 70, 40), WHITE)


def test_a_cmyk_jpeg_is_taken() -> None:
    image = Image.new("RGB", (100, 100), RED).convert("CMYK")
    assert is_near(pixel(clean_proof(encoded(image, "JPEG", quality=95)), 50, 50), (254, 0, 0))


def test_a_phone_jpeg_with_a_second_picture_inside_keeps_the_first() -> None:
    sent = encoded(
        Image.new("RGB", (100, 100), RED), "MPO", save_all=True, append_images=[screenshot((90, 90))]
    )
    proof = clean_proof(sent)
    assert (proof.width, proof.height) == (100, 100)
    assert is_near(pixel(proof, 50, 50), (254, 0, 0))


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_kept(kind: str) -> None:
    proof = clean_proof(animation(kind))
    assert is_near(pixel(proof, 50, 50), RED)
    assert getattr(decoded(proof.picture), "n_frames", 1) == 1


# --- the same picture again ----------------------------------------------------------------------------


def test_the_same_file_has_the_same_hashes() -> None:
    one, other = clean_proof(PNG), clean_proof(PNG)
    assert one == other
    assert one.sha256 == hashlib.sha256(PNG).hexdigest()
    assert len(one.dhash) == 512


def test_the_same_picture_in_another_file_has_the_same_pixels_hash() -> None:
    again = encoded(screenshot(), "PNG", compress_level=1)
    one, other = clean_proof(PNG), clean_proof(again)
    assert one.sha256 != other.sha256
    assert one.pixels_sha256 == other.pixels_sha256


def test_a_resaved_or_resized_copy_is_near_and_another_picture_is_not() -> None:
    original = clean_proof(PNG)
    resaved = clean_proof(encoded(screenshot(), "JPEG", quality=70))
    resized = clean_proof(encoded(screenshot().resize((400, 867)), "JPEG", quality=80))
    other = clean_proof(encoded(screenshot().rotate(180), "PNG"))
    assert bits_apart(original, resaved) <= 12
    assert bits_apart(original, resized) <= 12
    assert bits_apart(original, other) > 40


# --- memory --------------------------------------------------------------------------------------------

MEASURE = """
import json, resource, sys
from pathlib import Path
from core.proofs import clean_proof
proof = clean_proof(Path(sys.argv[1]).read_bytes())
own = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"size": [proof.width, proof.height], "own": int(own) // 1024, "child": child // 1024}))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to measure memory")
def test_forty_megapixels_stay_within_bounded_memory(tmp_path: Path) -> None:
    sent = tmp_path / "photo.jpg"
    screenshot((5200, 7700)).save(sent, quality=80)
    # The bot's side is measured by its own high-water mark: a child's ru_maxrss starts at its parent's.
    output = subprocess.run(
        [sys.executable, "-c", MEASURE, sent], cwd=REPOSITORY, check=True, capture_output=True, timeout=60
    )
    measured = json.loads(output.stdout)
    assert measured["size"] == [1351, 2000]
    assert measured["own"] <= 60
    assert measured["child"] <= 160


def test_cleaning_in_threads_at_once_gives_each_its_own_picture() -> None:
    from concurrent.futures import ThreadPoolExecutor

    sizes = [(100 + 10 * number, 90) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        cleaned = list(pool.map(lambda size: clean_proof(encoded(screenshot(size), "PNG")), sizes))
    assert [(proof.width, proof.height) for proof in cleaned] == sizes
    assert all(
        Image.open(io.BytesIO(proof.picture)).size == size for proof, size in zip(cleaned, sizes, strict=True)
    )


# --- keys ----------------------------------------------------------------------------------------------


def test_a_key_names_workspace_and_period_and_cannot_be_guessed() -> None:
    one, other = proofs.new_proof_key(3, "2026-06"), proofs.new_proof_key(3, "2026-06")
    assert one.startswith("w3/2026-06/")
    assert one != other
    assert len(one.removeprefix("w3/2026-06/").removesuffix(".webp")) == 32
    assert proofs.thumbnail_key(one) == one[: -len(".webp")] + "-small.webp"
    assert proofs.is_proof_key(proofs.thumbnail_key(one))


@pytest.mark.parametrize("period", ["", "2026-6", "../../etc", "2026-06/..", "2026-06\n"])
def test_a_key_is_never_made_of_something_that_is_no_period(period: str) -> None:
    with pytest.raises(ValueError, match="not the key of a proof"):
        proofs.new_proof_key(3, period)
