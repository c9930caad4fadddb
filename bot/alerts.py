"""Sends alerts to Bark and webhooks. Only public addresses, looked at when connecting; no redirects."""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from core.alerts import Alert, webhook_body

SECONDS = 5.0
# What a link address must leave unescaped, besides letters and digits (RFC 3986, 2.3 unreserved).
_UNRESERVED = "-._~"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How sending went; `final`: trying again makes no sense. `reason` never holds the address."""

    sent: bool
    reason: str = ""
    final: bool = False


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

    async def send(self, alert: Alert, link: str = "") -> Outcome:
        """Send it; a refusal or an unreachable address is an outcome, not an exception."""
        assert self._session is not None, "the sender is not open"
        method, address, body = _request(alert, link)
        if not self.allow_private and not _host_may_be_public(address):
            return Outcome(False, "the address is not public", final=True)
        try:
            async with self._session.request(method, address, json=body, allow_redirects=False) as answer:
                return _judge(answer.status)
        except PrivateAddress:
            return Outcome(False, "the address is not public", final=True)
        except TimeoutError:
            return Outcome(False, f"no answer within {SECONDS:g} s")
        except aiohttp.ClientConnectorError as error:
            private = isinstance(error.os_error, PrivateAddress)
            return Outcome(
                False, "the address is not public" if private else "cannot be reached", final=private
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome(False, type(error).__name__)


def _request(alert: Alert, link: str) -> tuple[str, str, dict[str, Any] | None]:
    """Bark takes the text in the path of a GET; a webhook takes JSON."""
    if alert.target.kind == "webhook":
        return "POST", alert.target.target, webhook_body(alert, link)
    text = quote(alert.text.replace("{link}", link), safe=_UNRESERVED)
    address = f"{alert.target.server}/{quote(alert.target.target, safe=_UNRESERVED)}/{text}"
    return "GET", address + (f"?url={quote(link, safe=_UNRESERVED)}" if link else ""), None


def _judge(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome(True)
    final = 300 <= status < 500 and status not in (408, 429)
    return Outcome(False, f"it answered {status}", final=final)


def _host_may_be_public(address: str) -> bool:
    """A host that is an address already is not resolved, so it is looked at here."""
    host = URL(address).host or ""
    try:
        return is_public(str(ipaddress.ip_address(host)))
    except ValueError:
        return True


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet."""
    found = ipaddress.ip_address(address.split("%")[0])
    mapped: ipaddress.IPv4Address | None = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not (mapped or found).is_multicast
