"""What an admin can do without Discord: `potkeeper open | status | import | export | members | record`.

The same use cases on the same file, also while the bot runs; its notifier then sends what was queued. What
changes money or people is previewed, and done only with `--apply`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bot import cli_import, cli_meant, cli_types
from bot.cli_desk import Desk, Unclear
from bot.words import words
from core import billing, payments, reports, roster_import
from core.billing import Opened
from core.db import Tx
from core.models import Actor, MemberId
from core.money import Money, parse_money
from core.period import Period, collecting_period
from core.roster_encoding import MOST_BYTES
from core.store import bills
from core.store import payments as payment_rows

_STATUSES = {"draft": "shell.period_draft", "open": "shell.period_open", "closed": "shell.period_closed"}
_HELP = {
    "open": "shell.help_open", "status": "shell.help_status", "members": "shell.help_members",
    "import": "shell.help_import", "export": "shell.help_export", "record": "shell.help_record",
}  # fmt: skip


def open_month(arguments: argparse.Namespace) -> int:
    """Open a month, or show what opening it would do."""
    with Desk(arguments) as desk:
        period = desk.period(arguments.period)
        prices = desk.db.read(cli_meant.prices, desk.actor, desk.workspace, period, arguments.price)
        result = desk.do(arguments.apply, billing.open_period, period, prices)
        collecting = collecting_period(desk.today(), desk.workspace.billing_day)
        data = {
            "applied": arguments.apply, "period": result.period.text, "already_open": result.already_open,
            "collecting": collecting.text, "bills": result.bills, "minor": result.minor,
            "currency": desk.workspace.currency, "members": result.members,
            "credit_minor": result.credit_minor,
            "prices": [
                {"plan": change.name, "from_minor": change.from_minor, "to_minor": change.to_minor}
                for change in result.prices
            ],
            "plans": [{"plan": p.name, "bills": p.bills, "minor": p.minor} for p in result.plans],
        }  # fmt: skip
        if result.already_open:
            return desk.answer(data, words("shell.open_already", period=result.period))
        lines = _opening(desk, result, collecting)
        return desk.answer(data, *lines, _done(arguments.apply))


def _opening(desk: Desk, result: Opened, collecting: Period) -> Iterator[str]:
    """What an opening does: a month that is not due now is said clearly, then prices, bills and credit."""
    if result.period != collecting:
        key = "shell.open_earlier" if result.period < collecting else "shell.open_later"
        yield words(key, period=result.period, collecting=collecting)
    for change in result.prices:
        yield words("shell.price", plan=change.name, amount=desk.money(change.to_minor), period=result.period)
    for plan in result.plans:
        yield words("shell.plan", plan=plan.name, count=plan.bills, amount=desk.money(plan.minor))
    yield words("shell.open", period=result.period, count=result.bills, amount=desk.money(result.minor))
    if result.credit_minor:
        yield words("shell.open_credit", amount=desk.money(result.credit_minor))


def status(arguments: argparse.Namespace) -> int:
    """How a month stands."""
    with Desk(arguments) as desk:
        found = desk.db.read(reports.period_status, desk.actor, desk.period(arguments.period))
        whole = found.total()
        data = {
            "period": found.period.text, "status": found.status, "currency": desk.workspace.currency,
            "bills": whole.bills, "due_minor": whole.amount_minor - whole.waived_minor,
            "collected_minor": whole.settled_minor, "waiting": found.waiting, "pot_minor": found.pot_minor,
            "by_status": {row.status: row.bills for row in found.totals},
            "debtors": [
                {"member": member.label, "name": member.name, "minor": minor, "due_on": str(due_on)}
                for member, minor, due_on in found.debtors
            ],
        }  # fmt: skip
        lines = [
            words("shell.status", period=found.period, status=words(_STATUSES[found.status])),
            words("shell.collected", amount=desk.money(whole.settled_minor),
                  due=desk.money(whole.amount_minor - whole.waived_minor)),
            words("shell.waiting", count=found.waiting),
            words("shell.pot", amount=desk.money(found.pot_minor)),
        ]  # fmt: skip
        lines += [
            words(
                "shell.debtor", member=member.label, name=member.name, amount=desk.money(minor), date=due_on
            )
            for member, minor, due_on in found.debtors
        ]
        return desk.answer(data, *lines)


def members(arguments: argparse.Namespace) -> int:
    """Who is on the roster, with credit and what is open."""
    with Desk(arguments) as desk:
        rows = desk.db.read(_member_rows, desk.actor, arguments.search or "")
        data = {"currency": desk.workspace.currency, "members": rows}
        lines = [
            words("shell.member", member=row["member"], name=row["name"], open=desk.money(row["open_minor"]),
                  credit=desk.money(row["credit_minor"]))
            for row in rows
        ]  # fmt: skip
        return desk.answer(data, *(lines or [words("shell.nobody")]))


def import_file(arguments: argparse.Namespace) -> int:
    """Import a roster file, or show what importing it would do."""
    with Desk(arguments) as desk:
        content = _read(arguments.file)
        diff = desk.do(
            arguments.apply, roster_import.import_roster, content, encoding=cli_meant.encoding(arguments.encoding),
            starts_on=cli_meant.date(arguments.starts_on, "starts_on"),
        )  # fmt: skip
        ending = words("shell.import_nothing") if diff.changes_nothing else _done(arguments.apply)
        data = cli_import.as_json(diff, applied=arguments.apply)
        return desk.answer(data, *cli_import.as_lines(diff), ending)


def export(arguments: argparse.Namespace) -> int:
    """Write the roster as CSV to a file or to standard output."""
    with Desk(arguments) as desk:
        content = desk.db.read(roster_import.export_roster, desk.actor)
        if arguments.file is None:
            sys.stdout.buffer.write(content)
            return 0
        _write(arguments.file, content)
        return desk.answer({"file": str(arguments.file), "bytes": len(content)}, str(arguments.file))


def record(arguments: argparse.Namespace) -> int:
    """Record money that arrived, or show what recording it would settle."""
    with Desk(arguments) as desk:
        amount: Money = parse_money(arguments.amount, desk.workspace.currency)
        name = cli_meant.own_name(arguments.id)
        member = desk.db.read(cli_meant.one_member, desk.actor, arguments.member)
        result = desk.do(
            arguments.apply, payments.record, member.id, amount,
            request_id=f"shell-{name}",
            method_id=desk.db.read(cli_meant.method, desk.workspace, arguments.method), note=arguments.note or "",
            received_on=cli_meant.date(arguments.on, "date"), source="shell",
        )  # fmt: skip
        if result.repeated:
            cli_meant.check_the_same(arguments.id, result, amount)
        data = {
            "applied": arguments.apply and not result.repeated, "repeated": result.repeated,
            "payment": result.payment.label if arguments.apply or result.repeated else None,
            "member": member.label, "minor": amount.minor, "currency": desk.workspace.currency,
            "credit_minor": result.credit_minor,
            "bills": [
                {"bill": c.bill.label, "title": c.bill.title, "status": c.bill.status,
                 "settled_minor": c.bill.settled_minor - c.settled_before}
                for c in result.changes
            ],
        }  # fmt: skip
        lines = [
            words("shell.settles", bill=c.bill.label, title=c.bill.title,
                  amount=desk.money(c.bill.settled_minor - c.settled_before))
            for c in result.changes
        ]  # fmt: skip
        if result.repeated:
            return desk.answer(data, words("shell.recorded_before", payment=result.payment.label))
        lines.append(words("shell.credit", name=member.name, amount=desk.money(result.credit_minor)))
        return desk.answer(data, *lines, _done(arguments.apply))


def add_to(commands: Any) -> None:
    """Add the verbs to the parser's commands."""
    one = _command(commands, "open", open_month, applies=True)
    one.add_argument("period", nargs="?", metavar="YYYY-MM", help=words("shell.help_period"))
    one.add_argument(
        "--price", action="append", default=[], metavar="PLAN=AMOUNT", help=words("shell.help_price")
    )
    one = _command(commands, "status", status)
    one.add_argument("period", nargs="?", metavar="YYYY-MM", help=words("shell.help_period"))
    one = _command(commands, "members", members)
    one.add_argument("search", nargs="?", help=words("shell.help_search"))
    one = _command(commands, "import", import_file, applies=True)
    one.add_argument("file", type=Path, help=words("shell.help_import_file"))
    one.add_argument("--encoding", help=words("shell.help_encoding"))
    one.add_argument("--starts-on", metavar="YYYY-MM-DD", help=words("shell.help_starts_on"))
    one = _command(commands, "export", export)
    one.add_argument("file", type=Path, nargs="?", help=words("shell.help_export_file"))
    one = _command(commands, "record", record, applies=True)
    one.add_argument("member", metavar="M-12", help=words("shell.help_member"))
    one.add_argument("amount", help=words("shell.help_amount"))
    one.add_argument("--method", help=words("shell.help_method"))
    one.add_argument("--on", metavar="YYYY-MM-DD", help=words("shell.help_on"))
    one.add_argument("--note", help=words("shell.help_note"))
    one.add_argument("--id", metavar="TEXT", help=words("shell.help_id"))


def _command(
    commands: Any, name: str, work: Callable[[argparse.Namespace], int], *, applies: bool = False
) -> Any:
    one = commands.add_parser(name, help=words(_HELP[name]))
    one.set_defaults(command=work)
    one.add_argument("--config", type=Path, metavar="FILE", help=words("bot.help_config"))
    one.add_argument("--data", type=Path, metavar="DIR", help=words("bot.help_data"))
    one.add_argument("--guild", type=cli_types.number, metavar="ID", help=words("shell.help_guild"))
    one.add_argument("--json", action="store_true", help=words("bot.help_json"))
    if applies:
        one.add_argument("--apply", action="store_true", help=words("shell.help_apply"))
    return one


def _done(applied: bool) -> str:
    return words("shell.applied" if applied else "shell.preview")


def _member_rows(tx: Tx, actor: Actor, search: str) -> list[dict[str, Any]]:
    return [
        {
            "member": member.label, "name": member.name, "linked": member.discord_id is not None,
            "open_minor": sum(bill.open_minor for bill in bills.of_member(tx.conn, member.id)),
            "credit_minor": payment_rows.credit(tx.conn, MemberId(member.id)),
        }
        for member in cli_meant.everyone(tx, actor, search)
    ]  # fmt: skip


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unclear(words("shell.file_unwritable", path=str(path), reason=reason)) from None


def _read(path: Path) -> bytes:
    """The file, or so much of it that it is known to be too large."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Unclear(
            words("shell.file_unreadable", path=str(path), reason=error.strerror or str(error))
        ) from None
