"""Members, linking and opening balances (core/roster.py, core/linking.py)."""

from core.errors.base import Conflict, InvalidInput, NotFound


class MemberLeft(Conflict):
    """The member has left the club."""

    code = "member_left"
    fields = ("member",)


class MemberMerged(Conflict):
    """The entry was merged into another, which counts now; both are numbers such as M-12."""

    code = "member_merged"
    fields = ("member", "into")


class MemberUnclear(InvalidInput):
    """Several members have this name."""

    code = "member_unclear"
    fields = ("name",)


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
