"""A pytest plugin: what was left out is named in one closing line, and with NO_SKIPS=1 it is a failure."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

STRICT = "NO_SKIPS"


class Skips:
    """Counts skipped tests and modules by their reason."""

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self.reasons: Counter[str] = Counter()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, None]:
        outcome = yield
        self._judge(outcome.get_result())

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, Any, None]:
        outcome = yield
        self._judge(outcome.get_result())

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, Any, None]:
        yield
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if self.reasons and reporter is not None:
            reporter.write_line(closing_line(self.reasons))

    def _judge(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        """Note a skip; an expected failure is none."""
        if report.outcome != "skipped" or hasattr(report, "wasxfail"):
            return
        reason = reason_of(report.longrepr)
        self.reasons[reason] += 1
        if self.strict:
            report.outcome = "failed"
            report.longrepr = f"{STRICT}=1 allows no skip: {reason}"


def reason_of(longrepr: object) -> str:
    """Why, from what pytest keeps: (file, line, "Skipped: reason")."""
    text = str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
    return " ".join(text.removeprefix("Skipped: ").split())


def closing_line(reasons: Counter[str]) -> str:
    """Everything that was left out, the most frequent reason first."""
    named = "; ".join(
        f"{reason} ({count} test{'s' if count > 1 else ''})" for reason, count in reasons.most_common()
    )
    return f"left out on this machine: {named}"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Skips(strict=os.environ.get(STRICT) == "1"), "skips")
