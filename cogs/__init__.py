"""Discord: each cog parses what a person did, names the actor, calls one use case and shows its result."""

EXTENSIONS = (
    "cogs.ui.expiry",
    "cogs.panel",
    "cogs.pay",
    "cogs.my",
    "cogs.link",
    "cogs.review",
    "cogs.dashboard",
    "cogs.club",
    "cogs.setup",
)
"""Modules with `async def setup(bot)`, in the order in which the client loads them."""
