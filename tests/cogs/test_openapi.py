"""Layer 3 itself: the comparison with Discord's API description finds what it is there to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests import openapi


@dataclass
class Request:
    method: str
    path: str
    json: Any


@pytest.fixture(autouse=True)
def described() -> None:
    if reason := openapi.missing_reason():
        pytest.skip(reason)


def answer(components: list[dict[str, Any]]) -> Request:
    return Request(
        "POST",
        "/interactions/1/token/callback",
        {"type": 4, "data": {"flags": 32768, "components": components}},
    )


def test_a_good_answer_passes():
    openapi.check_requests([answer([{"type": 10, "content": "hello"}])])


@pytest.mark.parametrize(
    "request_",
    [
        Request("POST", "/interactions/1/token/nowhere", {}),
        Request("DELETE", "/channels/1/messages", None),
        answer([{"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "x" * 101, "label": "a"}]}]),
        answer([{"type": 1, "components": [{"type": 2, "style": 99, "custom_id": "x", "label": "a"}]}]),
        answer([{"type": 10}]),
        Request("POST", "/interactions/1/token/callback", {"type": "four"}),
        Request("POST", "/channels/1/messages", {"content": 7}),
    ],
    ids=["no such route", "wrong method", "long custom_id", "unknown style", "no content", "type", "number"],
)
def test_what_discord_would_refuse_is_found(request_: Request):
    with pytest.raises(AssertionError, match="Discord would refuse"):
        openapi.check_requests([request_])


def test_without_the_description_it_is_a_skip_and_with_no_skips_a_failure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DISCORD_OPENAPI", "/nowhere/at/all.json")
    monkeypatch.delenv("NO_SKIPS", raising=False)
    assert "DISCORD_OPENAPI" in (openapi.missing_reason() or "")
    monkeypatch.setenv("NO_SKIPS", "1")
    with pytest.raises(AssertionError, match="DISCORD_OPENAPI"):
        openapi.missing_reason()
