"""The gateway websocket: numbered events, identify, heartbeat, resume with replay, member chunks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections import deque
from typing import Any

from aiohttp import WSMsgType, web

from bot.simulator import payloads
from bot.simulator.findings import as_id
from bot.simulator.things import Channel, Guild, Member, Role
from bot.simulator.world import BOT_TOKEN, World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE_STATE = 0, 1, 2, 3, 4
RESUME, RECONNECT, REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 6, 7, 8, 9, 10, 11

INTENT_GUILDS = 1 << 0
INTENT_MEMBERS = 1 << 1
INTENT_GUILD_MESSAGES = 1 << 9
INTENT_DIRECT_MESSAGES = 1 << 12
PRIVILEGED_INTENTS = 1 << 1 | 1 << 8 | 1 << 15
KNOWN_INTENTS = (1 << 26) - 1
ALWAYS = 0

UNKNOWN_ERROR, UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = (
    4000,
    4001,
    4002,
    4003,
    4004,
)
ALREADY_AUTHENTICATED, INVALID_SEQUENCE, SESSION_TIMED_OUT, INVALID_INTENTS, DISALLOWED_INTENTS = (
    4005,
    4007,
    4009,
    4013,
    4014,
)

MOST_REMEMBERED_EVENTS = 10_000
MEMBERS_PER_CHUNK = 1000
HEARTBEAT_MS = 41_250
ACK_SECONDS = 0.02
RESUME_SECONDS = 60.0


class Session:
    """One identified client: what it subscribed to, how far it is, and the events it could ask for again."""

    def __init__(self, intents: int) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.sequence = 0
        self.remembered: deque[tuple[int, str]] = deque(maxlen=MOST_REMEMBERED_EVENTS)
        self.connection: Connection | None = None
        self.lost_at = 0.0

    @property
    def is_alive(self) -> bool:
        """Connected, or lost so recently that it may still be resumed."""
        return self.connection is not None or time.monotonic() - self.lost_at < RESUME_SECONDS

    def wants(self, intent: int) -> bool:
        return intent == ALWAYS or bool(self.intents & intent)

    def dispatch(self, event: str, encoded: str) -> None:
        """Number an event, remember it, and send it when a connection is there."""
        self.sequence += 1
        frame = f'{{"op":0,"s":{self.sequence},"t":"{event}","d":{encoded}}}'
        self.remembered.append((self.sequence, frame))
        if self.connection is not None:
            self.connection.send(frame)

    def missed_since(self, sequence: int) -> list[str] | None:
        """The events after that number, or None when they are no longer all known."""
        if sequence > self.sequence:
            return None
        frames = [frame for number, frame in self.remembered if number > sequence]
        return frames if len(frames) == self.sequence - sequence else None


class Connection:
    """One websocket; frames go out in order through a queue, so that senders never wait."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.session: Session | None = None
        self.frames: asyncio.Queue[str | int] = asyncio.Queue()

    def send(self, frame: str) -> None:
        self.frames.put_nowait(frame)

    def send_op(self, op: int, data: Any = None) -> None:
        self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def close(self, code: int) -> None:
        """Close after everything queued so far has gone out."""
        self.frames.put_nowait(code)

    async def write(self) -> None:
        """Send what is queued until told to close."""
        while True:
            frame = await self.frames.get()
            if isinstance(frame, int):
                await self.socket.close(code=frame)
                return
            await self.socket.send_str(frame)


class Gateway:
    """All sessions and the events they get."""

    def __init__(self, world: World, *, allowed_intents: int = KNOWN_INTENTS & ~PRIVILEGED_INTENTS) -> None:
        self.world = world
        self.allowed_intents = allowed_intents
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.identifies = 0
        self.resumes = 0
        world.event_listeners.append(self._on_event)

    @property
    def is_connected(self) -> bool:
        return any(session.connection is not None for session in self.sessions.values())

    @property
    def has_session(self) -> bool:
        """Whether anybody would get an event now or, after a resume, later."""
        return any(session.is_alive for session in self.sessions.values())

    def dispatch(self, event: str, data: dict[str, Any], intent: int = ALWAYS) -> None:
        """Send an event to every session that asked for its kind."""
        wanting = [session for session in self.sessions.values() if session.wants(intent)]
        if wanting:
            encoded = json.dumps(data)
            for session in wanting:
                session.dispatch(event, encoded)

    def _on_event(self, event: str, guild: Guild, subject: Channel | Role | Member | None) -> None:
        """Tell the bot of a change that did not come from it."""
        own: dict[str, Any] = {"guild_id": str(guild.id)}
        if isinstance(subject, Member):
            intent = ALWAYS if subject.user is self.world.bot else INTENT_MEMBERS
            self.dispatch(event, payloads.member(subject) | own, intent)
        elif isinstance(subject, Role):
            self.dispatch(event, own | {"role": payloads.role(subject)}, INTENT_GUILDS)
        elif subject is not None:
            self.dispatch(event, payloads.channel(self.world, subject), INTENT_GUILDS)
        elif event == "GUILD_DELETE":
            self.dispatch(event, {"id": str(guild.id)}, INTENT_GUILDS)
        else:
            self.dispatch(event, payloads.guild_create(self.world, guild, with_members=False), INTENT_GUILDS)

    def drop(self, *, resume: bool) -> int:
        """Cut every connection; without `resume` forget the sessions too. Returns how many were cut."""
        dropped = 0
        for connection in tuple(self.connections):
            session = connection.session
            if session is not None:
                session.connection = None
                session.lost_at = time.monotonic()
                if not resume:
                    self.sessions.pop(session.id, None)
            connection.close(UNKNOWN_ERROR if resume else SESSION_TIMED_OUT)
            dropped += 1
        return dropped

    async def close(self) -> None:
        """Say goodbye to everybody; used when the simulator stops."""
        for connection in tuple(self.connections):
            connection.close(1001)
        self.sessions.clear()

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """One websocket from HELLO to its end."""
        socket = web.WebSocketResponse(max_msg_size=64 * 1024, compress=False, timeout=1.0)
        await socket.prepare(request)
        connection = Connection(socket)
        self.connections.add(connection)
        writer = asyncio.create_task(connection.write())
        connection.send_op(HELLO, {"heartbeat_interval": HEARTBEAT_MS, "_trace": []})
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    connection.close(DECODE_ERROR)
                    break
                self._receive(connection, message.data)
            if not socket.closed:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(writer), 1.0)
        finally:
            self._disconnected(connection)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writer
        return socket

    def _disconnected(self, connection: Connection) -> None:
        self.connections.discard(connection)
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None
            session.lost_at = time.monotonic()
            if connection.socket.close_code in (1000, 1001):  # the client said goodbye: nothing to resume
                self.sessions.pop(session.id, None)
        self.world.touch()

    def _receive(self, connection: Connection, text: str) -> None:
        try:
            frame = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError, AttributeError):
            connection.close(DECODE_ERROR)
            return
        if op == HEARTBEAT:
            # No network is this fast: an answer that overtakes discord.py's own note of when it asked is
            # read as a delay of a whole interval, and warned about.
            asyncio.get_running_loop().call_later(ACK_SECONDS, connection.send_op, HEARTBEAT_ACK)
        elif op == IDENTIFY:
            self._identify(connection, data if isinstance(data, dict) else {})
        elif op == RESUME:
            self._resume(connection, data if isinstance(data, dict) else {})
        elif op not in (PRESENCE, VOICE_STATE, REQUEST_MEMBERS):
            connection.close(UNKNOWN_OPCODE)
        elif connection.session is None:
            connection.close(NOT_AUTHENTICATED)
        elif op == REQUEST_MEMBERS:
            self._request_members(connection.session, data if isinstance(data, dict) else {})

    def _identify(self, connection: Connection, data: dict[str, Any]) -> None:
        intents = data.get("intents")
        if connection.session is not None:
            connection.close(ALREADY_AUTHENTICATED)
        elif data.get("token") != BOT_TOKEN:
            connection.close(AUTHENTICATION_FAILED)
        elif not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            connection.close(INVALID_INTENTS)
        elif intents & ~self.allowed_intents:
            connection.close(DISALLOWED_INTENTS)
        else:
            self.sessions = {key: old for key, old in self.sessions.items() if old.connection is not None}
            session = Session(intents)
            self.sessions[session.id] = session
            self._attach(connection, session)
            self.identifies += 1
            self._welcome(session)

    def _welcome(self, session: Session) -> None:
        guilds = [g for g in self.world.guilds.values() if self.world.bot.id in g.members]
        ready = {
            "v": 10,
            "user": payloads.me(self.world.bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "session_type": "normal",
            "private_channels": [],
            "shard": [0, 1],
            "application": {"id": str(self.world.application_id), "flags": 0},
        }
        session.dispatch("READY", json.dumps(ready))
        if session.wants(INTENT_GUILDS):
            for guild in guilds:
                with_members = session.wants(INTENT_MEMBERS)
                create = payloads.guild_create(self.world, guild, with_members=with_members)
                session.dispatch("GUILD_CREATE", json.dumps(create))
        self.world.touch()

    def _attach(self, connection: Connection, session: Session) -> None:
        if session.connection is not None:
            session.connection.close(UNKNOWN_ERROR)
        session.connection = connection
        connection.session = session

    def _resume(self, connection: Connection, data: dict[str, Any]) -> None:
        session = self.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if data.get("token") != BOT_TOKEN:
            connection.close(AUTHENTICATION_FAILED)
            return
        missed = session.missed_since(sequence) if session is not None and isinstance(sequence, int) else None
        if session is None or missed is None:
            connection.send_op(INVALID_SESSION, False)
            return
        for frame in missed:
            connection.send(frame)
        self._attach(connection, session)
        self.resumes += 1
        session.dispatch("RESUMED", json.dumps({"_trace": []}))
        self.world.touch()

    def _request_members(self, session: Session, data: dict[str, Any]) -> None:
        guild = self.world.guilds.get(as_id(data.get("guild_id")))
        if guild is None:
            return
        wanted, not_found = list(guild.members.values()), []
        if data.get("user_ids"):
            ids = data["user_ids"] if isinstance(data["user_ids"], list) else [data["user_ids"]]
            wanted = [guild.members[as_id(i)] for i in ids if as_id(i) in guild.members]
            not_found = [str(i) for i in ids if as_id(i) not in guild.members]
        elif query := str(data.get("query") or "").lower():
            wanted = [
                m
                for m in wanted
                if m.user.username.startswith(query) or m.user.name.lower().startswith(query)
            ]
        wanted = wanted[: as_id(data.get("limit")) or len(wanted)]
        chunks = [wanted[i : i + MEMBERS_PER_CHUNK] for i in range(0, len(wanted), MEMBERS_PER_CHUNK)] or [[]]
        for index, chunk in enumerate(chunks):
            answer = {
                "guild_id": str(guild.id),
                "members": [payloads.member(m) for m in chunk],
                "chunk_index": index,
                "chunk_count": len(chunks),
                "not_found": not_found,
                "nonce": data.get("nonce"),
            }
            session.dispatch("GUILD_MEMBERS_CHUNK", json.dumps(answer))
