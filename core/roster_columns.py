"""Which column of a roster file is what: the delimiter, the header row and its recognised names.

Names are recognised in English, Chinese (both scripts) and Japanese, in any order. A header that is none of
these may be a plan's name; only the caller knows the plans.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from core.csv_text import named_delimiter, rows_of
from core.errors import ColumnTwice, HeaderRowMissing, NameColumnUnclear, QuoteNotClosed, shown
from core.roster_cells import choice_of, has_at, is_email, is_member_id

DELIMITERS = (",", ";", "\t")

Table: TypeAlias = list[tuple[int, list[str]]]
"""Rows of cells, each with the line on which it begins."""

ROLES = ("name", "email", "member", "note")
PLAN = "plan:"
"""What a person may choose for a column: one of ROLES, PLAN with the plan's name, or "" for nothing."""

_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_BETWEEN_NAMES = re.compile(r"[/|、\s]+")


class Kind(StrEnum):
    """What a header says its column holds."""

    NAME = "name"
    NICKNAME = "nickname"  # the name when there is no better column
    EMAIL = "email"
    ACCOUNT = "account"  # the e-mail when there is no better column; may be a bank account otherwise
    MEMBER = "member"  # "M-12" in our export, or a name in somebody's own file: its cells decide
    NUMBER = "number"  # "M-12", or a running number that means nothing here: its cells decide
    NOTE = "note"
    TIMESTAMP = "timestamp"  # written by form services; never used


_NAMES: dict[Kind, str] = {
    Kind.NAME: """
        name; full name; real name; your name; member name; member's name
        姓名; 名字; 真實姓名; 中文姓名; 成員姓名; 會員姓名
        您的姓名; 你的姓名; 真实姓名; 会员姓名; 氏名; 名前; お名前
    """,
    Kind.NICKNAME: "nickname; nick; display name; 暱稱; 匿稱; 稱呼; 綽號; 顯示名稱; 昵称; 称呼; ニックネーム",
    Kind.EMAIL: """
        email; e-mail; mail; email address; e-mail address; mail address; your email
        信箱; 電子信箱; 電子郵件; 電子郵件地址; 電子郵件信箱; 電郵; 電郵地址; 郵件
        邮箱; 电子邮箱; 电子邮件; 电子邮件地址; 邮件
        メール; メールアドレス; eメール
    """,
    Kind.ACCOUNT: "account; username; email username; 帳號; 賬號; 账号; 帐号; アカウント",
    Kind.MEMBER: "member; 成員; 會員; 成员; 会员; 社員; メンバー",
    Kind.NUMBER: """
        id; no; no.; number; member id; member no; member no.; member number; #
        編號; 成員編號; 會員編號; 会员编号; 成员编号; 编号; 番号; 会員番号
    """,
    Kind.NOTE: "note; notes; remark; remarks; comment; comments; 備註; 附註; 註記; 备注; 附注; 備考",
    Kind.TIMESTAMP: """
        timestamp; time stamp; submitted at; submission time; submission date; start time; completion time
        時間戳記; 時間戳; 提交時間; 填寫時間; 填答時間; 时间戳记; 时间戳; 提交时间; 填写时间; タイムスタンプ
    """,
}

_KIND_OF: dict[str, Kind] = {
    name.strip(): kind
    for kind, names in _NAMES.items()
    for name in names.replace("\n", ";").split(";")
    if name.strip()
}


def recognise(header: str) -> Kind | None:
    """Return what a header says, or None.

    Capitals, widths and remarks in brackets do not matter, and "姓名 / Name" is understood.
    """
    plain = unicodedata.normalize("NFKC", header).casefold()
    for text in (plain, _IN_BRACKETS.sub(" ", plain)):
        words = " ".join(text.split()).strip(" *:")
        if words in _KIND_OF:
            return _KIND_OF[words]
        kinds = {_KIND_OF.get(word) for word in _BETWEEN_NAMES.split(words)}
        if len(kinds) == 1 and None not in kinds:
            return kinds.pop()
    return None


def use_by_header(header: str, plans: Collection[str]) -> str:
    """What a header says alone, as a use that a person could have chosen."""
    if header in plans:
        return PLAN + header
    kind = recognise(header)
    return {
        Kind.NAME: "name", Kind.NICKNAME: "name", Kind.EMAIL: "email", Kind.NUMBER: "member", Kind.NOTE: "note",
    }.get(kind, "") if kind else ""  # fmt: skip


def find_delimiter(text: str) -> str:
    """Return the delimiter by which the header row has most recognised columns, then most columns at all."""
    if (named := named_delimiter(text)) is not None:
        return named

    def fitness(delimiter: str) -> tuple[int, int]:
        header = first_row(text, delimiter)
        return sum(recognise(cell) is not None for cell in header), len(header)

    return max(DELIMITERS, key=fitness)  # the first of equals, which is the comma


def first_row(text: str, delimiter: str) -> Sequence[str]:
    """Return the cells of the header row; none when it cannot be read with this delimiter."""
    try:
        return next((cells for _, cells in rows_of(text, delimiter)), [])
    except QuoteNotClosed:
        return []


@dataclass(slots=True)
class Columns:
    """Which column of this file is what; columns are counted from 0."""

    width: int
    name: int | None
    email: int | None
    member: int | None
    note: int | None
    others: dict[int, str]
    ignored: list[str]
    nameless: list[int]
    """Columns (from 1, as people count) that have content but no header."""
    by_position: bool

    @classmethod
    def of(cls, header: list[str], body: Table, plans: Collection[str]) -> Columns:
        """Decide by the header row, and by the cells where the header alone could mean two things."""
        places: dict[Kind | None, list[int]] = {}
        for index, text in enumerate(header):
            places.setdefault(None if text in plans else recognise(text), []).append(index)
        numbered = [*places.get(Kind.MEMBER, []), *places.get(Kind.NUMBER, [])]
        member = _only(header, [n for n in numbered if _any_cell(body, n, is_member_id)])
        named_members = [n for n in places.get(Kind.MEMBER, []) if n != member]
        accounts = [n for n in places.get(Kind.ACCOUNT, []) if _any_cell(body, n, has_at)]
        name = _first_known(header, places.get(Kind.NAME), places.get(Kind.NICKNAME), named_members)
        email = _first_known(header, places.get(Kind.EMAIL), accounts)
        note = _only(header, places.get(Kind.NOTE, []))
        by_position = name is None and email is None and member is None
        if by_position:
            name, email = _first_two(header, places.get(None, []), plans)
        used = {name, email, member, note}
        others = {n: header[n] for n in places.get(None, []) if n not in used and header[n]}
        _refuse_doubled_plans(others, body)
        left = [n for n in range(len(header)) if n not in used and n not in others]
        return cls(
            width=len(header),
            name=name,
            email=email,
            member=member,
            note=note,
            others=others,
            ignored=[header[n] for n in left if header[n]],
            nameless=[n + 1 for n in left if not header[n] and _any_cell(body, n, bool)],
            by_position=by_position,
        )

    @classmethod
    def chosen(cls, header: list[str], uses: Sequence[str]) -> Columns:
        """Take the columns for what a person chose, one use per column; those without one are not read.

        Raises ColumnTwice and NameColumnUnclear.
        """
        places: dict[str, list[int]] = {}
        for index, use in enumerate(uses[: len(header)]):
            places.setdefault(use, []).append(index)
        only = {use: _only(header, found) for use, found in places.items() if use}
        name, email, member, note = (only.get(role) for role in ROLES)
        if name is None and email is None and member is None:
            raise NameColumnUnclear()
        others = {n: use.removeprefix(PLAN) for use, n in only.items() if use not in ROLES and n is not None}
        left = [n for n in range(len(header)) if n not in only.values() and header[n]]
        return cls(
            width=len(header), name=name, email=email, member=member, note=note, others=others,
            ignored=[header[n] for n in left], nameless=[], by_position=False,
        )  # fmt: skip

    def use_of(self, column: int) -> str:
        """What a column is taken for; any unknown header counts as a plan's name."""
        role = next((role for role in ROLES if getattr(self, role) == column), "")
        return role or (PLAN + self.others[column] if column in self.others else "")

    @staticmethod
    def cell(cells: list[str], column: int | None) -> str:
        """Return that column's cell, or nothing when the file has no such column."""
        return "" if column is None else cells[column]


def _first_two(header: list[str], unknown: list[int], plans: Collection[str]) -> tuple[int, int | None]:
    """Take columns 1 and 2 for name and e-mail, when nothing says that they are something else."""
    if any(is_email(text) for text in header):
        raise HeaderRowMissing()
    first = [n for n in unknown if n < 2 and header[n] not in plans]
    if len(first) < min(2, len(header)):
        raise NameColumnUnclear()
    return 0, 1 if len(header) > 1 else None


def _first_known(header: list[str], *ranks: list[int] | None) -> int | None:
    """Return the column of the first rank that has one; two of that rank are refused, not chosen from."""
    for places in ranks:
        if places:
            return _only(header, places)
    return None


def _only(header: list[str], places: list[int]) -> int | None:
    if len(places) > 1:
        raise ColumnTwice(column=shown(header[places[1]]))
    return places[0] if places else None


def _refuse_doubled_plans(others: dict[int, str], body: Table) -> None:
    """Refuse two columns of one header that both say who subscribes; any other doubles do no harm."""
    times = Counter(others.values())
    for column, header in others.items():
        if times[header] > 1 and _any_cell(body, column, lambda cell: choice_of(cell) is not None):
            raise ColumnTwice(column=shown(header))


def _any_cell(body: Table, column: int, test: Callable[[str], object]) -> bool:
    return any(test(cells[column].strip()) for _, cells in body if column < len(cells))
