"""axe-core in a browser page: what it finds, as lines to be read."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

# Every axe rule but one: "region" wants landmarks around the skip link, which is a landmark's door.
OPTIONS = {"rules": {"region": {"enabled": False}}, "resultTypes": ["violations"]}


@cache
def axe_source() -> str:
    """axe-core, as the package brings it."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def complaints(page: Any) -> list[str]:
    """What axe finds in what the page shows now, one line for each."""
    ask(page)
    return judgement(page)


def ask(page: Any) -> None:
    """Let axe begin; several pages are judged at once that way. `judgement` waits for it."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(axe_source())
    page.evaluate("(options) => { globalThis.judged = axe.run(document, options); }", OPTIONS)


def judgement(page: Any) -> list[str]:
    """What axe has found since `ask`."""
    found = page.evaluate("() => globalThis.judged")
    return [
        f"{one['id']}: {node['html'][:120]} ({node.get('failureSummary', '')[:160]})"
        for one in found["violations"]
        for node in one["nodes"]
    ]
