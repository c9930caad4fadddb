"""Settings of the other ways to sign in, and of who may read /metrics. All of them are off by default."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, IPvAnyNetwork, SecretStr, field_validator
from pydantic_settings import NoDecode

from bot.config_base import AccountId, Section, split

_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")

EXPECTED = {
    "web.metrics.token": "bot.expects_text",
    "web.metrics.networks": "bot.expects_networks",
    "web.cloudflare_access.issuer": "bot.expects_url",
    "web.cloudflare_access.audience": "bot.expects_text",
    "web.cloudflare_access.people": "web_sso.expects_people",
    "web.oidc.issuer": "bot.expects_url",
    "web.oidc.client_id": "bot.expects_text",
    "web.oidc.client_secret": "bot.expects_text",
    "web.oidc.claim": "bot.expects_text",
    "web.oidc.scopes": "bot.expects_text",
    "web.oidc.people": "web_sso.expects_people",
    "web.discord_oauth.client_id": "bot.expects_text",
    "web.discord_oauth.client_secret": "bot.expects_text",
    "web.trusted_header.header": "web_sso.expects_header",
    "web.trusted_header.networks": "bot.expects_networks",
    "web.trusted_header.people": "web_sso.expects_people",
}
# What each section needs once any of its keys is set.
NEEDED = {
    "cloudflare_access": ("issuer", "audience", "people"),
    "oidc": ("issuer", "client_id", "client_secret", "people"),
    "discord_oauth": ("client_id", "client_secret"),
    "trusted_header": ("header", "networks", "people"),
}
NEEDS_PYJWT = ("cloudflare_access", "oidc")

Networks = Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(split)]
People = dict[str, AccountId]


def _is_address(url: str) -> str:
    from bot.web.paths import PublicUrl

    if url:
        PublicUrl.parse(url)
    return url


class MetricsSettings(Section):
    """Who may read /metrics: whoever has the token, and these networks. Neither: nobody."""

    token: SecretStr | None = None
    networks: Networks = ()


class CloudflareAccessSettings(Section):
    """Cloudflare Access in front of the pages."""

    issuer: str = ""
    audience: str = ""
    people: People = {}  # noqa: RUF012 - pydantic copies it

    _issuer = field_validator("issuer")(_is_address)


class OidcSettings(Section):
    """An OpenID Connect provider."""

    issuer: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    claim: str = Field(default="email", min_length=1)
    scopes: str = Field(default="openid email", pattern=r"\bopenid\b")
    people: People = {}  # noqa: RUF012 - pydantic copies it

    _issuer = field_validator("issuer")(_is_address)


class DiscordOauthSettings(Section):
    """Discord's own sign-in, by the application's client id and secret."""

    client_id: str = ""
    client_secret: SecretStr = SecretStr("")


class TrustedHeaderSettings(Section):
    """A proxy that signs people in and names them in a header."""

    header: str = ""
    networks: Networks = ()
    people: People = {}  # noqa: RUF012 - pydantic copies it

    @field_validator("header")
    @classmethod
    def _header_is_a_name(cls, header: str) -> str:
        if header and _HEADER.fullmatch(header) is None:
            raise ValueError("not the name of a header")
        return header


def is_empty(value: object) -> bool:
    """Whether a key was left out."""
    return not (value.get_secret_value() if isinstance(value, SecretStr) else value)
