"""The other ways to sign in and the readers of /metrics, from the configuration to what the pages work with."""

from __future__ import annotations

from bot.config import WebSettings
from bot.web.options import MetricsOptions
from bot.web.sso.options import AccessOptions, DiscordOptions, HeaderOptions, OidcOptions, SignIns


def metrics_of(chosen: WebSettings) -> MetricsOptions:
    """Who may read /metrics."""
    token = chosen.metrics.token
    return MetricsOptions(token.get_secret_value() if token else None, tuple(chosen.metrics.networks))


def sign_ins_of(chosen: WebSettings) -> SignIns:
    """What is configured; bot/config.py has seen to it that nothing is half there."""
    access, oidc, discord, header = (
        chosen.cloudflare_access, chosen.oidc, chosen.discord_oauth, chosen.trusted_header,
    )  # fmt: skip
    return SignIns(
        access=AccessOptions(access.issuer.rstrip("/"), access.audience, access.people)
        if access.issuer
        else None,
        oidc=OidcOptions(
            oidc.issuer, oidc.client_id, oidc.client_secret.get_secret_value(), oidc.people, oidc.claim,
            oidc.scopes,
        )
        if oidc.issuer
        else None,
        discord=DiscordOptions(discord.client_id, discord.client_secret.get_secret_value())
        if discord.client_id
        else None,
        header=HeaderOptions(header.header, tuple(header.networks), header.people) if header.header else None,
    )  # fmt: skip
