"""`/club`: everything for those who run a club, in groups under one command, to keep members' list short.

Nothing is hidden from anybody by Discord: what somebody may do is asked of the core each time.
"""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.club import billing_more, notices, reminding, undo
from cogs.club.admins import AdminGroup
from cogs.club.alerts import AlertGroup
from cogs.club.billing import BillingGroup
from cogs.club.bills import BillGroup
from cogs.club.members import MemberGroup
from cogs.club.methods import MethodGroup
from cogs.club.payments import PaymentGroup
from cogs.club.plans import PlanGroup
from cogs.club.proofs import ProofGroup
from cogs.club.roster import RosterGroup
from cogs.club.subscriptions import SubscriptionGroup
from cogs.club.templates import TemplateGroup
from cogs.translator import command

__all__ = ["GROUPS", "MORE", "club_command", "setup", "undo"]  # undo has a button and no command

GROUPS = {
    "club plan": PlanGroup,
    "club method": MethodGroup,
    "club member": MemberGroup,
    "club subscription": SubscriptionGroup,
    "club roster": RosterGroup,
    "club billing": BillingGroup,
    "club bill": BillGroup,
    "club payment": PaymentGroup,
    "club proof": ProofGroup,
    "club admins": AdminGroup,
    "club template": TemplateGroup,
    "club alert": AlertGroup,
}
# Commands of a group that have modules of their own.
MORE = {"club billing": [*billing_more.COMMANDS, reminding.remind_now, notices.month_notices]}


def club_command() -> app_commands.Group:
    """The command with all its groups."""
    club = app_commands.Group(**command("club"), guild_only=True)
    for path, group in GROUPS.items():
        made = group(path)
        for more in MORE.get(path, ()):
            made.add_command(more)
        club.add_command(made)
    return club


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when this extension is loaded."""
    bot.tree.add_command(club_command())
