"""A wording sent to whoever wrote it, as a direct message: to see it as a real message before others do."""

import json

from core import access, errors, notices, templates
from core.access import Role
from core.db import Tx
from core.models import Actor


def send_to_me(tx: Tx, actor: Actor, kind: str, locale: str, body: str) -> None:
    """Queue this wording, filled in with made-up people, for the actor's own direct messages. Saves nothing.

    Raises RoleNeeded, ChoiceUnknown, what templates.check raises, and FieldMissing without a Discord account.
    """
    access.require(tx, actor, Role.TREASURER)
    templates.get(tx, actor.workspace_id, kind, locale)
    text = templates.check(kind, body)
    if actor.kind != "discord" or not actor.discord_id:
        raise errors.FieldMissing(field="discord_id")
    params = json.dumps({"kind": kind, "locale": locale, "body": text}, ensure_ascii=False)
    notices.template_test(tx, access.workspace_of(tx, actor), actor.discord_id, params)
