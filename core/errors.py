"""Every error a person can cause, each with a stable code.

A use case raises one of the leaves below and has then changed nothing. The code and the params are for
machines and tests; what the person reads is `errors.<code>` in the catalogs (`core.i18n.error_text`).
Mistakes of our own are not here: those are `ValueError`, `TypeError` or an assertion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

if TYPE_CHECKING:
    from datetime import date

    from core.money import Money
    from core.period import Period

Param: TypeAlias = "str | int | Money | Period | date"

_SHOWN_CHARACTERS = 40


class DomainError(Exception):
    """A request that cannot be done as it was made; nothing was changed.

    `fields` names the params that the leaf's sentence may use. All of them must be given, so that a
    sentence can never fail to be built at the moment it is needed.
    """

    code: ClassVar[str] = ""
    fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **params: Param) -> None:
        """Keep the params for the sentence; raises TypeError when a declared one is missing."""
        missing = [name for name in self.fields if name not in params]
        if missing or not self.code:
            raise TypeError(f"{type(self).__name__} needs {', '.join(missing) or 'a code'}")
        super().__init__()
        self.params = params

    def __str__(self) -> str:
        """Return `code: name=value …` for logs; people read the catalog's sentence instead."""
        return f"{self.code}: " + ", ".join(f"{name}={value}" for name, value in self.params.items())


# The four kinds decide the HTTP status. They read as sentences ("raise NotFound"), hence no Error suffix.
class InvalidInput(DomainError):  # noqa: N818
    """Something that was typed or sent is not what it has to be."""


class NotAllowed(DomainError):  # noqa: N818
    """This actor may not do this."""


class NotFound(DomainError):  # noqa: N818
    """The thing that was named is not there, or belongs to another workspace."""


class Conflict(DomainError):  # noqa: N818
    """It is not possible any more, or not in the present state."""


def all_errors() -> list[type[DomainError]]:
    """List every leaf that has been imported so far, by code; raises ValueError if two share a code."""
    found: dict[str, type[DomainError]] = {}
    waiting = list(DomainError.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if not kind.code:
            continue
        if found.setdefault(kind.code, kind) is not kind:
            raise ValueError(f"two errors have the code {kind.code}")
    return [found[code] for code in sorted(found)]


def shown(text: str) -> str:
    """Return what somebody typed, fit to be repeated in a sentence: on one line and not too long."""
    printable = "".join(c if c.isprintable() else " " for c in text[: _SHOWN_CHARACTERS * 4])
    line = " ".join(printable.split())
    return line if len(line) <= _SHOWN_CHARACTERS else line[: _SHOWN_CHARACTERS - 1] + "…"


# --- fields of any kind -------------------------------------------------------------------------------


class FieldMissing(InvalidInput):
    """A field that must be filled in was empty."""

    code = "field_missing"
    fields = ("field",)


# --- amounts (core/money.py) --------------------------------------------------------------------------


class AmountNotANumber(InvalidInput):
    """The amount has letters, signs or commas where none can be."""

    code = "amount_not_a_number"
    fields = ("field", "value", "example")


class AmountTooPrecise(InvalidInput):
    """The amount has more decimals than anybody can pay in this currency."""

    code = "amount_too_precise"
    fields = ("field", "value", "currency", "decimals")


class AmountNegative(InvalidInput):
    """The amount is below zero where only zero or more makes sense."""

    code = "amount_negative"
    fields = ("field", "value")


class AmountTooLarge(InvalidInput):
    """The amount is beyond what the books take in one movement."""

    code = "amount_too_large"
    fields = ("field", "largest")


class AmountInOtherCurrency(InvalidInput):
    """The amount carries the code or symbol of a currency that is not the workspace's."""

    code = "amount_in_other_currency"
    fields = ("field", "value", "currency")


class UnknownCurrency(InvalidInput):
    """No such currency code in ISO 4217."""

    code = "unknown_currency"
    fields = ("field", "value")


# --- dates and periods (core/period.py, core/clock.py) ------------------------------------------------


class InvalidPeriod(InvalidInput):
    """Not a month written as YYYY-MM."""

    code = "invalid_period"
    fields = ("field", "value")


class InvalidDate(InvalidInput):
    """Not a day of the calendar written as YYYY-MM-DD."""

    code = "invalid_date"
    fields = ("field", "value")


class UnknownTimezone(InvalidInput):
    """Not a name of the IANA time zone database."""

    code = "unknown_timezone"
    fields = ("field", "value")


# --- roster files (core/roster_csv.py) ----------------------------------------------------------------


class FileTooLarge(InvalidInput):
    """The file has more bytes than we read."""

    code = "file_too_large"
    fields = ("megabytes",)


class FileHasTooManyRows(InvalidInput):
    """The file has more rows than a roster can have."""

    code = "file_has_too_many_rows"
    fields = ("rows",)


class FileEmpty(InvalidInput):
    """The file has no header row."""

    code = "file_empty"


class FileNotText(InvalidInput):
    """The file is not text: a spreadsheet or picture, or text with zero bytes in it."""

    code = "file_not_text"


class EncodingUnclear(InvalidInput):
    """The file's characters can be read in no way, or in more than one; somebody has to say which."""

    code = "encoding_unclear"
    fields = ("candidates",)


class EncodingWrong(InvalidInput):
    """The file cannot be read with the encoding that was chosen."""

    code = "encoding_wrong"
    fields = ("encoding",)


class UnknownEncoding(InvalidInput):
    """Not an encoding that we offer."""

    code = "unknown_encoding"
    fields = ("value", "choices")


class QuoteNotClosed(InvalidInput):
    """A quoted field has no end, so where the rows end cannot be told."""

    code = "quote_not_closed"
    fields = ("line",)


class ColumnTwice(InvalidInput):
    """Two columns of the file mean the same, and we do not guess which one counts."""

    code = "column_twice"
    fields = ("column",)


class HeaderRowMissing(InvalidInput):
    """The first row is a person already, so the columns have no names."""

    code = "header_row_missing"


class NameColumnUnclear(InvalidInput):
    """No column is recognised as name or e-mail, and the first two are something else."""

    code = "name_column_unclear"


# --- the machine (core/db.py, core/migrate.py) -----------------------------------------------------------


class DatabaseUnavailable(Conflict):
    """The database cannot be read or written now: disk full, read-only, locked for too long."""

    code = "database_unavailable"


class DatabaseTooNew(Conflict):
    """The database was written by a later version of the program."""

    code = "database_too_new"
    fields = ("found", "known")


class SqliteTooOld(Conflict):
    """The SQLite library of this Python is too old."""

    code = "sqlite_too_old"
    fields = ("found", "needed")


# --- who may (core/access.py) ----------------------------------------------------------------------------


class RoleNeeded(NotAllowed):
    """This needs a role in the workspace that the actor does not have; `role` is the least that may."""

    code = "role_needed"
    fields = ("role",)


class NotYours(NotAllowed):
    """It belongs to another member."""

    code = "not_yours"


class NotLinked(NotAllowed):
    """The Discord account is not linked to a name on the roster."""

    code = "not_linked"


class OwnPayment(NotAllowed):
    """The club does not let reviewers verify their own payment."""

    code = "own_payment"


class LastTreasurer(Conflict):
    """Nobody would be left who may run the club."""

    code = "last_treasurer"


# --- things that are named (core/store) ------------------------------------------------------------------


class WorkspaceUnknown(NotFound):
    """This server has no workspace yet."""

    code = "workspace_unknown"


class WorkspaceExists(Conflict):
    """This server has a workspace already."""

    code = "workspace_exists"


class MemberUnknown(NotFound):
    code = "member_unknown"


class PlanUnknown(NotFound):
    code = "plan_unknown"


class MethodUnknown(NotFound):
    code = "method_unknown"


class SubscriptionUnknown(NotFound):
    code = "subscription_unknown"


class BillUnknown(NotFound):
    code = "bill_unknown"


class PaymentUnknown(NotFound):
    code = "payment_unknown"


class PeriodUnknown(NotFound):
    code = "period_unknown"
    fields = ("period",)


class NoticeUnknown(NotFound):
    code = "notice_unknown"


class ProofUnknown(NotFound):
    code = "proof_unknown"


# --- text fields -----------------------------------------------------------------------------------------


class TextTooLong(InvalidInput):
    """More characters than the field takes."""

    code = "text_too_long"
    fields = ("field", "limit")


class NumberOutOfRange(InvalidInput):
    """Not a whole number between the two limits."""

    code = "number_out_of_range"
    fields = ("field", "least", "most")


class ChoiceUnknown(InvalidInput):
    """Not one of the choices of this field."""

    code = "choice_unknown"
    fields = ("field", "value", "choices")


# --- payments (core/payments.py) -------------------------------------------------------------------------


class PaymentMoved(Conflict):
    """Somebody was faster: the payment is not in the state from which this can be done."""

    code = "payment_moved"
    fields = ("payment", "status")


class NothingToPay(Conflict):
    """None of the member's bills can be paid now."""

    code = "nothing_to_pay"


class NothingChosen(InvalidInput):
    """No bill was chosen."""

    code = "nothing_chosen"


class BillNotPayable(Conflict):
    """The bill is settled, void, or its month is not open."""

    code = "bill_not_payable"
    fields = ("bill",)


class BillClaimed(Conflict):
    """A submission for this bill waits for review already."""

    code = "bill_claimed"
    fields = ("bill", "payment")


class ReasonMissing(InvalidInput):
    """A rejection or a correction needs a reason."""

    code = "reason_missing"


class RefundTooLarge(InvalidInput):
    """More would be given back than was received."""

    code = "refund_too_large"
    fields = ("most",)


class UndoTooLate(NotAllowed):
    """A reviewer may take back an own decision for so many minutes; later it takes a treasurer."""

    code = "undo_too_late"
    fields = ("minutes",)


class NotRecorded(Conflict):
    """Only a recorded payment can be cancelled; a verified submission is unverified."""

    code = "not_recorded"
    fields = ("payment",)


class WasRecorded(Conflict):
    """A recorded payment cannot be unverified, it has no submission to go back to; it is cancelled."""

    code = "was_recorded"
    fields = ("payment",)


# --- billing (core/billing.py) ---------------------------------------------------------------------------


class PeriodClosed(Conflict):
    """The month is closed: its charges are locked."""

    code = "period_closed"
    fields = ("period",)


class PeriodNotOpen(Conflict):
    """The month is not open at the moment."""

    code = "period_not_open"
    fields = ("period",)


class PlanWithoutPrice(Conflict):
    """A plan that somebody holds has no price for that month."""

    code = "plan_without_price"
    fields = ("plan", "period")


class ClaimsWaiting(Conflict):
    """Submissions for this month wait for review."""

    code = "claims_waiting"
    fields = ("period", "count")


# --- proofs (core/proofs.py, bot/storage.py) ----------------------------------------------------------


class ProofEmpty(InvalidInput):
    """The screenshot has no bytes."""

    code = "proof_empty"


class ProofTooLarge(InvalidInput):
    """The screenshot has more bytes than we take."""

    code = "proof_too_large"
    fields = ("megabytes",)


class ProofNotAPicture(InvalidInput):
    """Not a PNG, JPEG or WebP picture, whatever it is called, or a damaged one."""

    code = "proof_not_a_picture"


class ProofTooManyPixels(InvalidInput):
    """The picture has more pixels than we decode."""

    code = "proof_too_many_pixels"
    fields = ("megapixels",)


class ProofTooSmall(InvalidInput):
    """The picture is too small to show anything."""

    code = "proof_too_small"
    fields = ("pixels",)


class ProofMissing(NotFound):
    """The store does not have this picture (any more)."""

    code = "proof_missing"


class StorageUnavailable(Conflict):
    """The store of proofs cannot be reached or used right now."""

    code = "storage_unavailable"


class ProofNotStored(StorageUnavailable):
    """The same, while a screenshot was to be stored: so nothing was registered."""

    code = "proof_not_stored"


class StorageFolderUnusable(Conflict):
    """The folder for proofs cannot be made, or not be written."""

    code = "storage_folder_unusable"
    fields = ("folder", "reason")


class StorageEndpointInvalid(InvalidInput):
    """The S3 endpoint is not a host with an optional port."""

    code = "storage_endpoint_invalid"
    fields = ("value",)


class StorageBucketInvalid(InvalidInput):
    """No S3 bucket can have this name."""

    code = "storage_bucket_invalid"
    fields = ("value",)


class StorageBucketMissing(NotFound):
    """The S3 server has no bucket of this name."""

    code = "storage_bucket_missing"
    fields = ("bucket", "endpoint")


class StorageAccessDenied(NotAllowed):
    """The S3 server refuses these keys."""

    code = "storage_access_denied"
    fields = ("bucket", "endpoint")


class StorageUnreachable(StorageUnavailable):
    """The S3 server does not answer, asked at start where somebody can correct the address."""

    code = "storage_unreachable"
    fields = ("endpoint",)


class StorageClientMissing(Conflict):
    """S3 is configured, but the optional package for it is not installed."""

    code = "storage_client_missing"


class AmountNotPositive(InvalidInput):
    """The amount must be more than zero."""

    code = "amount_not_positive"
    fields = ("field",)


# --- one-time links (core/tokens.py) ---------------------------------------------------------------------


class LinkExpired(Conflict):
    """The one-time link is unknown, used or too old."""

    code = "link_expired"


# --- settings and roles (core/workspaces.py, core/admins.py) ---------------------------------------------


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


# --- plans, methods, subscriptions (core/plans.py, core/methods.py, core/subscriptions.py) ---------------


class PlanNameTaken(Conflict):
    """Another plan in use has this name."""

    code = "plan_name_taken"
    fields = ("plan",)


class PlanRetired(Conflict):
    """The plan takes nobody new any more."""

    code = "plan_retired"
    fields = ("plan",)


class MethodNameTaken(Conflict):
    """Another payment method in use has this name."""

    code = "method_name_taken"
    fields = ("method",)


class AlreadySubscribed(Conflict):
    """The member holds this plan at that time already."""

    code = "already_subscribed"
    fields = ("member", "plan")


class SubscriptionOver(Conflict):
    """The subscription has ended."""

    code = "subscription_over"
    fields = ("ended_on",)


class PauseOverlaps(Conflict):
    """Another pause holds in that time already."""

    code = "pause_overlaps"
    fields = ("from_on",)


class NotPaused(Conflict):
    """No pause holds on that day."""

    code = "not_paused"


class DateTooEarly(InvalidInput):
    """The day lies before the earliest that makes sense here."""

    code = "date_too_early"
    fields = ("field", "earliest")


class DateTooLate(InvalidInput):
    """The day lies after the latest that makes sense here."""

    code = "date_too_late"
    fields = ("field", "latest")


# --- members and linking (core/roster.py, core/linking.py, core/opening_balances.py) ---------------------


class MemberLeft(Conflict):
    """The member has left the club."""

    code = "member_left"
    fields = ("member",)


class MemberMerged(Conflict):
    """The entry was merged into another, which counts now; both are numbers such as M-12."""

    code = "member_merged"
    fields = ("member", "into")


class MergeWithItself(InvalidInput):
    """Both entries of a merge are the same one."""

    code = "merge_with_itself"
    fields = ("member",)


class MergeBothLinked(Conflict):
    """Both entries have a Discord account, and we do not guess which one counts."""

    code = "merge_both_linked"
    fields = ("member", "into")


class MergeSamePlan(Conflict):
    """Both entries hold this plan at the same time."""

    code = "merge_same_plan"
    fields = ("plan",)


class MergeClaimsWaiting(Conflict):
    """Submissions of one of the entries wait for review."""

    code = "merge_claims_waiting"
    fields = ("member", "count")


class ImportUnknown(NotFound):
    """No such roster import."""

    code = "import_unknown"


class ImportUndone(Conflict):
    """The roster import was undone before, on this day."""

    code = "import_undone"
    fields = ("day",)


class EmailInvalid(InvalidInput):
    """Not an e-mail address."""

    code = "email_invalid"
    fields = ("field", "value")


class EmailTaken(Conflict):
    """Another entry of the roster has this e-mail address; `member` is its number, M-12."""

    code = "email_taken"
    fields = ("member",)


class AccountTaken(Conflict):
    """The Discord account is linked to another name already."""

    code = "account_taken"
    fields = ("name",)


class AlreadyLinked(Conflict):
    """Whoever asks is linked to a name already."""

    code = "already_linked"
    fields = ("name",)


class NameTaken(Conflict):
    """The name is linked to another Discord account."""

    code = "name_taken"
    fields = ("name",)


class NameFree(Conflict):
    """Nobody took the name: it can simply be linked."""

    code = "name_free"
    fields = ("name",)


class LinkWaiting(Conflict):
    """Whoever asks waits for an answer already, about this name."""

    code = "link_waiting"
    fields = ("name",)


class LinkRequestUnknown(NotFound):
    """No such request to link a name."""

    code = "link_request_unknown"


class LinkDecided(Conflict):
    """Somebody decided about this request already, or it was taken back."""

    code = "link_decided"


class LinkGone(Conflict):
    """The name is not linked to that account any more."""

    code = "link_gone"
    fields = ("name",)


class SearchTooShort(InvalidInput):
    """Too few characters to search for."""

    code = "search_too_short"
    fields = ("least",)


class AmountZero(InvalidInput):
    """The amount must not be zero."""

    code = "amount_zero"
    fields = ("field",)


class OpeningBalanceSet(Conflict):
    """The member has an opening balance already; `entry` is its bill or payment."""

    code = "opening_balance_set"
    fields = ("member", "entry")


# --- corrections (core/corrections.py) --------------------------------------------------------------------


class BillSettled(Conflict):
    """The bill is settled or void already, so there is nothing left to correct in this way."""

    code = "bill_settled"
    fields = ("bill",)


class WaiverTooLarge(InvalidInput):
    """More would be waived than the bill asks for."""

    code = "waiver_too_large"
    fields = ("bill", "most")


class WaiverUnknown(NotFound):
    """No such waiver, or it was taken back before."""

    code = "waiver_unknown"


class NothingSelected(InvalidInput):
    """No member was chosen for the charge."""

    code = "nothing_selected"


class BillExists(Conflict):
    """The subscription has a bill that covers this month already."""

    code = "bill_exists"
    fields = ("bill", "period")


class NothingToBill(Conflict):
    """The subscription is not active on any day of the month."""

    code = "nothing_to_bill"
    fields = ("period",)


# --- templates (core/templates.py) -------------------------------------------------------------------------


class PlaceholderUnknown(InvalidInput):
    """The text has a placeholder that this kind of notice does not have."""

    code = "placeholder_unknown"
    fields = ("name", "known")


class MessageTooLong(InvalidInput):
    """Filled in with what a real club has, the message would not fit into Discord's limit."""

    code = "message_too_long"
    fields = ("length", "limit")


# --- reminders, notices and taking back (core/workspaces.py, core/announcing.py, core/undo.py) -------------


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


# --- alerts (core/alerts.py) -------------------------------------------------------------------------------


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


# --- switching over from ChipPot (core/chippot) -----------------------------------------------------------


class ChippotFileUnreadable(InvalidInput):
    """The exported file cannot be opened."""

    code = "chippot_file_unreadable"
    fields = ("path", "reason")


class ChippotFileUnknown(InvalidInput):
    """Neither an SQLite database nor an SQL dump."""

    code = "chippot_file_unknown"
    fields = ("path",)


class ChippotFileTooLarge(InvalidInput):
    """A dump that is larger than what is executed in memory."""

    code = "chippot_file_too_large"
    fields = ("megabytes",)


class ChippotFileDamaged(InvalidInput):
    """SQLite cannot read the file to its end."""

    code = "chippot_file_damaged"
    fields = ("reason",)


class ChippotDumpRefused(InvalidInput):
    """The dump has a statement that does something else than making and filling tables."""

    code = "chippot_dump_refused"
    fields = ("line", "text")


class ChippotDumpBroken(InvalidInput):
    """The dump has a statement that cannot be executed, or does not end."""

    code = "chippot_dump_broken"
    fields = ("line", "reason")


class ChippotTablesMissing(InvalidInput):
    """A database, but not of a ChipPot, or of a version without these tables or columns."""

    code = "chippot_tables_missing"
    fields = ("missing",)


class ChippotValueWrong(InvalidInput):
    """An amount or a status that nothing may be guessed for."""

    code = "chippot_value_wrong"
    fields = ("table", "row", "column", "value")


class ChippotWorkspaceUnclear(InvalidInput):
    """The file has no workspace or several, and none was chosen."""

    code = "chippot_workspace_unclear"
    fields = ("count", "guilds")


class ChippotGuildMissing(InvalidInput):
    """The file does not say which Discord server the club has."""

    code = "chippot_guild_missing"


class ChippotCurrency(Conflict):
    """The workspace here keeps its books in another currency than ChipPot does."""

    code = "chippot_currency"
    fields = ("currency",)


class ChippotOtherSource(Conflict):
    """The workspace was filled from another ChipPot."""

    code = "chippot_other_source"


# --- programs that use the API -----------------------------------------------------------------------------


class TokenUnknown(NotFound):
    code = "token_unknown"


class TokenMadeByToken(NotAllowed):
    """Only people make tokens: revoking one must leave none behind that it made."""

    code = "token_made_by_token"


class TooManyTokens(Conflict):
    code = "too_many_tokens"
    fields = ("most",)


class IdempotencyKeyReused(Conflict):
    """The same key came with another request before."""

    code = "idempotency_key_reused"
