"""From a Discord user to an `Actor`: which workspace a click is about, and who clicked.

Nothing is allowed or refused here; the core asks for rights at the moment of the act.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from cogs.ui.replies import Interaction
from core import access, errors, linking, workspaces
from core.db import Tx
from core.models import Actor, Workspace, WorkspaceId
from core.services import Services

# Such as reports.workspace_of_payment: from the id on a button to the workspace of what it names.
Finder = Callable[[Tx, int], Workspace]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a handler works with: the services, the workspace it is about, and who acts."""

    services: Services
    workspace: Workspace
    actor: Actor


def services_of(interaction: Interaction) -> Services:
    """The services that the client was built with."""
    return cast(Services, interaction.client.services)


async def scene_here(interaction: Interaction) -> Scene:
    """For commands: the workspace of the server it was typed in. Raises WorkspaceUnknown."""
    services = services_of(interaction)
    found = (
        await services.db.read(workspaces.by_guild, interaction.guild_id) if interaction.guild_id else None
    )
    if found is None:
        raise errors.WorkspaceUnknown()
    return Scene(services, found, actor_of(interaction, found))


async def scene_of(interaction: Interaction, finder: Finder, subject_id: int) -> Scene:
    """For buttons: the workspace of what the id names, wherever the button is.

    Raises NotFound, ServerNotServed when the bot's operator leaves that workspace's server out, and
    OtherServer when the id was put on a message of another server, or of somebody whom the club never saw.
    """
    services = services_of(interaction)
    workspace = await services.db.read(finder, subject_id)
    if not interaction.client.serves(workspace.guild_id):
        raise errors.ServerNotServed()
    actor = actor_of(interaction, workspace)
    if interaction.guild_id is None:
        belongs = await services.db.read(linking.is_known, actor)
    else:
        belongs = interaction.guild_id == workspace.guild_id
    if not belongs:
        raise errors.OtherServer()
    return Scene(services, workspace, actor)


def workspace_itself(tx: Tx, workspace_id: int) -> Workspace:
    """The finder for buttons that name a workspace."""
    return access.workspace_of(tx, Actor.system(WorkspaceId(workspace_id)))


def actor_of(interaction: Interaction, workspace: Workspace) -> Actor:
    """Who clicked, and whether the workspace's Discord server is theirs."""
    guild = interaction.client.get_guild(workspace.guild_id)
    owns = guild is not None and guild.owner_id == interaction.user.id
    return Actor.discord(workspace.id, interaction.user.id, owns_server=owns)
