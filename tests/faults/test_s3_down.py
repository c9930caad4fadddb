"""The S3 server goes away while a screenshot arrives: the member is told, and nothing is half done."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

import minio
import pytest

from tests.bot.s3_server import running_s3_server
from tests.faults.stage import Stage, payments_named, said
from tests.pictures import encoded, screenshot

pytestmark = pytest.mark.socket

BUCKET = "proofs"
UPLOAD = [{
    "filename": "proof.png", "content_type": "image/png",
    "content_base64": base64.b64encode(encoded(screenshot(), "PNG")).decode(),
}]  # fmt: skip


class Line:
    """A loopback port in front of the S3 server that can be cut and come back."""

    def __init__(self, target: str) -> None:
        host, port = target.split(":")
        self.target = host, int(port)
        self.port = 0
        self.puts = 0
        self.cut_puts: set[int] = set()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def up(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        there_reader, there = await asyncio.open_connection(*self.target)
        try:
            await asyncio.gather(self._pass(reader, there), _copy(there_reader, writer))
        except (asyncio.CancelledError, ConnectionError):
            pass
        finally:
            self._open.discard(task)
            for end in (writer, there):
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, there: asyncio.StreamWriter) -> None:
        """Forward what the bot sends, and be cut in its middle when that was asked for."""
        while data := await reader.read(65536):
            if data.startswith(b"PUT"):
                self.puts += 1
                if self.puts in self.cut_puts:
                    raise ConnectionResetError
            there.write(data)
            await there.drain()
        there.write_eof()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


@pytest.fixture
async def line(stage: Stage) -> AsyncIterator[Line]:
    """The bot keeps its proofs on S3 behind this line."""
    with running_s3_server() as endpoint:
        line = Line(endpoint)
        await line.up()
        minio.Minio(endpoint=endpoint, access_key="key", secret_key="secret", secure=False).make_bucket(
            bucket_name=BUCKET
        )
        stage.extra_config = (
            f"[proofs]\nkind = 's3'\n[proofs.s3]\nendpoint = '127.0.0.1:{line.port}'\nbucket = '{BUCKET}'\n"
            "access_key = 'key'\nsecret_key = 'secret'\nsecure = false\nregion = 'us-east-1'\n"
        )
        await stage.start()
        yield line
        await stage.stop()
        await line.down()


def objects(line: Line) -> int:
    host, port = line.target
    client = minio.Minio(
        endpoint=f"{host}:{port}", access_key="key", secret_key="secret", secure=False, region="us-east-1"
    )
    return sum(1 for _ in client.list_objects(bucket_name=BUCKET, recursive=True))


async def test_a_screenshot_while_s3_is_down_registers_nothing_and_works_when_it_is_back(
    stage: Stage, line: Line
):
    await line.down()
    answer = await stage.pay("extra1", files={"screenshot": UPLOAD})
    assert "The screenshot could not be stored, so nothing was registered." in said(answer)
    assert stage.value("SELECT count(*) FROM payments") == 0
    assert payments_named(said(await stage.pay("extra2"))) == [1], "without a screenshot it works"
    await line.up()
    answer = await stage.pay("extra1", files={"screenshot": UPLOAD})
    assert "With your screenshot." in said(answer)
    assert await asyncio.to_thread(objects, line) == 2


async def test_cut_after_the_first_of_two_objects_that_one_is_removed_again(stage: Stage, line: Line):
    line.cut_puts = {2, 3}  # the second one, and trying it again
    answer = await stage.pay("extra1", files={"screenshot": UPLOAD})
    assert "The screenshot could not be stored, so nothing was registered." in said(answer)
    assert stage.value("SELECT count(*) FROM payments") == 0
    assert stage.value("SELECT count(*) FROM proofs") == 0
    assert line.puts == 3
    assert await asyncio.to_thread(objects, line) == 0


async def test_the_bot_starts_while_s3_is_down(stage: Stage, line: Line):
    await stage.stop()
    await line.down()
    await stage.start()
    assert payments_named(said(await stage.pay("extra1"))) == [1]
