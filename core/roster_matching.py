"""Which member a row of a roster file is: by member number, then by e-mail, and only else by name.

A name alone says who somebody is only in a file in which nobody has an e-mail or a member number, and then
only when it is unique. A row that leaves a doubt is a problem with its line, never a guess; a new address beside a
known name is a new person, and pointed at.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from core import errors
from core.models import Member
from core.roster import NAME_CHARACTERS, NOTE_CHARACTERS, email_key
from core.roster_csv import Note, RosterFile, RosterRow
from core.text import clean_name, clean_text, name_key

_SAYS_WHO = {"bad_email", "bad_member_id"}


@dataclass(frozen=True, slots=True)
class Person:
    """A row and who it is (None: a new person), with the texts that this person has afterwards."""

    row: RosterRow
    member: Member | None
    name: str
    email: str | None
    note: str

    @property
    def email_key(self) -> str | None:
        return None if self.email is None else email_key(self.email)


@dataclass(slots=True)
class Matches:
    """Everybody that was found, rows that were left out, and rows that somebody has to decide about."""

    people: list[Person] = field(default_factory=list)
    problems: list[Note] = field(default_factory=list)
    conflicts: list[Note] = field(default_factory=list)


def match(
    file: RosterFile, plans: Collection[str], members: Iterable[Member], merged: Iterable[Member]
) -> Matches:
    """Find the member of every row.

    `plans` are the headers that name a plan, `members` all entries that were not merged into another, and
    `merged` those that were. A row about one of them is about its successor; where only the e-mail or the
    name says so, it leaves the successor's texts alone.
    """
    known = _Known(file, members, merged)
    found = Matches()
    lines: dict[int, int] = {}
    for row in file.rows:
        person = known.person(row)
        if isinstance(person, Note):
            found.problems.append(person)
        elif person.member is None:
            found.people.append(person)
        elif person.member.id in lines:
            first = lines[person.member.id]
            found.problems.append(Note(row.line, "same_member_again", {"first_line": first}))
        elif person.member.left_on is not None:
            if any(row.choices.get(header) for header in plans):
                found.conflicts.append(Note(row.line, "has_left", {"name": person.member.name}))
        else:
            lines[person.member.id] = row.line
            found.people.append(person)
    _drop_taken_emails(found, known.by_id.values())
    found.conflicts += known.namesakes(person for person in found.people if person.member is None)
    return found


class _Known:
    """The members by everything that can tell who a row is."""

    def __init__(self, file: RosterFile, members: Iterable[Member], merged: Iterable[Member]) -> None:
        self.by_id = {int(member.id): member for member in members}
        self.old = {int(entry.id): entry for entry in merged}
        entries = [*self.old.values(), *self.by_id.values()]  # who has an e-mail now comes before who had it
        self.by_email = {entry.email_key: entry for entry in entries if entry.email_key}
        self.by_name: dict[str, list[Member]] = {}
        for entry in entries:
            self.by_name.setdefault(entry.name_key, []).append(entry)
        says_who = any(row.email or row.member_id for row in file.rows)
        self.names_alone = not says_who and not any(note.code in _SAYS_WHO for note in file.problems)
        self.times = Counter(name_key(row.name) for row in file.rows) if self.names_alone else Counter[str]()

    def person(self, row: RosterRow) -> Person | Note:
        if len(row.name) > NAME_CHARACTERS:
            return Note(row.line, "name_too_long", {"limit": NAME_CHARACTERS})
        if len(row.note) > NOTE_CHARACTERS:
            return Note(row.line, "note_too_long", {"limit": NOTE_CHARACTERS})
        entry = self._member(row)
        if isinstance(entry, Note):
            return entry
        member = None if entry is None else self._now(entry)
        if member is not None and entry is not member:  # the row is about an entry that was merged
            return Person(row, member, member.name, member.email, member.note)
        name = clean_name(row.name, "name", NAME_CHARACTERS) if row.name else ""
        note = clean_text(row.note, "note", NOTE_CHARACTERS) if row.note else ""
        if member is None:
            return Person(row, None, name, row.email or None, note)
        same_email = not row.email or email_key(row.email) == member.email_key
        return Person(
            row, member, name or member.name, member.email if same_email else row.email, note or member.note
        )

    def _member(self, row: RosterRow) -> Member | Note | None:
        if row.member_id is not None:
            found = self.by_id.get(row.member_id) or self.old.get(row.member_id)
            unknown = Note(row.line, "no_such_member", {"member": f"M-{row.member_id}"})
            return unknown if found is None else self._now(found)
        if row.email:
            found = self.by_email.get(email_key(row.email))
            return found if found is not None or row.name else Note(row.line, "new_without_name")
        if not self.names_alone:
            return Note(row.line, "nothing_to_match", {"name": row.name})
        key = name_key(row.name)
        namesakes = [entry for entry in self.by_name.get(key, ()) if self._now(entry).left_on is None]
        if self.times[key] > 1 or len({self._now(entry).id for entry in namesakes}) > 1:
            return Note(row.line, "name_not_unique", {"name": row.name})
        return namesakes[-1] if namesakes else None  # the one that was not merged, if there are both

    def namesakes(self, new: Iterable[Person]) -> Iterator[Note]:
        """Point at people who are added beside somebody of their name: another person, or another address."""
        first_lines: dict[str, int] = {}
        for person in new:
            row, key = person.row, name_key(person.name)
            if key in self.by_name:
                labels = dict.fromkeys(self._now(entry).label for entry in self.by_name[key])
                yield Note(row.line, "namesake_on_roster", {"name": row.name, "member": ", ".join(labels)})
            elif key in first_lines:
                yield Note(row.line, "namesake_in_file", {"name": row.name, "first_line": first_lines[key]})
            first_lines.setdefault(key, row.line)

    def _now(self, entry: Member) -> Member:
        """The entry that counts for this one."""
        return entry if entry.successor_id is None else self.by_id[entry.successor_id]


def _drop_taken_emails(found: Matches, members: Iterable[Member]) -> None:
    """Leave out rows that would give two members one e-mail once the whole file is applied."""
    standing = {int(member.id): member.email_key for member in members}
    while True:
        keys = dict(standing)
        keys.update({int(p.member.id): p.email_key for p in found.people if p.member is not None})
        owners = Counter(key for key in keys.values() if key)
        owners.update(p.email_key for p in found.people if p.member is None and p.email_key)
        taken = [p for p in found.people if _changes_email(p) and owners[p.email_key or ""] > 1]
        if not taken:
            return
        lines = {person.row.line for person in taken}
        found.people = [person for person in found.people if person.row.line not in lines]
        found.problems += [
            Note(person.row.line, "email_of_another", {"value": errors.shown(person.email or "")})
            for person in taken
        ]


def _changes_email(person: Person) -> bool:
    return person.member is None or person.email_key != person.member.email_key
