"""A pytest plugin: what was left out is named in one closing line, and with NO_SKIPS=1 it is a failure.

The tests may run in several processes (pytest-xdist). Skips are turned into failures where they happen, and
counted where the reports arrive, which is the one process that talks.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

STRICT = "NO_SKIPS"

Report = pytest.TestReport | pytest.CollectReport


class Skips:
    """Counts skipped tests and modules by their reason."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._count(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._count(report)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, Any, None]:
        yield
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if self.reasons and reporter is not None:
            reporter.write_line(closing_line(self.reasons))

    def _count(self, report: Report) -> None:
        if is_skip(report):
            self.reasons[reason_of(report.longrepr)] += 1


class NoSkips:
    """Turns every skip into a failure."""

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, None]:
        outcome = yield
        refuse(outcome.get_result())

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, Any, None]:
        outcome = yield
        refuse(outcome.get_result())


def is_skip(report: Report) -> bool:
    """Whether something was left out; an expected failure is nothing left out."""
    return report.outcome == "skipped" and not hasattr(report, "wasxfail")


def refuse(report: Report) -> None:
    """Make a failure of a skip."""
    if is_skip(report):
        report.outcome = "failed"
        report.longrepr = f"{STRICT}=1 allows no skip: {reason_of(report.longrepr)}"


def reason_of(longrepr: object) -> str:
    """Why, from what pytest keeps: (file, line, "Skipped: reason")."""
    text = str(longrepr[2]) if isinstance(longrepr, (tuple, list)) else str(longrepr)
    return " ".join(text.removeprefix("Skipped: ").split())


def closing_line(reasons: Counter[str]) -> str:
    """Everything that was left out, the most frequent reason first."""
    named = "; ".join(
        f"{reason} ({count} test{'s' if count > 1 else ''})" for reason, count in reasons.most_common()
    )
    return f"left out on this machine: {named}"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Skips(), "skips")
    if os.environ.get(STRICT) == "1":
        config.pluginmanager.register(NoSkips(), "no-skips")
