"""Servers for the page's tests: one plays the scripted club, one is the real simulator with a client."""

import asyncio
import contextlib
import io
import threading
from typing import Any

import yarl
from aiohttp import WSMsgType, web
from discord.gateway import DiscordWebSocket
from discord.http import Route
from PIL import Image, ImageDraw

from bot.simulator import Simulator
from bot.simulator.cdn import PAGE, PAGE_HEADERS
from tests.simulator.page_club import Club
from tests.simulator.page_content import MEMBERS, REVIEWER, TREASURER
from tests.simulator.small_bot import SmallBot


def receipt_png() -> bytes:
    image = Image.new("RGB", (360, 640), "#ffffff")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 360, 120), fill="#06c755")
    draw.ellipse((145, 150, 215, 220), fill="#06c755")
    for line in range(6):
        draw.rectangle((30, 300 + line * 50, 130 + line * 20, 316 + line * 50), fill="#c8d0cb")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class PageServer:
    """Serves the page and a `Club` on a free port of 127.0.0.1, in a thread of its own."""

    def __init__(self) -> None:
        self.club = Club()
        self.sockets: dict[web.WebSocketResponse, tuple[str, int]] = {}
        self.loop = asyncio.new_event_loop()
        self.url = ""

    def __enter__(self) -> "PageServer":
        started = threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self.thread.start()
        if not started.wait(10):
            raise RuntimeError("the page server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(10)

    def _serve(self, started: threading.Event) -> None:
        self.loop.run_until_complete(self._main(started))
        self.loop.close()

    async def _main(self, started: threading.Event) -> None:
        self.stopping = asyncio.Event()
        runner = web.AppRunner(self._app(), shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        started.set()
        await self.stopping.wait()
        for socket in list(self.sockets):
            await socket.close()
        await runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/", _page)
        app.router.add_get("/cdn/{name}", _cdn)
        app.router.add_get("/control/view", self._view)
        app.router.add_get("/control/state", self._state)
        app.router.add_get("/control/ws", self._ws)
        for name in ("act", "clock", "fault", "locale", "reset"):
            app.router.add_post(f"/control/{name}", getattr(self, "_" + name))
        app.router.add_get("/{path:.+}", _page)
        return app

    def change(self, work: Any) -> None:
        """Runs `work(club)` in the server's thread and pushes the new views."""

        async def run() -> None:
            work(self.club)
            await self._push()

        asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def cut(self) -> None:
        """Closes every websocket, as a restart of the simulator would."""

        async def run() -> None:
            for socket in list(self.sockets):
                await socket.close()

        asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    async def _push(self) -> None:
        for socket, (key, limit) in list(self.sockets.items()):
            with contextlib.suppress(ConnectionError):  # a page that is just being closed
                await socket.send_json({"type": "view", "view": self.club.view(key, limit)})

    async def _view(self, request: web.Request) -> web.Response:
        key = request.query["user"]
        if key not in {one["key"] for one in self.club.users}:
            return _refuse("unknown_user", f"There is no user '{key}'.", "user")
        return web.json_response(self.club.view(key))

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response({"roles": [TREASURER, REVIEWER, MEMBERS]})

    async def _ws(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        key, limit = request.query["user"], int(request.query.get("limit", 100))
        self.sockets[socket] = (key, limit)
        await socket.send_json({"type": "view", "view": self.club.view(key, limit)})
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
        self.sockets.pop(socket, None)
        return socket

    async def _act(self, request: web.Request) -> web.Response:
        try:
            answer = self.club.act(await request.json())
        except ValueError:
            return _refuse("bad_option", "count must not be 7.", "options.count")
        await self._push()
        return web.json_response(answer)

    async def _clock(self, request: web.Request) -> web.Response:
        for _ in range((await request.json())["days"]):
            self.club.step(1)
            await self._push()
        return web.json_response({**self.club.clock(), "steps": 1})

    async def _fault(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.club.faults_caused.append(body)
        if body["kind"] == "dm_closed":
            self.club.person(body["user"])["dms_closed"] = body["on"]
        await self._push()
        return web.json_response({"faults": {}})

    async def _locale(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.club.person(body["user"])["locale"] = body["locale"]
        await self._push()
        return web.json_response(self.club.person(body["user"]))

    async def _reset(self, request: web.Request) -> web.Response:
        self.club.reset()
        await self._push()
        return web.json_response({"reset": True})


def _refuse(code: str, message: str, field: str) -> web.Response:
    return web.json_response({"error": code, "message": message, "field": field}, status=400)


async def _page(request: web.Request) -> web.FileResponse:
    """A file of the page under the very headers of the simulator, its content policy among them."""
    path = PAGE / request.match_info.get("path", "index.html")
    if not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers=PAGE_HEADERS)


async def _cdn(request: web.Request) -> web.Response:
    if request.match_info["name"].endswith(".png"):
        return web.Response(body=receipt_png(), content_type="image/png")
    return web.Response(text="Name,Email\r\n", content_type="text/csv")


class LiveServer:
    """The real simulator with a real discord.py client behind it, in a thread of its own."""

    def __init__(self) -> None:
        self.url = ""
        self.failure: BaseException | None = None

    def __enter__(self) -> "LiveServer":
        started = threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self.thread.start()
        if not started.wait(20) or self.failure:
            raise RuntimeError("the simulator or its client did not start") from self.failure
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(20)

    def _serve(self, started: threading.Event) -> None:
        try:
            asyncio.run(self._main(started))
        except BaseException as failure:
            self.failure = failure
            started.set()

    async def _main(self, started: threading.Event) -> None:
        self.loop, self.stopping = asyncio.get_running_loop(), asyncio.Event()
        simulator = Simulator()
        await simulator.start()
        before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = simulator.api_base, yarl.URL(simulator.gateway_url)
        self.bot = SmallBot()
        running = asyncio.create_task(self.bot.start(simulator.token))
        try:
            await asyncio.wait_for(self.bot.is_up.wait(), 15)
            self.url = f"{simulator.url}/"
            started.set()
            await self.stopping.wait()
        finally:
            await self.bot.close()
            await asyncio.gather(running, return_exceptions=True)
            await simulator.stop()
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
