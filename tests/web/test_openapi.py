"""The API's description: complete, true to what is served, and fit for other programs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from bot import cli
from bot.web.api import OPERATIONS
from bot.web.api.operations import PREFIX
from bot.web.openapi import describe
from bot.web.paths import PublicUrl
from tests.factories import Club
from tests.web.api_site import BY_NAME, program, seed
from tests.web.site import Pages

DOCUMENT = describe(PublicUrl.parse("https://club.example/pot"))


def every() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, row) for path, rows in DOCUMENT["paths"].items() for method, row in rows.items()]


def test_it_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_schema_is_valid_by_itself() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_is_described_once() -> None:
    described = {(method.upper(), path.removeprefix(PREFIX)) for path, method, _ in every()}
    assert described == {(one.method, one.path) for one in OPERATIONS}
    names = [row["operationId"] for _, _, row in every()]
    assert len(names) == len(set(names))


async def test_every_served_route_below_api_is_described(pages: Pages) -> None:
    await pages.browser()
    served = {
        (route.method, re.sub(r":[^}]*\]\{1,19\}", "", route.resource.canonical))
        for route in pages.server.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/")
    }
    described = {(method.upper(), path) for path, method, _ in every()}
    assert {one for one in served if one[0] != "HEAD"} == described


def test_every_operation_says_what_it_does_who_may_and_what_can_go_wrong() -> None:
    for path, method, row in every():
        assert row["summary"], path
        assert re.search(r"Needs the scope `(read|review|treasurer)`", row["description"]), path
        wanted = {"400", "401", "403", "422", "429", "503"} | ({"404"} if "{" in path else set())
        if method != "get":
            wanted |= {"409", "413"}
        if "requestBody" in row:
            wanted |= {"413", "415"}
        assert wanted <= set(row["responses"]), path
        named = {one["name"] for one in row["parameters"] if one["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))
        keyed = any(one["name"] == "Idempotency-Key" for one in row["parameters"])
        assert keyed is (method == "post"), path


def test_what_can_be_previewed_says_so() -> None:
    for _, _, row in every():
        named = {one["name"] for one in row["parameters"]}
        assert ({"dry_run", "digest"} <= named) is BY_NAME[row["operationId"]].can_preview


def test_it_says_where_it_is_served_and_how_to_get_in() -> None:
    assert DOCUMENT["servers"] == [{"url": "https://club.example/pot"}]
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert schemes["token"] == {"type": "http", "scheme": "bearer"}
    assert schemes["session"]["name"] == "__Host-sid"


async def test_answers_are_what_the_description_says(pages: Pages, club: Club) -> None:
    """Every list and every single thing of a club that has one of everything."""
    seeded = seed(club)
    caller = await program(pages, seeded.secrets["treasurer"])
    document = await (await caller.call("GET", "/openapi.json")).json()
    for operation in OPERATIONS:
        row = document["paths"][PREFIX + operation.path][operation.method.lower()]
        response = await caller.run(operation, seeded.ids)
        if operation.is_read and response.status == 200 and response.content_type == "application/json":
            schema = row["responses"]["200"]["content"]["application/json"]["schema"]
            whole = {**schema, "components": document["components"]}
            Draft202012Validator(whole).validate(await response.json())


async def test_it_is_for_everybody_and_below_the_base_path(make_pages: Any) -> None:
    pages = await make_pages(url="https://club.example/pot")
    browser = await pages.browser()
    for path in ("/openapi.json", "/pot/openapi.json"):
        response = await browser.get(path)
        assert response.status == 200
        assert response.content_type == "application/json"


def test_the_command_line_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["openapi"]) == 0
    assert json.loads(capsys.readouterr().out)["openapi"] == "3.1.0"
