"""Where proofs are kept: a real folder, and a real S3 server over HTTP."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.storage import LocalProofStorage, S3ProofStorage
from core.errors import (
    ProofMissing,
    ProofNotStored,
    StorageAccessDenied,
    StorageBucketInvalid,
    StorageBucketMissing,
    StorageClientMissing,
    StorageEndpointInvalid,
    StorageFolderUnusable,
    StorageUnavailable,
    StorageUnreachable,
)
from core.proofs import ProofStorage, new_proof_key, thumbnail_key
from tests.bot.s3_server import demand_valid_keys, running_s3_server

REPOSITORY = Path(__file__).resolve().parents[2]
WEBP = "image/webp"
BUCKET = "club-proofs"


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    with running_s3_server() as endpoint:
        yield endpoint


def s3_storage(endpoint: str, *, bucket: str = BUCKET, prefix: str = "proofs") -> S3ProofStorage:
    return S3ProofStorage(endpoint, bucket, "key", "secret", secure=False, region="us-east-1", prefix=prefix)


@pytest.fixture
def s3(s3_endpoint: str) -> S3ProofStorage:
    from minio import Minio

    client = Minio(
        endpoint=s3_endpoint, access_key="key", secret_key="secret", secure=False, region="us-east-1"
    )
    if not client.bucket_exists(bucket_name=BUCKET):
        client.make_bucket(bucket_name=BUCKET)
    for item in list(client.list_objects(bucket_name=BUCKET, recursive=True)):
        client.remove_object(bucket_name=BUCKET, object_name=item.object_name)
    return s3_storage(s3_endpoint)


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> ProofStorage:
    return (
        LocalProofStorage(tmp_path / "proofs") if request.param == "folder" else request.getfixturevalue("s3")
    )


# --- what both do --------------------------------------------------------------------------------------


async def test_what_was_stored_comes_back(storage: ProofStorage) -> None:
    await storage.check()
    key = new_proof_key(3, "2026-06")
    await storage.put(key, b"picture" * 1000, WEBP)
    await storage.put(thumbnail_key(key), b"small", WEBP)
    assert await storage.get(key) == b"picture" * 1000
    assert await storage.get(thumbnail_key(key)) == b"small"


async def test_the_same_key_again_replaces(storage: ProofStorage) -> None:
    key = new_proof_key(3, "2026-06")
    await storage.put(key, b"first", WEBP)
    await storage.put(key, b"second", WEBP)
    assert await storage.get(key) == b"second"


async def test_what_is_not_there_is_missing_and_deleting_it_is_no_error(storage: ProofStorage) -> None:
    key = new_proof_key(3, "2026-06")
    with pytest.raises(ProofMissing):
        await storage.get(key)
    await storage.delete(key)
    await storage.put(key, b"picture", WEBP)
    await storage.delete(key)
    await storage.delete(key)
    with pytest.raises(ProofMissing):
        await storage.get(key)


async def test_listing_names_every_key_that_is_older(storage: ProofStorage) -> None:
    assert await storage.list_keys(soon()) == []
    keys = [new_proof_key(workspace, "2026-06") for workspace in (1, 2, 12)]
    keys.append(thumbnail_key(keys[0]))
    for key in keys:
        await storage.put(key, b"picture", WEBP)
    assert await storage.list_keys(soon()) == sorted(keys)
    assert await storage.list_keys(long_ago()) == []


async def test_many_at_once_all_arrive(storage: ProofStorage) -> None:
    keys = [new_proof_key(1, "2026-06") for _ in range(20)]
    await asyncio.gather(*(storage.put(key, key.encode(), WEBP) for key in keys))
    assert await asyncio.gather(*(storage.get(key) for key in keys)) == [key.encode() for key in keys]


GOOD = "w1/2026-06/" + "a" * 32 + ".webp"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../" + GOOD,
        "w1/../../" + GOOD,
        "w1/2026-06/../../../etc/passwd",
        "w1/2026-06/" + "a" * 32 + ".webp/../x",
        GOOD + "\n",
        GOOD + "\0",
        GOOD.replace("/", "\\"),
        GOOD.upper(),
        GOOD + "/../../../x.webp.00000000.tmp",
        "../x.webp.00000000.tmp",
    ],
)
async def test_a_key_that_leads_elsewhere_is_refused(storage: ProofStorage, key: str) -> None:
    for attempt in (storage.put(key, b"x", WEBP), storage.get(key), storage.delete(key)):
        with pytest.raises(ValueError, match="not the key of a proof"):
            await attempt


# --- the folder ----------------------------------------------------------------------------------------


async def test_files_and_folders_are_for_the_bots_user_alone(tmp_path: Path) -> None:
    key = new_proof_key(3, "2026-06")
    await LocalProofStorage(tmp_path / "data" / "proofs").put(key, b"picture", WEBP)
    made = list((tmp_path / "data").rglob("*"))
    assert len(made) == 4
    for path in [tmp_path / "data", *made]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o600 if path.is_file() else 0o700)


async def test_leftovers_of_a_crash_are_no_proofs_and_the_sweep_can_remove_them(tmp_path: Path) -> None:
    storage = LocalProofStorage(tmp_path)
    key = new_proof_key(3, "2026-06")
    await storage.put(key, b"picture", WEBP)
    leftover = tmp_path / f"{key}.0123abcd.tmp"
    leftover.write_bytes(b"pic")
    old = time.time() - 2 * 86400
    os.utime(leftover, (old, old))
    assert await storage.list_keys(long_ago()) == [f"{key}.0123abcd.tmp"]
    with pytest.raises(ValueError, match="not the key of a proof"):
        await storage.get(f"{key}.0123abcd.tmp")
    await storage.delete(f"{key}.0123abcd.tmp")
    assert not leftover.exists()
    assert await storage.get(key) == b"picture"


async def test_files_that_are_not_ours_are_never_listed(tmp_path: Path) -> None:
    folder = tmp_path / "w3" / "2026-06"
    folder.mkdir(parents=True)
    (folder / "holiday.webp").write_bytes(b"x")
    (folder / "notes.tmp").write_bytes(b"x")
    (tmp_path / "README").write_bytes(b"x")
    assert await LocalProofStorage(tmp_path).list_keys(soon()) == []


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    storage = LocalProofStorage(tmp_path / "file" / "proofs")
    with pytest.raises(StorageFolderUnusable) as refused:
        await storage.check()
    assert refused.value.params == {"folder": str(tmp_path / "file" / "proofs"), "reason": "Not a directory"}
    with pytest.raises(ProofNotStored):
        await storage.put(new_proof_key(3, "2026-06"), b"picture", WEBP)


async def test_a_check_leaves_nothing_behind(tmp_path: Path) -> None:
    await LocalProofStorage(tmp_path / "proofs").check()
    assert list((tmp_path / "proofs").iterdir()) == []


FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from bot.storage import LocalProofStorage
from core.errors import ProofNotStored
storage = LocalProofStorage(Path(sys.argv[1]))
async def main():
    await storage.put(sys.argv[2], b"first", "image/webp")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    for key in sys.argv[2:]:
        try:
            await storage.put(key, bytes(5000), "image/webp")
        except ProofNotStored:
            print("not stored")
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_a_full_disk_stores_nothing_and_leaves_what_was_there(tmp_path: Path) -> None:
    old, new = new_proof_key(3, "2026-06"), new_proof_key(3, "2026-06")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tmp_path, old, new],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == ["not stored", "not stored"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / old]
    assert files[0].read_bytes() == b"first"


# --- S3 ------------------------------------------------------------------------------------------------


async def test_objects_lie_below_the_prefix_and_foreign_ones_are_never_listed(
    s3: S3ProofStorage, s3_endpoint: str
) -> None:
    from minio import Minio

    key = new_proof_key(3, "2026-06")
    await s3.put(key, b"picture", WEBP)
    await s3_storage(s3_endpoint, prefix="").put(new_proof_key(4, "2026-06"), b"other", WEBP)
    await s3_storage(s3_endpoint, prefix="proofs-of-others").put(key, b"other", WEBP)
    assert await s3.list_keys(soon()) == [key]
    client = Minio(endpoint=s3_endpoint, access_key="key", secret_key="secret", secure=False)
    found = client.stat_object(bucket_name=BUCKET, object_name=f"proofs/{key}")
    assert found.content_type == WEBP


async def test_a_missing_bucket_is_named(s3_endpoint: str) -> None:
    storage = s3_storage(s3_endpoint, bucket="no-such-bucket")
    with pytest.raises(StorageBucketMissing) as refused:
        await storage.check()
    assert refused.value.params == {"bucket": "no-such-bucket", "endpoint": s3_endpoint}
    key = new_proof_key(3, "2026-06")
    with pytest.raises(ProofNotStored):
        await storage.put(key, b"picture", WEBP)
    with pytest.raises(StorageUnavailable):
        await storage.get(key)


async def test_wrong_keys_are_an_error_of_their_own(s3: S3ProofStorage, s3_endpoint: str) -> None:
    demand_valid_keys(s3_endpoint, True)
    try:
        with pytest.raises(StorageAccessDenied):
            await s3.check()
        with pytest.raises(ProofNotStored):
            await s3.put(new_proof_key(3, "2026-06"), b"picture", WEBP)
    finally:
        demand_valid_keys(s3_endpoint, False)
    await s3.check()


async def refused_by_all(storage: S3ProofStorage) -> float:
    """Try every method; each must say that the store is unavailable. Returns the longest in seconds."""
    key = new_proof_key(3, "2026-06")
    attempts = {
        ProofNotStored: storage.put(key, b"picture", WEBP),
        StorageUnavailable: storage.get(key),
        StorageUnreachable: storage.check(),
    }
    longest = 0.0
    for error, attempt in attempts.items():
        started = time.monotonic()
        with pytest.raises(error) as refused:
            await attempt
        assert type(refused.value) is error
        longest = max(longest, time.monotonic() - started)
    with pytest.raises(StorageUnavailable):
        await storage.delete(key)
    with pytest.raises(StorageUnavailable):
        await storage.list_keys(soon())
    return longest


async def test_a_server_that_is_down_is_told_quickly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        assert await refused_by_all(s3_storage(f"127.0.0.1:{taken.getsockname()[1]}")) < 2


async def serve(answers: list[bytes]) -> asyncio.Server:
    """Serve each of these answers to one request; hold the line when there are no more."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            if answers:
                writer.write(answers.pop(0))
                await writer.drain()
            else:
                await reader.read()  # until the client gives up
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    return await asyncio.start_server(handle, "127.0.0.1", 0)


def address(server: asyncio.Server) -> str:
    host, port = server.sockets[0].getsockname()
    return f"{host}:{port}"


BROKEN = {
    "5xx": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "not http": b"220 mail.example.org ESMTP\r\n",
    "cut off": b"HTTP/1.1 500 Oops\r\nContent-Length: 500\r\nConnection: close\r\n\r\nhalf",
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_server_that_answers_nonsense_is_unavailable(name: str) -> None:
    async with await serve([BROKEN[name]] * 50) as server:
        assert await refused_by_all(s3_storage(address(server))) < 2


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"<broken", b"\xff\xfe"])
async def test_a_web_server_that_is_no_s3_is_unavailable(body: bytes) -> None:
    head = (
        b"HTTP/1.1 403 No\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    )
    async with await serve([head % len(body) + body]) as server:
        storage = s3_storage(address(server))
        with pytest.raises(ProofNotStored):
            await storage.put(new_proof_key(3, "2026-06"), b"picture", WEBP)


class ShortRead(S3ProofStorage):
    READ_SECONDS = 0.2


class ShortCall(S3ProofStorage):
    READ_SECONDS = 5.0
    CALL_SECONDS = 0.2
    LIST_SECONDS = 0.2


@pytest.mark.parametrize("kind", [ShortRead, ShortCall])
async def test_a_server_that_never_answers_is_given_up(kind: type[S3ProofStorage]) -> None:
    async with await serve([]) as server:
        storage = kind(address(server), BUCKET, "key", "secret", secure=False, region="us-east-1")
        assert await refused_by_all(storage) < 2


async def test_one_hiccup_of_the_server_is_tried_again() -> None:
    answers = [
        BROKEN["5xx"],
        b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    ]
    async with await serve(answers) as server:
        await s3_storage(address(server)).put(new_proof_key(3, "2026-06"), b"picture", WEBP)
    assert not answers


@pytest.mark.parametrize(
    "endpoint", ["", "http://s3.example.org", "s3.example.org/path", "s3.example.org:port", "s3 example"]
)
def test_an_unusable_endpoint_is_named(endpoint: str) -> None:
    with pytest.raises(StorageEndpointInvalid) as refused:
        s3_storage(endpoint)
    assert refused.value.params == {"value": endpoint}


@pytest.mark.parametrize("bucket", ["", "ab", "Club", "a..b", "192.168.1.1", "club/proofs"])
def test_an_impossible_bucket_name_is_named(bucket: str) -> None:
    with pytest.raises(StorageBucketInvalid) as refused:
        s3_storage("s3.example.org", bucket=bucket)
    assert refused.value.params == {"value": bucket}


def test_s3_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "minio", None)
    with pytest.raises(StorageClientMissing):
        s3_storage("s3.example.org")


def test_the_module_needs_no_s3_package_for_a_folder() -> None:
    code = "import sys, bot.storage; raise SystemExit('minio' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0
