"""How the pages are served; made from the `[web]` section of the configuration."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.web.paths import PublicUrl
from bot.web.sso.options import SignIns

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many a minute after that."""

    burst: int
    per_minute: float


RATES = {
    "sign_in": Rate(10, 10),
    "upload": Rate(20, 20),
    "hooks": Rate(60, 60),
    "api": Rate(120, 240),
}
"""Per client address. The scopes are named by the routes."""


@dataclass(frozen=True, slots=True)
class DemoDoor:
    """A sign-in link that works again and again: only for the demo on this machine."""

    secret: str
    discord_id: int


@dataclass(frozen=True, slots=True)
class MetricsOptions:
    """Who may read /metrics: whoever has the token, and these networks. Neither: nobody."""

    token: str | None = None
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class WebOptions:
    """`refusal_seconds`: how long every refused sign-in link takes, so that time tells nothing."""

    url: PublicUrl
    trusted_proxies: tuple[Network, ...] = ()
    rates: Mapping[str, Rate] = field(default_factory=lambda: RATES)
    demo: DemoDoor | None = None
    refusal_seconds: float = 0.3
    metrics: MetricsOptions = MetricsOptions()
    sign_ins: SignIns = field(default_factory=SignIns)
