"""/club template: list, edit in both languages, preview, test to oneself, reset."""

from __future__ import annotations

from typing import Any

from core import templates
from tests.cogs.club_steps import answers, books, chinese, club, club_all, refused, suggestions
from tests.cogs.conftest import Server, components, labels, private, text

__all__ = ["chinese"]  # a fixture


def inputs(form: Any) -> list[dict[str, Any]]:
    return [part for part in components(form) if part["type"] == 4]


async def edit(server: Server, kind: str, english: str, chinese_text: str | None = None) -> Any:
    form = await server.tess.slash(server.general, "club template edit", notice=kind)
    first, second = inputs(form)
    values = {
        first["custom_id"]: english,
        second["custom_id"]: second["value"] if chinese_text is None else chinese_text,
    }
    return await server.tess.submit_modal(form, values)


async def test_both_languages_are_edited_in_one_prefilled_form(server: Server):
    form = await server.tess.slash(server.general, "club template edit", notice="opened")
    assert "{period} {plans} {total} {due}" in text(form)
    assert [part["value"] for part in inputs(form)] == [
        templates.default("opened", "en"), templates.default("opened", "zh-TW"),
    ]  # fmt: skip
    result = await edit(server, "opened", "Hello **{period}**\n{plans}", "嗨 {period}")
    shown = answers(result)
    assert "“Month opened” is saved" in text(shown[0])
    assert text(shown[1]).startswith("Hello **June 2026**\n- Music for families: **NT$315**")
    assert labels(shown[1]) == ["Pay", "How to pay", "My bills"]
    again = await server.tess.slash(server.general, "club template edit", notice="opened")
    assert [part["value"] for part in inputs(again)] == ["Hello **{period}**\n{plans}", "嗨 {period}"]


async def test_an_unknown_placeholder_is_named_and_the_text_is_kept_for_another_try(server: Server):
    before = books(server)
    result = await edit(server, "opened", "Pay {amuont}")
    said = private(result)
    assert "{amuont}" in text(said) or "amuont" in text(said)
    assert books(server) == before
    again = await server.tess.click(said, label="Try again")
    assert inputs(again)[0]["value"] == "Pay {amuont}"


async def test_the_preview_is_private_and_the_test_goes_to_oneself_only(server: Server):
    await edit(server, "overdue_list", "Owing {total}\n{list}")
    server.club.set(debtors_public=True)
    (shown,) = await club_all(server, "template preview", notice="overdue_list")
    assert f"- <@{server.tess.id}>: **NT$315** (June 2026)" in text(shown)
    channels = [channel.last_message for channel in (server.announce, server.general)]
    said = await club(server, "template test", notice="overdue_list", language="en")
    assert "look into your direct messages" in text(said)
    assert text(server.dm(server.tess)[-1]) == text(shown)
    assert [channel.last_message for channel in (server.announce, server.general)] == channels


async def test_a_preview_in_the_other_language(server: Server):
    (shown,) = await club_all(server, "template preview", notice="closed", language="zh-TW")
    assert "### 2026 年 6 月已關帳" in text(shown)


async def test_every_kind_can_be_previewed(server: Server):
    for kind in templates.PLACEHOLDERS:
        assert all(text(shown) for shown in await club_all(server, "template preview", notice=kind)), kind


async def test_resetting_one_language_or_both(server: Server):
    await edit(server, "panel", "Hi {club}", "嗨 {club}")
    assert "has its default wording again" in text(
        await club(server, "template reset", notice="panel", language="en")
    )
    kinds = await server.services.db.read(templates.everyone, server.club.treasurer)
    assert [(t.kind, t.locale) for t in kinds if t.is_own] == [("panel", "zh-TW")]
    await club(server, "template reset", notice="panel")
    assert "already" in text(await club(server, "template reset", notice="panel"))


async def test_the_list_says_which_are_the_club_s_own(server: Server):
    await edit(server, "panel", "Hi {club}")
    said = "\n".join(text(shown) for shown in await club_all(server, "template list"))
    assert "- **Panel** · English · your own: Hi {club}" in said
    assert "- **Panel** · 繁體中文 · default: " in said
    assert said.count("- **") == 12


async def test_kinds_and_languages_that_are_none_are_refused(server: Server):
    await refused(
        server,
        "template preview",
        [({"notice": "bills"}, "bills"), ({"notice": "opened", "language": "fr"}, "fr")],
    )
    await refused(server, "template reset", [({"notice": "bills"}, "bills")])


async def test_members_and_reviewers_may_not(server: Server):
    server.on_roster(server.ann)
    for command in ("template edit", "template test", "template reset"):
        assert "Only a treasurer" in text(await club(server, command, server.rita, notice="opened"))
    assert "Only a" in text(await club(server, "template list", server.ann))


async def test_kinds_are_suggested_by_name(server: Server):
    found = await suggestions(server, "template edit", "notice", "mon")
    assert [choice["value"] for choice in found] == ["opened", "added", "closed"]
    assert len(await suggestions(server, "template preview", "language", "")) == 2


async def test_in_chinese(server: Server, chinese: None):
    shown = answers(await edit(server, "panel", "Hi", "嗨 {club}"))
    assert "「面板」的文字已儲存" in text(shown[0])
    assert "自訂" in "\n".join(text(page) for page in await club_all(server, "template list"))
