"""A stand-in for the simulator's control API: serves the chat page and a small scripted club, for the page's own tests."""

import asyncio
import contextlib
import io
import itertools
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import yarl
from aiohttp import WSMsgType, web
from discord.gateway import DiscordWebSocket
from discord.http import Route
from PIL import Image, ImageDraw

from bot.simulator import Simulator
from bot.simulator.cdn import PAGE, PAGE_HEADERS
from tests.simulator.small_bot import SmallBot

START = datetime(2026, 6, 5, 1, 0, tzinfo=UTC)
XSS = "<img src=x onerror=alert(1)><script>alert(2)</script>"
COMPONENTS_ONLY = 1 << 15

Json = dict[str, Any]


def user(key: str, number: int, name: str, color: str, *roles: Json, bot: bool = False) -> Json:
    return {
        "key": key, "id": str(1000 + number), "name": name, "initials": name[0], "color": color, "roles": list(roles),
        "locale": "en-US", "dms_closed": False, "bot": bot,
    }  # fmt: skip


TREASURER = {"id": "2001", "name": "Treasurer", "color": "#e67e22"}
REVIEWER = {"id": "2002", "name": "Reviewer", "color": "#3498db"}
MEMBERS = {"id": "2003", "name": "ChatGPT Plus", "color": "#2ecc71"}


def text(content: str) -> Json:
    return {"type": 10, "content": content}


def button(style: int, label: str, custom_id: str, **more: Any) -> Json:
    return {"type": 2, "style": style, "label": label, "custom_id": custom_id, **more}


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def label(words: str, component: Json, description: str | None = None) -> Json:
    return {"type": 18, "label": words, "description": description, "component": component}


def option(words: str, value: str, **more: Any) -> Json:
    return {"label": words, "value": value, **more}


PANEL = {
    "type": 17, "accent_color": 0x0A6B4F,
    "components": [
        text("## Clubhouse dues\nPay your share, see what you owe, or link your name."),
        row(button(3, "Pay", "pay:open:1", emoji={"name": "💸"}), button(2, "My bills", "bills:mine:1"), button(2, "Link", "link:open:1")),
    ],
}  # fmt: skip

CARD = {
    "type": 17, "accent_color": 0xC98A12,
    "components": [
        {"type": 9, "components": [text("### Payment P-0871 · waiting"), text("<@1004> says NT$955 were sent by **LINE Pay**.")],
         "accessory": {"type": 11, "media": {"url": "/cdn/receipt.png"}, "description": "Screenshot"}},
        {"type": 14, "divider": True, "spacing": 1},
        text("- ChatGPT Plus, June 2026: NT$315\n- Claude Pro, June 2026: NT$640\n\n**Total: NT$955**\n> last five digits 12345\n-# sent <t:1780621200:R>"),
        row(button(3, "Verify", "payment:verify:871"), button(2, "Other amount…", "payment:amount:871"),
            button(4, "Reject…", "payment:reject:871"), button(2, "View proof", "payment:proof:871")),
    ],
}  # fmt: skip

MARKDOWN = f"""# Everything Discord's markdown can do
**bold**, *italics*, _also_, __underlined__, ~~struck~~, ***both***, `code`, ||a secret||, snake_case_name, \\*not this\\*
> quoted **text**
> on two lines
- one
  - nested
- two
1. first
2. second
```py
print("hello")  # {XSS}
```
[a link](https://example.org/a) and https://example.org/b. <@1004> <@&2002> <#3002> <t:1780621200:D> </pay:5001> @everyone
-# small print {XSS}"""

PAY_FORM = {
    "custom_id": "payment:submit:1", "title": "Pay your dues",
    "components": [
        text("ChatGPT Plus, June 2026: NT$315\nClaude Pro, June 2026: NT$640\n**Total: NT$955**"),
        label("Which periods?", {"type": 3, "custom_id": "periods", "min_values": 1, "max_values": 2, "options": [
            option("June 2026", "7", description="NT$955", default=True), option("May 2026", "6", description="NT$315", default=True)]}),
        label("How did you pay?", {"type": 3, "custom_id": "method", "options": [
            option("Bank transfer", "bank"), option("LINE Pay", "line", emoji={"name": "🟢"}), option("Cash", "cash")]}),
        label("Screenshot", {"type": 19, "custom_id": "proof", "required": False, "max_values": 1}, "PNG, JPEG or WebP"),
        label("Note", {"type": 4, "custom_id": "note", "style": 2, "required": False, "max_length": 200}),
    ],
}  # fmt: skip

EVERY_PART = {
    "custom_id": "form:all:1", "title": "Every part",
    "components": [
        label("Short", {"type": 4, "custom_id": "short", "style": 1, "min_length": 3, "max_length": 20}),
        label("Colour", {"type": 21, "custom_id": "radio", "options": [option("Red", "r"), option("Green", "g", default=True)]}),
        label("Extras", {"type": 22, "custom_id": "checks", "required": False, "options": [option("One", "1"), option("Two", "2", default=True)]}),
        label("I agree", {"type": 23, "custom_id": "agree", "default": False}),
        label("Who", {"type": 5, "custom_id": "who", "default_values": [{"id": "1005", "type": "user"}]}),
    ],
}  # fmt: skip


def command(name: str, zh: str, description: str, *options: Json, kind: int = 1) -> Json:
    return {
        "id": "5001", "type": kind, "name": name, "name_zh": zh, "name_localized": name, "description": description,
        "description_localized": description, "options": list(options),
    }  # fmt: skip


COMMANDS = [
    command("pay", "繳費", "Pay what you owe", {"type": 11, "name": "screenshot", "description": "Picture of the transfer"}),
    command("my", "我的", "My bills and payments"),
    command("link", "綁定", "Link your name", {"type": 3, "name": "name", "description": "Two letters at least", "required": True, "autocomplete": True}),
    command("club", "社團", "For treasurers",
            command("billing", "帳期", "Periods", command("open", "發起繳費", "Open a period", {
                "type": 3, "name": "period", "description": "Month, as 2026-07"}), kind=2),
            command("roster", "名冊", "Roster", command("import", "匯入", "Read a file", {
                "type": 11, "name": "file", "description": "CSV", "required": True}), kind=2)),
    command("test", "測試", "Every kind of option",
            {"type": 4, "name": "count", "description": "1 to 9", "required": True, "min_value": 1, "max_value": 9},
            {"type": 3, "name": "mode", "description": "One of two", "choices": [{"name": "Fast", "value": "f"}, {"name": "Slow", "value": "s"}]},
            {"type": 5, "name": "loud", "description": "Yes or no"}, {"type": 6, "name": "who", "description": "A person"},
            {"type": 7, "name": "where", "description": "A channel"}, {"type": 8, "name": "role", "description": "A role"},
            {"type": 10, "name": "ratio", "description": "A number"}),
]  # fmt: skip


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


class Club:
    """The scripted world: who sees which message, and what each action does. Restarted by `reset`."""

    def __init__(self) -> None:
        self.acts: list[Json] = []
        self.faults_caused: list[Json] = []
        self.reset()

    def reset(self) -> None:
        self.ids = itertools.count(70001)
        self.offset = 0
        self.desk: str | None = None
        self.users = [
            user("owner", 1, "Lena Fischer", "#8e44ad"),
            user("treasurer", 2, "Amara Okafor", "#e67e22", TREASURER),
            user("reviewer", 3, "陳大文", "#3498db", REVIEWER),
            user("member1", 4, "王小明", "#5865f2", MEMBERS),
            user("member2", 5, "Aoife Ní Bhriain", "#3ba55d", MEMBERS),
            user("member3", 6, "林美玲", "#faa61a"),
            user("newcomer", 7, "Noor", "#ed4245"),
            user("unlinked", 8, "Maximilian von Hohenberg-Österreich", "#7f8c8d"),
            user("bot", 9, "Potkeeper", "#0a6b4f", bot=True),
        ]
        self.modals: dict[str, Json] = {}
        self.messages: list[tuple[str, set[str] | None, Json]] = []
        self.post("dues", {"components": [PANEL], "flags": COMPONENTS_ONLY})
        self.post(
            "dues", {"content": "@everyone June is open. <@1004>, you owe **NT$955**.", "mentions_you": True}
        )
        self.post(
            "general", {"content": "Welcome to the club!", "author_key": "owner", "author": {"id": "1001"}}
        )
        self.post(
            "general",
            {
                "content": "Ask in <#3002> when something is unclear.",
                "author_key": "owner",
                "author": {"id": "1001"},
            },
        )
        self.post("general", {"content": MARKDOWN, "edited_timestamp": START.isoformat()})
        for message in kitchen_sink():
            self.post("general", message)
        self.post("review", {"components": [CARD], "flags": COMPONENTS_ONLY})

    def person(self, key: str) -> Json:
        return next(one for one in self.users if one["key"] == key)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.offset)

    def post(self, place: str, message: Json, only: set[str] | None = None) -> Json:
        """`place`: a channel name, or `dm:<key>`."""
        full = {
            "id": str(next(self.ids)), "channel_id": place, "author": {"id": "1009"}, "author_key": "bot", "content": "",
            "timestamp": self.now().isoformat(), "edited_timestamp": None, "embeds": [], "attachments": [], "components": [],
            "flags": 0, "ephemeral": False, "thinking": False, "mentions_you": False, "used_command": None,
            "mentions_resolved": {"users": {}, "roles": {"2002": {"name": "Reviewer", "color": "#3498db"}}, "channels": {}}, **message,
        }  # fmt: skip
        self.messages.append((place, only, full))
        return full

    def whisper(self, key: str, place: str, content: str, **more: Any) -> Json:
        return self.post(place, {"content": content, "ephemeral": True, **more}, {key})

    def localized(self, node: Json, zh: bool, path: str = "", shown: str = "") -> Json:
        name = node.get("name_zh", node["name"]) if zh else node["name"]
        here, there = f"{path} {node['name']}".strip(), f"{shown} {name}".strip()
        nested = [self.localized(one, zh, here, there) for one in node.get("options", [])]
        return {**node, "name_localized": name, "path": here, "path_localized": there, "options": nested}

    def view(self, key: str, limit: int = 100) -> Json:
        me = self.person(key)
        places = ["general", "dues"] + (["review"] if key in {"owner", "treasurer", "reviewer"} else [])
        places += ["admin"] if key in {"owner", "treasurer"} else []
        channels = [self.channel(place, index, key, limit) for index, place in enumerate(places)]
        direct = self.channel("dm:" + key, 90, key, limit)
        commands = [self.localized(one, me["locale"] == "zh-TW") for one in COMMANDS]
        bot = {"connected": True, "ready": True}
        faults: Json = {"rate_limit": [], "http_5xx": [], "dms_closed": []}
        return {
            "user": key, "me": me, "guild": {"id": "1", "name": "Clubhouse", "locale": "en-US"}, "guilds": [], "users": self.users,
            "channels": channels + ([direct] if direct["messages"] else []), "commands": commands, "modal": self.modals.get(key), "desk": self.desk,
            "clock": self.clock(), "faults": faults, "bot": bot,
        }  # fmt: skip

    def clock(self) -> Json:
        return {
            "now": self.now().isoformat(),
            "offset_seconds": self.offset,
            "enabled": True,
            "stepping": False,
        }

    def channel(self, place: str, index: int, key: str, limit: int) -> Json:
        numbers = {"general": "3001", "dues": "3002", "review": "3003", "admin": "3004"}
        direct = place.startswith("dm:")
        seen = [m for where, only, m in self.messages if where == place and (only is None or key in only)]
        return {
            "id": numbers.get(place, f"40{index}"), "name": "Potkeeper" if direct else place, "kind": "dm" if direct else "text",
            "private": direct or place in {"review", "admin"}, "topic": None if direct else f"About {place}", "parent_id": None,
            "guild_id": None if direct else "1", "messages": seen[-limit:],
        }  # fmt: skip

    def act(self, body: Json) -> Json:
        self.acts.append(body)
        answer: Json = {
            "acknowledged": True, "elapsed_ms": 4.0, "response": 4, "settled": True, "interaction_id": "1", "messages": [],
            "modal": None, "choices": None, "error": None,
        }  # fmt: skip
        handler = getattr(self, "do_" + body["do"])
        return {**answer, **(handler(body) or {})}

    def do_click(self, body: Json) -> Json | None:
        key, pressed = body["user"], body["custom_id"]
        if pressed == "slow:fail":
            return {
                "acknowledged": False,
                "response": None,
                "error": {"error": "no_answer", "message": "no answer"},
            }
        if pressed in {"pay:open:1", "form:all:1"}:
            form = PAY_FORM if pressed == "pay:open:1" else EVERY_PART
            self.modals[key] = {**form, "interaction_id": str(next(self.ids))}
            return {"response": 9, "modal": self.modals[key]}
        if pressed == "payment:verify:871":
            card = next(m for place, _, m in self.messages if place == "review")
            card["components"] = [
                {
                    "type": 17,
                    "accent_color": 0x1F8F5F,
                    "components": [text("### Payment P-0871 · verified\nby <@1003>")],
                }
            ]
            card["edited_timestamp"] = self.now().isoformat()
            self.post("dm:member1", {"content": "Your payment of **NT$955** was verified. Thank you!"})
            return None
        return {"messages": [self.whisper(key, "dues", f"You pressed `{pressed}`.")]}

    def do_select(self, body: Json) -> Json:
        return {
            "messages": [self.whisper(body["user"], "general", f"You chose {', '.join(body['values'])}.")]
        }

    def do_submit(self, body: Json) -> Json:
        self.modals.pop(body["user"], None)
        used = {"user": body["user"], "name": self.person(body["user"])["name"], "command": "pay"}
        return {
            "messages": [self.whisper(body["user"], "dues", "Registered: **NT$955**.", used_command=used)]
        }

    def do_dismiss(self, body: Json) -> None:
        self.modals.pop(body["user"], None)

    def do_autocomplete(self, body: Json) -> Json:
        names = ["Chen An", "Chidi Eze", XSS]
        typed = body["options"].get(body["focused"], "").lower()
        return {
            "response": 8,
            "choices": [
                {"name": n, "name_localized": n, "value": f"id-{n[:4]}"} for n in names if typed in n.lower()
            ],
        }

    def do_command(self, body: Json) -> Json:
        used = {"user": body["user"], "name": self.person(body["user"])["name"], "command": body["name"]}
        if body["options"].get("count") == 7:
            raise ValueError("count")
        return {
            "messages": [self.whisper(body["user"], "dues", f"Ran {body['name']} {XSS}", used_command=used)]
        }

    def step(self, days: int) -> None:
        for _ in range(days):
            self.offset += 86_400
            if self.offset == 4 * 86_400:
                self.post("dues", {"content": "Reminder: June is overdue for <@1005>."})


def kitchen_sink() -> list[Json]:
    """One message for each thing that the page can show."""
    picture = {
        "id": "1",
        "filename": "proof.png",
        "content_type": "image/png",
        "size": 2048,
        "url": "/cdn/receipt.png",
    }
    table = {
        "id": "2",
        "filename": "roster.csv",
        "content_type": "text/csv",
        "size": 512,
        "url": "/cdn/roster.csv",
    }
    embed = {
        "title": f"An embed {XSS}", "description": "with *text*", "color": 0xB3372B, "url": "https://example.org/",
        "fields": [{"name": "Owed", "value": "NT$955", "inline": True}, {"name": "Paid", "value": "NT$0", "inline": True}, {"name": "Why", "value": "Two plans"}],
        "thumbnail": {"url": "/cdn/receipt.png"}, "footer": {"text": "Footer"}, "author": {"name": "Author"},
        "image": {"url": "https://elsewhere.example/picture.png"},
    }  # fmt: skip
    buttons = row(
        button(1, "Primary", "x:a:1"), button(2, "Secondary", "x:b:1"), button(3, "Success", "x:c:1", emoji={"name": "✔"}),
        button(4, "Danger", "slow:fail"), {"type": 2, "style": 5, "label": "Link", "url": "https://example.org/"},
    )  # fmt: skip
    more = row(
        button(1, "Disabled", "x:d:1", disabled=True),
        button(2, XSS, "x:e:1"),
        button(2, "All parts", "form:all:1"),
    )
    months = [option(f"Month {n}", str(n), description=f"2026-{n:02d}") for n in range(1, 13)]
    selects = [
        row({"type": 3, "custom_id": "choose:one", "placeholder": "Choose a month", "options": months}),
        row(
            {
                "type": 3,
                "custom_id": "choose:many",
                "placeholder": "Choose two",
                "min_values": 1,
                "max_values": 2,
                "options": months[:4],
            }
        ),
        row({"type": 5, "custom_id": "choose:user", "placeholder": "A person"}),
        row({"type": 6, "custom_id": "choose:role", "placeholder": "A role"}),
        row({"type": 8, "custom_id": "choose:channel", "placeholder": "A channel", "channel_types": [0]}),
    ]
    gallery = {
        "type": 12,
        "items": [
            {"media": {"url": "/cdn/receipt.png"}, "description": "One"},
            {"media": {"url": "/cdn/receipt.png"}, "spoiler": True},
        ],
    }
    parts = {"type": 17, "accent_color": 0x3498DB, "components": [
        text(f"### Components V2\n{XSS}"), {"type": 14, "divider": False, "spacing": 2}, gallery,
        {"type": 13, "file": {"url": "/cdn/roster.csv"}, "name": "roster.csv", "size": 512},
        {"type": 9, "components": [text("A section with a button")], "accessory": button(2, "Why?", "x:why:1")},
        {"type": 99}]}  # fmt: skip
    return [
        {"content": "A picture and a file", "attachments": [picture, table]},
        {"embeds": [embed]},
        {"content": "Buttons", "components": [buttons, more]},
        {"content": "Selects", "components": selects},
        {"components": [parts], "flags": COMPONENTS_ONLY},
        {"thinking": True},
    ]


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
