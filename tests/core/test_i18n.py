"""Sentences in two languages: how they are looked up and filled in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core import i18n
from core.errors import AmountTooLarge, FieldMissing, InvalidPeriod, RoleNeeded
from core.i18n import (
    LOCALES,
    best_locale,
    catalog,
    error_text,
    format_count,
    format_date,
    format_instant,
    format_list,
    format_period,
    has,
    placeholders,
    t,
)
from core.money import Money
from core.period import Period


@pytest.fixture
def sentences(monkeypatch: pytest.MonkeyPatch) -> dict[str, i18n.Entry]:
    """A small catalog in place of the real ones, the same for both languages."""
    entries: dict[str, i18n.Entry] = {
        "demo.plain": "Nothing to fill in.",
        "demo.hello": "Hello {name}, {name}! You owe {amount}.",
        "demo.bills": {"one": "{count} bill", "other": "{count} bills"},
        "demo.braces": "{} {Name} {a b} {name",
        **{key: entry for key, entry in catalog("en").items() if key.startswith("formats.")},
    }
    monkeypatch.setattr(i18n, "catalog", lambda _locale: entries)
    return entries


def test_placeholders_are_filled_by_name(sentences):
    assert t("en", "demo.plain") == "Nothing to fill in."
    assert t("en", "demo.hello", name="Ann", amount=Money(1573, "TWD")) == "Hello Ann, Ann! You owe NT$1,573."


def test_what_people_typed_is_never_read_for_placeholders(sentences):
    text = t("en", "demo.hello", name="{amount} {name} \\1 {", amount="5")
    assert text == "Hello {amount} {name} \\1 {, {amount} {name} \\1 {! You owe 5."


def test_only_plain_names_in_braces_are_placeholders(sentences):
    assert t("en", "demo.braces") == "{} {Name} {a b} {name"


@pytest.mark.parametrize(("count", "text"), [(0, "0 bills"), (1, "1 bill"), (2, "2 bills")])
def test_the_count_chooses_the_form(sentences, count: int, text: str):
    assert t("en", "demo.bills", count=count) == text


def test_a_missing_sentence_param_or_language_is_a_key_error(sentences):
    for ask in (
        lambda: t("en", "demo.nothing"),
        lambda: t("en", "demo.hello", name="Ann"),
        lambda: t("en", "demo.bills"),
    ):
        with pytest.raises(KeyError):
            ask()


def test_a_language_that_we_do_not_have_is_a_key_error():
    with pytest.raises(KeyError):
        catalog("de")


def test_values_are_shown_as_the_language_shows_them(sentences):
    assert t("en", "demo.bills", count=1000) == "1000 bills"
    sentences["demo.what"] = "{what}"
    assert t("en", "demo.what", what=Period("2026-06")) == "June 2026"
    assert t("en", "demo.what", what=date(2026, 6, 5)) == "5 June 2026"
    with pytest.raises(TypeError, match="time zone"):
        t("en", "demo.what", what=datetime(2026, 6, 5, tzinfo=UTC))
    with pytest.raises(TypeError, match="cannot show"):
        t("en", "demo.what", what=1.5)  # type: ignore[arg-type]  # the mistake under test


def test_placeholders_of_all_plural_forms_count():
    assert placeholders("{a} and {b_2}") == {"a", "b_2"}
    assert placeholders({"one": "{a}", "other": "{b}"}) == {"a", "b"}


@pytest.mark.parametrize(
    ("discord_locale", "locale"),
    [
        ("zh-TW", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("zh-CN", "zh-TW"),
        ("en-US", "en"),
        ("en-GB", "en"),
        ("de", "en"),
        ("ja", "en"),
        ("", "en"),
    ],
)
def test_best_locale(discord_locale: str, locale: str):
    assert best_locale(discord_locale, default="zh-TW") == locale


def test_an_unknown_client_language_means_the_default():
    assert best_locale(None) == "en"
    assert best_locale(None, default="zh-TW") == "zh-TW"


def test_dates_periods_and_instants():
    day = date(2026, 6, 5)
    moment = datetime(2026, 6, 4, 16, 5, tzinfo=UTC)
    assert format_date(day, "en") == "5 June 2026"
    assert format_date(day, "zh-TW") == "2026 年 6 月 5 日"
    assert format_period(Period("2026-06"), "en") == "June 2026"
    assert format_period(Period("2026-06"), "zh-TW") == "2026 年 6 月"
    assert format_instant(moment, "Asia/Taipei", "en") == "5 June 2026, 00:05"
    assert format_instant(moment, "Asia/Taipei", "zh-TW") == "2026 年 6 月 5 日 00:05"


@pytest.mark.parametrize(
    ("items", "english", "chinese"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a and b", "a 和 b"),
        (["a", "b", "c"], "a, b and c", "a、b 和 c"),
        (["{first}", "{last}"], "{first} and {last}", "{first} 和 {last}"),
    ],
)
def test_lists(items: list[str], english: str, chinese: str):
    assert format_list(items, "en") == english
    assert format_list(items, "zh-TW") == chinese


def test_counts_have_thousands_commas():
    assert [format_count(1234567, locale) for locale in LOCALES] == ["1,234,567"] * 2


def test_an_error_names_its_field_in_the_readers_language():
    error = FieldMissing(field="amount")
    assert error_text("en", error).startswith("The amount is missing.")
    assert "金額" in error_text("zh-TW", error)


@pytest.mark.parametrize(
    ("role", "english"),
    [
        ("auditor", "an auditor, a reviewer or a treasurer"),
        ("reviewer", "a reviewer"),
        ("treasurer", "a treasurer"),
        ("owner", "an owner"),
    ],
)
def test_who_may_do_it_is_said_with_the_right_article(role: str, english: str):
    error = RoleNeeded(role=role)
    assert error_text("en", error).startswith(f"Only {english} of this club may do that")
    assert role not in error_text("zh-TW", error)


def test_what_was_typed_can_be_escaped_in_an_error_but_our_own_words_are_not():
    error = InvalidPeriod(field="period", value="*x*")
    text = error_text("en", error, escape=lambda typed: typed.replace("*", r"\*"))
    assert r"“\*x\*”" in text
    assert "billing period" in text


def test_amounts_in_errors_are_shown_as_money():
    assert "US$9.99" in error_text("en", AmountTooLarge(field="amount", largest=Money(999, "USD")))


def test_every_area_is_one_file_with_its_own_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "locales" / "en"
    folder.mkdir(parents=True)
    monkeypatch.setattr(i18n.resources, "files", lambda _package: tmp_path)
    read = catalog.__wrapped__
    (folder / "pay.toml").write_text('[pay]\na = "A"\n[pay.form]\nb = "B"\n[pay.n]\none = "1"\nother = "n"\n')
    assert read("en") == {"pay.a": "A", "pay.form.b": "B", "pay.n": {"one": "1", "other": "n"}}
    (folder / "review.toml").write_text('[pay]\na = "A"\n')
    with pytest.raises(ValueError, match=r"one top table \[review\]"):
        read("en")
    (folder / "review.toml").write_text("[review]\na = 1\n")
    with pytest.raises(ValueError, match=r"review\.a is not a text"):
        read("en")


def test_has_tells_whether_there_is_a_sentence():
    assert has("en", "errors.field_missing")
    assert not has("en", "errors.nothing")
