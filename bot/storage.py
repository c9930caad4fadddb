"""Where proofs are kept: a local folder, or any S3-compatible server.

Both do what `core.proofs.ProofStorage` says. Each blocking call runs in a thread of its own.
"""

from __future__ import annotations

import asyncio
import errno
import io
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from core.errors import (
    DomainError,
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
from core.proofs import is_proof_key, require_proof_key

log = logging.getLogger(__name__)

T = TypeVar("T")

_ENDPOINT = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_LEFTOVER = re.compile(r"(?P<key>.+)\.[0-9a-f]{8}\.tmp")


class LocalProofStorage:
    """Proofs as files below one folder, readable by the bot's own user alone."""

    def __init__(self, folder: Path) -> None:
        """Use this folder; it is made when it is first needed."""
        self._folder = folder

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Write beside, make durable, then rename: a crash or a full disk never leaves half a picture."""
        del content_type  # the file's ending says it
        path = self._path(key)
        try:
            await asyncio.to_thread(_write_file, path, data)
        except OSError as error:
            log.error("Proof %s could not be written: %s", key, error)
            raise ProofNotStored() from error

    async def get(self, key: str) -> bytes:
        """Return what is stored; raises ProofMissing."""
        path = self._path(key)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise ProofMissing() from None
        except OSError as error:
            log.error("Proof %s could not be read: %s", key, error)
            raise StorageUnavailable() from error

    async def delete(self, key: str) -> None:
        """Remove it if it is there, or what an interrupted write left."""
        leftover = _LEFTOVER.fullmatch(key)
        require_proof_key(leftover["key"] if leftover else key)
        try:
            await asyncio.to_thread((self._folder / key).unlink, missing_ok=True)
        except OSError as error:
            log.error("Proof %s could not be removed: %s", key, error)
            raise StorageUnavailable() from error

    async def list_keys(self, older_than: datetime) -> list[str]:
        """List what was written before this instant of real time, and what interrupted writes left."""
        try:
            return await asyncio.to_thread(self._list_keys, older_than.timestamp())
        except OSError as error:
            log.error("The proofs in %s could not be listed: %s", self._folder, error)
            raise StorageUnavailable() from error

    async def check(self) -> None:
        """Make the folder and write to it once; raises StorageFolderUnusable."""
        try:
            await asyncio.to_thread(_probe_folder, self._folder)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StorageFolderUnusable(folder=str(self._folder), reason=reason) from error

    def _path(self, key: str) -> Path:
        require_proof_key(key)
        return self._folder / key

    def _list_keys(self, before: float) -> list[str]:
        keys = []
        for path in self._folder.glob("w*/*/*"):
            key = path.relative_to(self._folder).as_posix()
            leftover = _LEFTOVER.fullmatch(key)
            if not is_proof_key(leftover["key"] if leftover else key):
                continue
            with suppress(FileNotFoundError):  # deleted or renamed while we look
                if path.stat().st_mtime < before:
                    keys.append(key)
        return sorted(keys)


def _write_file(path: Path, data: bytes) -> None:
    """Write the whole file durably or not at all; raises OSError."""
    _make_folder(path.parent)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    """Make the folder and those above it, durably and for the bot's user alone; raises OSError."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make a new name durable, where the system lets a folder be opened (not on Windows)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # file systems that cannot sync a folder
            raise
    finally:
        os.close(handle)


def _probe_folder(folder: Path) -> None:
    """Make the folder, write one byte into it and remove it again; raises OSError."""
    _make_folder(folder)
    probe = folder / f"probe.{secrets.token_hex(4)}.tmp"
    try:
        probe.write_bytes(b"0")
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)


class S3ProofStorage:
    """Proofs as objects in one bucket of an S3-compatible server, below a prefix of their own."""

    # A member waits for this, so: seconds, one retry, and an end to it all whatever the server does.
    CONNECT_SECONDS = 2.0
    READ_SECONDS = 4.0
    CALL_SECONDS = 8.0
    LIST_SECONDS = 120.0

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        *,
        secure: bool = True,
        region: str | None = None,
        prefix: str = "",
    ) -> None:
        """Prepare the client without connecting; `endpoint` is `host` or `host:port`.

        `region` saves a question to the server when it is given. Raises StorageClientMissing when the
        optional package is not installed, StorageEndpointInvalid or StorageBucketInvalid.
        """
        self._minio = _import_minio()
        self._endpoint = endpoint
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        try:
            self._minio.helpers.check_bucket_name(bucket, strict=True)
        except ValueError as error:
            raise StorageBucketInvalid(value=bucket) from error
        if not _ENDPOINT.fullmatch(endpoint):
            raise StorageEndpointInvalid(value=endpoint)
        try:
            self._client = self._minio.Minio(
                endpoint=endpoint,
                access_key=access_key,
                secret_key=secret_key,
                secure=secure,
                region=region,
                http_client=_connections(self.CONNECT_SECONDS, self.READ_SECONDS),
            )
        except ValueError as error:
            raise StorageEndpointInvalid(value=endpoint) from error

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store in one request; S3 shows the object whole or not at all. Raises ProofNotStored."""
        name = self._name(key)

        def store() -> None:
            self._client.put_object(
                bucket_name=self._bucket,
                object_name=name,
                data=io.BytesIO(data),
                length=len(data),
                content_type=content_type,
            )

        await self._call(store, ProofNotStored)

    async def get(self, key: str) -> bytes:
        """Return what is stored; raises ProofMissing."""
        name = self._name(key)

        def fetch() -> bytes:
            response = self._client.get_object(bucket_name=self._bucket, object_name=name)
            try:
                return bytes(response.read())
            finally:
                response.close()
                response.release_conn()

        return await self._call(fetch, StorageUnavailable)

    async def delete(self, key: str) -> None:
        """Remove it; S3 answers the same when it was not there."""
        name = self._name(key)
        await self._call(
            lambda: self._client.remove_object(bucket_name=self._bucket, object_name=name),
            StorageUnavailable,
        )

    async def list_keys(self, older_than: datetime) -> list[str]:
        """List the proofs below our prefix that the server got before this instant of real time."""

        def listed() -> list[str]:
            return sorted(self._keys_before(older_than))

        return await self._call(listed, StorageUnavailable, seconds=self.LIST_SECONDS)

    async def check(self) -> None:
        """Raise StorageUnreachable, StorageAccessDenied or StorageBucketMissing unless it can be used."""
        try:
            there = await self._call(
                lambda: self._client.bucket_exists(bucket_name=self._bucket), StorageUnavailable
            )
        except StorageUnavailable as error:
            if isinstance(error.__cause__, self._minio.error.S3Error):
                raise StorageAccessDenied(bucket=self._bucket, endpoint=self._endpoint) from error
            raise StorageUnreachable(endpoint=self._endpoint) from error
        if not there:
            raise StorageBucketMissing(bucket=self._bucket, endpoint=self._endpoint)

    def _name(self, key: str) -> str:
        require_proof_key(key)
        return self._prefix + key

    def _keys_before(self, older_than: datetime) -> Iterator[str]:
        objects = self._client.list_objects(bucket_name=self._bucket, prefix=self._prefix, recursive=True)
        for item in objects:
            key = str(item.object_name).removeprefix(self._prefix)
            if is_proof_key(key) and item.last_modified is not None and item.last_modified < older_than:
                yield key

    async def _call(
        self, function: Callable[[], T], failure: type[DomainError], *, seconds: float | None = None
    ) -> T:
        """Run one blocking call in a thread; whatever goes wrong on the way becomes `failure`."""
        import urllib3

        try:
            async with asyncio.timeout(self.CALL_SECONDS if seconds is None else seconds):
                return await asyncio.to_thread(function)
        except self._minio.error.MinioException as error:
            if getattr(error, "code", "") == "NoSuchKey":
                raise ProofMissing() from None
            log.error("The S3 server %s refused: %s", self._endpoint, error)
            raise failure() from error
        except (urllib3.exceptions.HTTPError, OSError, ValueError, SyntaxError) as error:
            # TimeoutError is an OSError; the last two mean an answer that is not S3's (broken text or XML).
            log.error("The S3 server %s cannot be used: %s", self._endpoint, error or "no answer in time")
            raise failure() from error


def _import_minio() -> Any:
    """Import the client, which comes with the extra `s3`; raises StorageClientMissing."""
    try:
        import minio
        import minio.error
        import minio.helpers
    except ImportError as error:
        raise StorageClientMissing() from error
    return minio


def _connections(connect_seconds: float, read_seconds: float) -> Any:
    """Return a pool that gives up soon; the client's own waits five minutes and tries six times."""
    import certifi
    import urllib3

    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=connect_seconds, read=read_seconds),
        maxsize=4,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
        retries=urllib3.Retry(total=1, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
    )
