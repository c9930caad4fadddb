"""Made-up requests after the API's own description: no answer is a crash, and none is undescribed.

schemathesis reads /openapi.json from the running application and calls every operation, with fitting and
unfitting input, by a token that may do everything.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from bot.web.api import OPERATIONS
from tests.factories import Club
from tests.web.api_site import Seeded, seed

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_schema_conformance", "response_headers_conformance", "unsupported_method", "ignored_auth",
    "negative_data_rejection", "missing_required_header",
)  # fmt: skip
MOST_SECONDS = 240
OUT_OF_REACH = 987_654_321
"""The number of the token that is used: a made-up request must not revoke it."""


def configuration(seeded: Seeded) -> str:
    """Where to take ids and months from, mostly: made-up ones would never reach anything."""
    numbers = {name for operation in OPERATIONS for name in operation.path_params} - {
        "kind",
        "locale",
        "period",
    }
    fields = (
        "member_id",
        "plan_id",
        "method_id",
        "into_id",
        "bill_ids[*]",
        "member_ids[*]",
        "prices[*].plan_id",
    )
    places = [f"path.{name}" for name in sorted(numbers)] + [f"body.{name}" for name in fields]
    lines = ["[dictionaries.ids]", f"values = {[*range(1, 9), seeded.club.auditor.discord_id]}"]
    lines += ["[dictionaries.months]", 'values = ["2026-05", "2026-06", "2026-07"]']
    lines += ["[dictionaries.kinds]", 'values = ["opened", "closed", "alert"]']
    lines += ["[dictionaries.locales]", 'values = ["en", "zh-TW"]', "[parameters]"]
    lines += [f'"{place}" = {{ dictionary = "ids", probability = 0.8 }}' for place in places]
    for place, name in (("period", "months"), ("kind", "kinds"), ("locale", "locales")):
        lines.append(f'"path.{place}" = {{ dictionary = "{name}", probability = 0.8 }}')
    return "\n".join(lines) + "\n"


async def test_no_made_up_request_gets_a_crash_or_an_undescribed_answer(
    make_pages: Any, club: Club, tmp_path: Path
) -> None:
    seeded = seed(club)
    club.db.conn.execute("UPDATE api_tokens SET id = ? WHERE scope = 'treasurer'", (OUT_OF_REACH,))
    (tmp_path / "schemathesis.toml").write_text(configuration(seeded), encoding="utf-8")
    pages = await make_pages()
    await pages.browser()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "run", str(pages.server.make_url("/openapi.json")),
        "--url", str(pages.server.make_url("")), "--checks", ",".join(CHECKS), "--phases", "coverage,fuzzing",
        "--max-examples", "3", "--workers", "2", "--seed", "7", "--warnings", "off", "--continue-on-failure",
        "--header", f"Authorization: Bearer {seeded.secrets['treasurer']}",
        "--generation-database", "none", "--suppress-health-check", "all", "--report-json-path", "report.json",
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "150"},
    )  # fmt: skip
    try:
        output, _ = await asyncio.wait_for(process.communicate(), MOST_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, output.decode()
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
