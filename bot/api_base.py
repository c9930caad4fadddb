"""The one seam between discord.py and another Discord than the real one: a simulator on this machine.

discord.py takes its REST address from the class variable `Route.BASE` and its gateway from
`DiscordWebSocket.DEFAULT_GATEWAY`. Only loopback addresses are ever put there, so a real token cannot be
sent to somebody else by a line in a configuration file.
"""

from __future__ import annotations

import ipaddress

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

REAL_BASE = Route.BASE
REAL_GATEWAY = DiscordWebSocket.DEFAULT_GATEWAY


def is_loopback(address: str, schemes: tuple[str, ...] = ("http",)) -> bool:
    """Whether this is an address on this very machine, reached by one of the schemes."""
    try:
        url = yarl.URL(address)
        host = url.host or ""
        if url.scheme not in schemes or url.user is not None or url.query_string or url.fragment:
            return False
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def use(api_base: str | None) -> None:
    """Send REST requests to the simulator at `api_base`, or to Discord with None. Call it before login."""
    if api_base is not None and not is_loopback(api_base):
        raise ValueError(f"not on this machine: {api_base}")
    Route.BASE = REAL_BASE if api_base is None else api_base.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = REAL_GATEWAY


async def find_gateway(http: HTTPClient) -> None:
    """Ask the simulator for its gateway, and connect there. Nothing to do for Discord itself."""
    if Route.BASE == REAL_BASE:
        return
    url = (await http.request(Route("GET", "/gateway")))["url"]
    if not is_loopback(url, ("ws",)):
        raise ValueError(f"the simulator names a gateway that is not on this machine: {url}")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
