"""Objects of the world in Discord's JSON."""

from __future__ import annotations

from typing import Any

from bot.simulator.things import DM_CHANNEL, Channel, Guild, Member, Message, Role, StoredFile, User
from bot.simulator.world import World

Payload = dict[str, Any]
MAX_ATTACHMENT_BYTES = 10 * 1024 * 1024


def user(person: User) -> Payload:
    return {
        "id": str(person.id),
        "username": person.username,
        "discriminator": "0",
        "global_name": person.name,
        "avatar": None,
        "bot": person.bot,
        "system": False,
        "public_flags": 0,
        "flags": 0,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
    }


def me(person: User) -> Payload:
    """The bot as `GET /users/@me` and READY show it."""
    return user(person) | {"mfa_enabled": True, "verified": True, "email": None, "locale": "en-US"}


def member(someone: Member, *, with_user: bool = True) -> Payload:
    payload: Payload = {
        "roles": [str(role_id) for role_id in someone.roles],
        "nick": None,
        "avatar": None,
        "banner": None,
        "joined_at": someone.joined_at,
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    if with_user:
        payload["user"] = user(someone.user)
    return payload


def role(one: Role) -> Payload:
    payload: Payload = {
        "id": str(one.id),
        "name": one.name,
        "description": None,
        "permissions": str(one.permissions),
        "position": one.position,
        "color": one.color,
        "colors": {"primary_color": one.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": one.managed,
        "mentionable": one.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return payload


def channel(world: World, one: Channel) -> Payload:
    if one.kind == DM_CHANNEL:
        recipient = world.users[one.recipient_id or 0]
        return {
            "id": str(one.id),
            "type": DM_CHANNEL,
            "last_message_id": _last(one),
            "flags": 0,
            "recipients": [user(recipient)],
        }
    payload: Payload = {
        "id": str(one.id),
        "type": one.kind,
        "guild_id": str(one.guild_id),
        "name": one.name,
        "parent_id": str(one.parent_id) if one.parent_id else None,
        "last_message_id": _last(one),
        "rate_limit_per_user": 0,
        "flags": 0,
    }
    return payload | (_thread_part(one) if one.is_thread else _text_part(one))


def _last(one: Channel) -> str | None:
    return next((str(key) for key in reversed(one.messages)), None)


def _text_part(one: Channel) -> Payload:
    overwrites = [
        {"id": str(o.id), "type": o.kind, "allow": str(o.allow), "deny": str(o.deny)}
        for o in one.overwrites.values()
    ]
    return {
        "topic": one.topic,
        "position": one.position,
        "nsfw": False,
        "permission_overwrites": overwrites,
        "default_auto_archive_duration": None,
        "last_pin_timestamp": None,
    }


def _thread_part(one: Channel) -> Payload:
    return {
        "owner_id": str(one.owner_id),
        "message_count": len(one.messages),
        "total_message_sent": len(one.messages),
        "member_count": len(one.members),
        "applied_tags": [],
        "thread_metadata": {
            "archived": one.archived,
            "auto_archive_duration": one.auto_archive_minutes,
            "archive_timestamp": one.created_at,
            "create_timestamp": one.created_at,
            "locked": one.locked,
            "invitable": False,
        },
    }


def thread_member(one: Channel, user_id: int, joined_at: str) -> Payload:
    return {"id": str(one.id), "user_id": str(user_id), "join_timestamp": joined_at, "flags": 0}


def guild(world: World, one: Guild) -> Payload:
    """A server as `GET /guilds/{id}` shows it."""
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "owner_id": str(one.owner_id),
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "roles": [role(r) for r in one.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "max_members": 500_000,
        "max_presences": None,
        "vanity_url_code": None,
        "description": None,
        "banner": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": one.locale,
        "nsfw_level": 0,
        "nsfw": False,
        "premium_progress_bar_enabled": False,
        "incidents_data": None,
        "approximate_member_count": len(one.members),
        "approximate_presence_count": len(one.members),
    }


def guild_create(world: World, one: Guild, *, with_members: bool) -> Payload:
    """A server as GUILD_CREATE brings it: without the members intent only the bot is among its members."""
    members = one.members.values() if with_members else [one.members[world.bot.id]]
    channels = [world.channels[channel_id] for channel_id in one.channel_ids]
    threads = [c for c in world.channels.values() if c.guild_id == one.id and c.is_thread and not c.archived]
    return guild(world, one) | {
        "joined_at": one.members[world.bot.id].joined_at,
        "large": len(one.members) > 250,
        "unavailable": False,
        "member_count": len(one.members),
        "voice_states": [],
        "members": [member(m) for m in members],
        "channels": [channel(world, c) for c in channels],
        "threads": [channel(world, c) for c in threads if world.can_see(c, world.bot.id)],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def partial_channel(world: World, one: Channel, user_id: int) -> Payload:
    """A channel as an interaction carries it: with that user's permissions."""
    payload = channel(world, one)
    payload.pop("permission_overwrites", None)
    return payload | {"permissions": str(world.permissions_in(one, user_id))}


def attachment(
    base_url: str, stored: StoredFile, *, description: str | None = None, ephemeral: bool = False
) -> Payload:
    url = f"{base_url}/cdn/attachments/{stored.channel_id}/{stored.id}/{stored.filename}"
    payload: Payload = {
        "id": str(stored.id),
        "filename": stored.filename,
        "size": len(stored.content),
        "url": url,
        "proxy_url": url,
        "content_type": stored.content_type,
    }
    if stored.size:
        payload["width"], payload["height"] = stored.size
    if description:
        payload["description"] = description
    if ephemeral:
        payload["ephemeral"] = True
    return payload


def application(world: World) -> Payload:
    return {
        "id": str(world.application_id),
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "owner": user(world.users_by_key["owner"]),
        "team": None,
        "bot": user(world.bot),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
    }


def event_message(world: World, one: Message) -> Payload:
    """A message as MESSAGE_CREATE brings it: with its server and the author as a member."""
    target = world.channels[one.channel_id]
    if target.guild_id is None:
        return one.data
    payload = one.data | {"guild_id": str(target.guild_id)}
    author = world.guilds[target.guild_id].members.get(int(one.data["author"]["id"]))
    return payload | {"member": member(author, with_user=False)} if author else payload
