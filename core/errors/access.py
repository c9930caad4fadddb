"""Who may, roles and settings (core/access.py, core/admins.py, core/workspaces.py)."""

from core.errors.base import Conflict, InvalidInput, NotAllowed


class RoleNeeded(NotAllowed):
    """This needs a role in the workspace that the actor does not have; `role` is the least that may."""

    code = "role_needed"
    fields = ("role",)


class NotYours(NotAllowed):
    """It belongs to another member."""

    code = "not_yours"


class ServerNotServed(NotAllowed):
    """The bot's operator leaves this Discord server out."""

    code = "server_not_served"


class OtherServer(NotAllowed):
    """A button of one club was pressed in another club's server, or by somebody that club does not know."""

    code = "other_server"


class NotLinked(NotAllowed):
    """The Discord account is not linked to a name on the roster."""

    code = "not_linked"


class OwnPayment(NotAllowed):
    """The club does not let reviewers verify their own payment."""

    code = "own_payment"


class LastTreasurer(Conflict):
    """Nobody would be left who may run the club."""

    code = "last_treasurer"


class SettingUnknown(InvalidInput):
    """The workspace has no setting of this name."""

    code = "setting_unknown"
    fields = ("value",)


class CurrencyFixed(Conflict):
    """An amount was written in this currency already."""

    code = "currency_fixed"
    fields = ("currency",)


class TooManyValues(InvalidInput):
    """More values than the field takes."""

    code = "too_many_values"
    fields = ("field", "most")


class DiscordIdInvalid(InvalidInput):
    """Not the id of anything on Discord."""

    code = "discord_id_invalid"
    fields = ("field",)
