"""Which other ways to sign in there are; made from the `[web.…]` sections of the configuration, all off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.web.options import Network

People = Mapping[str, int]
"""Who somebody is elsewhere (an e-mail address, a user name) → their Discord account here. Nobody else gets in."""


@dataclass(frozen=True, slots=True)
class AccessOptions:
    """Cloudflare Access in front of us: who signs its tokens, and for which application they have to be."""

    issuer: str
    audience: str
    people: People

    @property
    def certs_url(self) -> str:
        """Where its keys are."""
        return f"{self.issuer}/cdn-cgi/access/certs"


@dataclass(frozen=True, slots=True)
class OidcOptions:
    """An OpenID Connect provider. `claim` says who somebody is; an e-mail counts only when it is verified."""

    issuer: str
    client_id: str
    client_secret: str
    people: People
    claim: str = "email"
    scopes: str = "openid email"


@dataclass(frozen=True, slots=True)
class DiscordOptions:
    """Discord's own OAuth2; `base` is another address only for tests."""

    client_id: str
    client_secret: str
    base: str = "https://discord.com"


@dataclass(frozen=True, slots=True)
class HeaderOptions:
    """A proxy that signs people in itself and names them in a header; believed from these networks only."""

    header: str
    networks: tuple[Network, ...]
    people: People


@dataclass(frozen=True, slots=True)
class SignIns:
    """What is configured."""

    access: AccessOptions | None = None
    oidc: OidcOptions | None = None
    discord: DiscordOptions | None = None
    header: HeaderOptions | None = None


def who(people: People, name: str) -> int | None:
    """The Discord account of this name; capitals do not matter, everything else does."""
    wanted = name.strip().casefold()
    return next((account for known, account in people.items() if known.casefold() == wanted), None)
