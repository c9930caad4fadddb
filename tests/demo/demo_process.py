"""The real `python -m bot demo` as a process of its own, and what a script outside sees of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.stage import ROOT, clean_environment

Payload = dict[str, Any]
READY_SECONDS, END_SECONDS, ANSWER_SECONDS, PATIENCE_SECONDS = 180, 10, 60, 60
POLL_SECONDS = 0.05


class DemoProcess:
    """One running demo on free ports; its data is kept in `folder`, so that `potkeeper check` can look at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = self.desk = ""
        self.said: list[str] = []
        self.process: subprocess.Popen[str] | None = None
        self._used = False
        self._reader: threading.Thread | None = None
        self._ready = threading.Event()

    # --- its life ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start it and come back when it says that it is ready."""
        self.url = ""
        self._ready.clear()
        command = [sys.executable, "-u", "-m", "bot", "demo", "--port", "0", "--data", str(self.folder)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._ready.wait(READY_SECONDS), f"the demo is not ready: {self.said}"
        assert self.url, f"the demo ended: {self.said}"

    def _read(self) -> None:
        assert self.process
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if line.startswith("desk: "):
                self.desk = line.removeprefix("desk: ").strip()
            elif line.startswith("ready: "):
                self.url = line.removeprefix("ready: ").strip()
                self._ready.set()
        self._ready.set()

    def stop(self) -> None:
        """End it politely; it has ten seconds."""
        assert self.process
        assert self._reader
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._reader.join(END_SECONDS)
        assert self.process.stdout
        self.process.stdout.close()
        assert status == 0, "\n".join(self.said)

    # --- the control API ---------------------------------------------------------------------------------

    def get(self, path: str) -> tuple[int, Payload]:
        return self._ask(path, None)

    def post(self, path: str, body: object) -> tuple[int, Payload]:
        return self._ask(path, json.dumps(body).encode())

    def _ask(self, path: str, data: bytes | None) -> tuple[int, Payload]:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url.rstrip("/") + path, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)

    def did(self, path: str, body: object) -> Payload:
        """A request that must be accepted."""
        status, answer = self.post(path, body)
        assert status == 200, answer
        return answer

    def act(self, user: str, do: str, **fields: object) -> Payload:
        """Something that a person does and the bot must answer."""
        answer = self.did("/control/act", {"user": user, "do": do, **fields})
        assert (answer["acknowledged"], answer["error"]) == (True, None)
        return answer

    def wake(self) -> None:
        """Nothing for a demo that was used; a new one is given the time to say what is due on its first day."""
        if not self._used:
            self.freshen()

    def freshen(self) -> None:
        """The seeded club, with everything said that is due on the first day."""
        if self._used:
            self.did("/control/reset", {})
        self._used = True
        self.did("/control/clock", {"days": 0})

    def state(self) -> Payload:
        status, answer = self.get("/control/state")
        assert status == 200
        return answer

    def view(self, user: str) -> Payload:
        status, answer = self.get(f"/control/view?user={user}")
        assert status == 200
        return answer

    def messages(self, user: str, channel: str) -> list[Payload]:
        """What this person sees in a channel, or with "dm" from the bot; oldest first."""
        for one in self.view(user)["channels"]:
            if channel in (one["name"], one["kind"]):
                found: list[Payload] = one["messages"]
                return found
        return []

    def until(self, found: Callable[[], Any], what: str) -> Any:
        """The first true answer of `found`, asked again and again for some seconds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (result := found()):
            assert time.monotonic() < deadline, f"in vain: {what}"
            time.sleep(POLL_SECONDS)
        return result

    # --- the books ---------------------------------------------------------------------------------------

    def check(self) -> Payload:
        """What `potkeeper check` says about the demo's books while it runs."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", "check", "--json", "--data", str(self.folder)], cwd=ROOT,
            env=clean_environment(), capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False,
        )  # fmt: skip
        found: Payload = json.loads(done.stdout)
        assert (done.returncode, found["ok"], found["problems"]) == (0, True, []), done.stderr
        return found


# --- reading messages -------------------------------------------------------------------------------------


def words(thing: object) -> str:
    """Every text that a message, a form or an answer shows, one below the other; labels of buttons as well."""
    if isinstance(thing, list):
        return "\n".join(filter(None, map(words, thing)))
    if not isinstance(thing, dict):
        return ""
    shown = [str(thing[key]) for key in ("title", "content", "label", "description") if thing.get(key)]
    inner = [words(thing.get(key)) for key in ("messages", "modal", "components", "component", "accessory")]
    return "\n".join(filter(None, shown + inner))


def controls(thing: object) -> list[Payload]:
    """Every button, select and field in it."""
    if isinstance(thing, list):
        return [one for part in thing for one in controls(part)]
    if not isinstance(thing, dict):
        return []
    here = [thing] if thing.get("custom_id") and "type" in thing else []
    inner = [controls(thing.get(key)) for key in ("messages", "components", "component", "accessory")]
    return here + [one for part in inner for one in part]


def custom_id(thing: object, label: str) -> str:
    """The custom_id of the control with that label, placeholder or beginning of an id."""
    for one in controls(thing):
        if label in (one.get("label"), one.get("placeholder")) or one["custom_id"].startswith(label):
            return str(one["custom_id"])
    raise AssertionError(f"there is no {label!r} in: {words(thing)}")
