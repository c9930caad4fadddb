"""A club on an offline Discord: the real bot, a real database file, real pictures on disk.

`club` is the whole scene. People act (`await club.ann.slash(club.general, "pay")`), `club.deliver()` sends what
the outbox holds, `club.use(fn, …)` runs a use case as the machine's operator, and `club.check()` proves the books.
Every request of every test is compared with Discord's published API description (tests/openapi.py).
"""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from bot.storage import LocalProofStorage
from core import linking, methods, migrate, notices, plans, subscriptions, workspaces
from core.db import Database, LocalDatabase, Tx
from core.models import Actor, Workspace
from core.money import Money
from core.services import Services
from core.store import members
from core.text import name_key
from discord.ext import commands
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle, RoleHandle
from simcord.results import InteractionResult

from cogs.translator import CatalogTranslator
from cogs.ui.actions import ACTIONS
from cogs.ui.notices import Outgoing, render
from tests.fakes import FixedClock
from tests.openapi import check_requests

COGS = Path(__file__).parents[2] / "cogs"
