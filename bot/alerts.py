"""Sends alerts to Bark and webhooks. Only public addresses, looked at when connecting; no redirects."""

import ipaddress
import socket
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from core.alerts import Alert, AlertOutcome, webhook_body

SECONDS = 5.0
# What a link address must leave unescaped, besides letters and digits (RFC 3986, 2.3 unreserved).
_UNRESERVED = "-._~"
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
NOT_PUBLIC = AlertOutcome(sent=False, reason="not_public", final=True)


class PublicResolver(AbstractResolver):
    """Resolves a name and keeps only public addresses, so that no check is left behind by a later look-up."""

    def __init__(self, *, allow_private: bool) -> None:
        self.allow_private = allow_private
        self._resolver = aiohttp.resolver.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        kept = [each for each in found if self.allow_private or is_public(each["host"])]
        if not kept:
            raise PrivateAddress(host)
        return kept

    async def close(self) -> None:
        await self._resolver.close()


class PrivateAddress(OSError):  # noqa: N818 - reads as what happened
    """The name leads only to addresses of this machine or its own network."""


class AlertSender:
    """Sends one alert at a time; open it as a context manager, since it keeps connections."""

    def __init__(self, *, allow_private: bool = False) -> None:
        self.allow_private = allow_private
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "AlertSender":
        connector = aiohttp.TCPConnector(
            resolver=PublicResolver(allow_private=self.allow_private), use_dns_cache=False
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, alert: Alert, link: str = "") -> AlertOutcome:
        """Send it; a refusal or an unreachable address is an outcome, not an exception."""
        assert self._session is not None, "the sender is not open"
        method, address, body = _request(alert, link)
        if not self.allow_private and not _host_may_be_public(address):
            return NOT_PUBLIC
        try:
            async with self._session.request(method, address, json=body, allow_redirects=False) as answer:
                return _judge(answer.status)
        except TimeoutError:
            return AlertOutcome(sent=False, reason="no_answer")
        except aiohttp.ClientConnectorError as error:
            private = isinstance(getattr(error, "os_error", None), PrivateAddress)
            return NOT_PUBLIC if private else AlertOutcome(sent=False, reason="unreachable")
        except aiohttp.InvalidURL:
            return AlertOutcome(sent=False, reason="unreachable", final=True)
        except (aiohttp.ClientError, OSError, ValueError):  # their texts name the address, which is a secret
            return AlertOutcome(sent=False, reason="broken_off")


def _request(alert: Alert, link: str) -> tuple[str, URL, dict[str, Any] | None]:
    """Bark takes the text in the path of a GET; a webhook takes JSON."""
    if alert.target.kind == "webhook":
        return "POST", URL(alert.target.target), webhook_body(alert, link)
    text = quote(alert.text.replace("{link}", link), safe=_UNRESERVED)
    address = f"{alert.target.server}/{quote(alert.target.target, safe=_UNRESERVED)}/{text}"
    query = f"?url={quote(link, safe=_UNRESERVED)}" if link else ""
    return "GET", URL(address + query, encoded=True), None


def _judge(status: int) -> AlertOutcome:
    if 200 <= status < 300:
        return AlertOutcome(sent=True)
    final = 300 <= status < 500 and status not in (408, 425, 429)
    return AlertOutcome(sent=False, reason=f"answered {status}", final=final)


def _host_may_be_public(address: URL) -> bool:
    """A host that is an address already is not resolved, so it is looked at here.

    What only some systems read as an address (127.1, 2130706433) is none that anybody needs.
    """
    host = address.host or ""
    try:
        return is_public(host)
    except ValueError:
        return not host.replace(".", "").isdigit()


def is_public(address: str) -> bool:
    """Whether an IP address, and an older one that it may carry inside, is one of the open internet."""
    found = ipaddress.ip_address(address.split("%")[0])
    return all(one.is_global and not one.is_multicast for one in (found, *_carried(found)))


def _carried(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses to which an IPv6 address may lead on: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inside.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return [one for one in inside if one is not None]
