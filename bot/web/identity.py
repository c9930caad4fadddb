"""Who is at the other end of the connection: the client's address, by way of trusted proxies only."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from aiohttp import web

from bot.web.options import Network

UNKNOWN = "unknown"


def client_address(request: web.Request, trusted: Sequence[Network]) -> str:
    """The address that asks: the last hop that is not one of our own proxies.

    X-Forwarded-For is believed only when the connection itself comes from a trusted proxy, and is read from
    the right: everything left of the first untrusted hop may have been made up by the client.
    """
    peer = request.remote or ""
    if not is_trusted(peer, trusted):
        return peer or UNKNOWN
    hops = [hop.strip() for hop in ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")]
    for hop in reversed([hop for hop in hops if hop]):
        if _parse(hop) is None:
            break
        if not is_trusted(hop, trusted):
            return hop
        peer = hop
    return peer


def by_unknown_proxy(request: web.Request, trusted: Sequence[Network]) -> bool:
    """Whether a proxy that is not one of ours passed this on: then nobody knows where it came from."""
    passed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return passed_on and not is_trusted(request.remote or "", trusted)


def household(address: str) -> str:
    """What counts as one asker: an IPv4 address, and of IPv6 the 64 bits that one connection is given whole."""
    found = _parse(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address if found is None else str(found)


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    """Whether the address lies in one of the networks."""
    found = _parse(address)
    return found is not None and any(
        found in network for network in trusted if network.version == found.version
    )


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found
