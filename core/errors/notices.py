"""Templates, notices, alerts and taking back."""

from core.errors.base import Conflict, InvalidInput, NotFound


class PlaceholderUnknown(InvalidInput):
    """The text has a placeholder that this kind of notice does not have."""

    code = "placeholder_unknown"
    fields = ("name", "known")


class MessageTooLong(InvalidInput):
    """Filled in with what a real club has, the message would not fit into Discord's limit."""

    code = "message_too_long"
    fields = ("length", "limit")


class TimeInvalid(InvalidInput):
    """Not a time of day such as 22:00."""

    code = "time_invalid"
    fields = ("field", "value")


class QuietHoursEmpty(InvalidInput):
    """Quiet hours that begin and end at the same time."""

    code = "quiet_hours_empty"


class NotUndoable(Conflict):
    """This kind of action has no reverse."""

    code = "not_undoable"


class UndoneBefore(Conflict):
    """The action was taken back already."""

    code = "undone_before"


class UndoOvertaken(Conflict):
    """The same was done again since, or what the action left is different by now."""

    code = "undo_overtaken"


class ActionUnknown(NotFound):
    """No such line in the audit log of this workspace."""

    code = "action_unknown"


class AddressInvalid(InvalidInput):
    """Not a web address, or not a key, that an alert can be sent to."""

    code = "address_invalid"
    fields = ("field",)


class TooManyAlertTargets(Conflict):
    """The workspace has as many alert targets as it can."""

    code = "too_many_alert_targets"
    fields = ("most",)


class AlertTargetUnknown(NotFound):
    """No such alert target here, or it was removed."""

    code = "alert_target_unknown"
