"""The addresses of the other ways to sign in: only those that are configured exist."""

from __future__ import annotations

from bot.web.routing import Routes
from bot.web.sso.options import SignIns


def routes_of(options: SignIns) -> Routes:
    """The routes of what is configured; PyJWT is needed, and imported, only for signed tokens."""
    found = Routes()
    modules = []
    if options.access is not None:
        from bot.web.sso import access

        modules.append(access.pages)
    if options.oidc is not None:
        from bot.web.sso import oidc

        modules.append(oidc.pages)
    if options.discord is not None:
        from bot.web.sso import discord_account

        modules.append(discord_account.pages)
    if options.header is not None:
        from bot.web.sso import header

        modules.append(header.pages)
    if modules:
        from bot.web.sso import choice

        modules.append(choice.pages)
    for pages in modules:
        for route in pages:
            found.add(route)
    return found
