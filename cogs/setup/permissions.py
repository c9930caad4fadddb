"""What Discord must allow the bot to do in each chosen channel, and what it lacks there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import discord

from core.i18n import t
from core.models import Workspace

NAMES = {
    "view_channel": "setup.permission_view_channel",
    "send_messages": "setup.permission_send_messages",
    "embed_links": "setup.permission_embed_links",
    "attach_files": "setup.permission_attach_files",
    "read_message_history": "setup.permission_read_message_history",
    "mention_everyone": "setup.permission_mention_everyone",
    "create_private_threads": "setup.permission_create_private_threads",
    "send_messages_in_threads": "setup.permission_send_messages_in_threads",
}
_ALWAYS = ("view_channel", "send_messages", "embed_links", "attach_files", "read_message_history")
_THREADS = ("create_private_threads", "send_messages_in_threads")
# Without the first, Discord counts the others as not allowed either: only the cause is worth saying.
_FOLLOW = {
    "view_channel": frozenset(NAMES) - {"view_channel"},
    "send_messages": frozenset({"embed_links", "attach_files", "mention_everyone"}),
}


@dataclass(frozen=True, slots=True)
class Lack:
    """Permissions that the bot lacks in one channel; `gone`: the channel is not there any more."""

    channel_id: int
    permissions: tuple[str, ...]
    gone: bool = False


def lacking(guild: discord.Guild, workspace: Workspace, plan_roles: Iterable[int]) -> list[Lack]:
    """Where something is missing, channel by channel."""
    wanted: dict[int, set[str]] = {}
    reviewers = [workspace.reviewer_role_id] if workspace.reviewer_role_id else []
    for channel_id, roles in (
        (workspace.announce_channel_id, list(plan_roles)),
        (workspace.review_channel_id, reviewers),
        (workspace.admin_channel_id, []),
    ):
        if channel_id is not None:
            needed = wanted.setdefault(channel_id, set(_ALWAYS))
            if _must_be_allowed_to_mention(guild, roles):
                needed.add("mention_everyone")
    if workspace.closed_dm_policy == "thread" and workspace.announce_channel_id is not None:
        wanted[workspace.announce_channel_id].update(_THREADS)
    found = [_lack(guild, channel_id, needed) for channel_id, needed in wanted.items()]
    return [lack for lack in found if lack.gone or lack.permissions]


def words(lacks: Sequence[Lack], bot_name: str, locale: str) -> list[str]:
    """What is missing where, and how to grant it."""
    if not lacks:
        return []
    lines = []
    for lack in lacks:
        channel = f"<#{lack.channel_id}>"
        if lack.gone:
            lines.append(t(locale, "setup.channel_gone", channel=channel))
        else:
            names = t(locale, "setup.permission_comma").join(
                t(locale, NAMES[name]) for name in lack.permissions
            )
            lines.append(t(locale, "setup.permission_lacking", place=channel, permissions=names))
    return [*lines, t(locale, "setup.permission_how", bot=bot_name)]


def _must_be_allowed_to_mention(guild: discord.Guild, role_ids: Sequence[int]) -> bool:
    """Whether one of the roles can only be mentioned with the permission for it."""
    roles = [guild.get_role(role_id) for role_id in role_ids]
    return any(role is not None and not role.mentionable for role in roles)


def _lack(guild: discord.Guild, channel_id: int, needed: set[str]) -> Lack:
    channel = guild.get_channel(channel_id)
    if channel is None or guild.me is None:
        return Lack(channel_id, (), gone=True)
    allowed = channel.permissions_for(guild.me)
    missing = [name for name in NAMES if name in needed and not getattr(allowed, name)]
    for cause, follow in _FOLLOW.items():
        if cause in missing:
            missing = [name for name in missing if name not in follow]
    return Lack(channel_id, tuple(missing))
