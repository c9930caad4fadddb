"""Writing settings."""

from __future__ import annotations

from typing import Any

from cogs.guards import Scene
from core import workspaces
from core.db import Tx
from core.workspaces import SettingsChanged


async def save(scene: Scene, changes: dict[str, Any]) -> SettingsChanged:
    """Change these settings of the workspace; the others stay."""

    def update(tx: Tx) -> SettingsChanged:
        return workspaces.update_settings(tx, scene.actor, **changes)

    return await scene.services.db.write(update)
