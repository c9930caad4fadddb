"""Members with their links, and those who run the club."""

from typing import Any

from core.chippot import clean
from core.chippot.book import Book
from core.models import Member
from core.roster import NAME_CHARACTERS, NOTE_CHARACTERS, email_key
from core.store import chippot, members, roster_import, workspaces
from core.text import name_key


def bring_members(book: Book) -> dict[int, int]:
    """Bring over who is not here yet; returns their id → ours.

    Whoever is on the roster here already, by Discord account or else by e-mail, stays as they are; only a
    missing link is made.
    """
    roster = _Roster(book)
    found = {}
    new: list[tuple[Any, ...]] = []
    for row in book.source.rows("users", book.settings.workspace_id):
        if row[0] in roster.known:
            found[row[0]] = roster.current(roster.known[row[0]])
        else:
            book.read("user", row)
            found[row[0]] = roster.match(row) or roster.make(row, new)
    chippot.add_members(book.tx.conn, new)
    book.remember("users", "members", ((i, ours) for i, ours in found.items() if i not in roster.known))
    book.counts["members"] += len(new)
    return found


def bring_admins(book: Book) -> None:
    """Whoever may open a month from Discord there is treasurer here; nobody loses a role that they have."""
    for account in book.settings.admins:
        if workspaces.role(book.tx.conn, book.workspace.id, account) is None:
            workspaces.set_role(
                book.tx.conn, book.workspace.id, account, "treasurer", book.actor.text, book.now
            )
            book.counts["admins"] += 1


class _Roster:
    """Who is here, and which accounts and addresses are taken."""

    def __init__(self, book: Book) -> None:
        self.book = book
        everybody = roster_import.members(book.tx.conn, book.workspace.id)
        self.accounts: dict[int, Member | None] = {m.discord_id: m for m in everybody if m.discord_id}
        self.emails: dict[str, Member | None] = {m.email_key: m for m in everybody if m.email_key}
        self.known = book.known("users")

    def current(self, member_id: int) -> int:
        """The entry that counts for one that came over before and may have been merged since."""
        member = members.current(self.book.tx.conn, self.book.workspace.id, member_id)
        return member.id if member else member_id

    def match(self, row: tuple[Any, ...]) -> int | None:
        """The entry of somebody who is on the roster already."""
        _, _, account, _, email, _, _ = row
        linked = clean.discord_id(account)
        member = self.accounts.get(linked or 0) or self.emails.get(email_key(clean.line(email)))
        if member is None:
            return None
        if linked and linked not in self.accounts and not member.discord_id and not member.left_on:
            members.link(self.book.tx.conn, member.id, linked)
            self.accounts[linked] = member
        self.book.findings.add("chippot.member_matched", member=row[0], name=member.name, here=member.label)
        return member.id

    def make(self, row: tuple[Any, ...], new: list[tuple[Any, ...]]) -> int:
        theirs, _, account, shown_name, email, note, created_at = row
        ours = self.book.next_id("members")
        name = self._name(theirs, ours, shown_name)
        address = self._email(theirs, name, email)
        kept = clean.text(note)
        if len(kept) > NOTE_CHARACTERS:
            self.book.findings.add("chippot.member_note_cut", member=theirs, name=name, limit=NOTE_CHARACTERS)
        new.append((
            ours, self.book.workspace.id, name, name_key(name), address, address and email_key(address),
            clean.cut(kept, NOTE_CHARACTERS), self._account(theirs, name, account),
            clean.instant(created_at) or self.book.now,
        ))  # fmt: skip
        return ours

    def _name(self, theirs: int, ours: int, shown_name: Any) -> str:
        name = clean.line(shown_name)
        if not name:
            name = self.book.word("chippot.nameless", member=f"M-{ours}")
            self.book.findings.add("chippot.member_nameless", member=theirs, name=name)
        elif len(name) > NAME_CHARACTERS:
            name = clean.cut(name, NAME_CHARACTERS)
            self.book.findings.add("chippot.member_name_cut", member=theirs, name=name)
        return name

    def _email(self, theirs: int, name: str, email: Any) -> str | None:
        address = clean.line(email)
        if not address:
            return None
        if email_key(address) in self.emails:
            self.book.findings.add("chippot.member_email_taken", member=theirs, name=name, email=address)
            return None
        self.emails[email_key(address)] = None
        return address

    def _account(self, theirs: int, name: str, account: Any) -> int | None:
        """The Discord account; blank means not linked, whatever ChipPot wrote for that."""
        linked = clean.discord_id(account)
        if linked is None or linked in self.accounts:
            if clean.text(account):
                shown = clean.cut(clean.line(account), 40)
                self.book.findings.add(
                    "chippot.member_account_unusable", member=theirs, name=name, account=shown
                )
            return None
        self.accounts[linked] = None
        self.book.counts["links"] += 1
        return linked
