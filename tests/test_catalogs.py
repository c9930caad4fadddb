"""The catalogs as a whole: complete in both languages, used, and in the glossary's words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from core.errors import all_errors
from core.i18n import PLACEHOLDER, Entry, catalog, placeholders

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = catalog("en"), catalog("zh-TW")

# The functions that return a sentence, and which of their arguments is its key.
KEY_ARGUMENT = {"t": 1, "words": 0}
# Keys that the code puts together: everything that begins like this counts as used.
BUILT_KEYS = (
    "commands.", "errors.", "fields.", "formats.month_", "payment_status.", "role_holders.", "roster_csv.",
    "templates.",
)  # fmt: skip
# Modules whose whole task is to put keys together: their callers are checked instead.
KEY_BUILDERS = ("cogs/translator.py",)

# Entries that are rightly the same in both languages: names, and words that Taiwan uses as they are.
SAME_IN_BOTH: set[str] = set()

# What a word of the glossary (design: one word for one thing) must be called: a text that has
# the English word needs the Chinese one.
GLOSSARY = [
    (r"\bbilling periods?\b", "帳期"),
    (r"\bbilling days?\b", "出帳日"),
    (r"\bpayment methods?\b", "付款方式"),
    (r"\bplans?\b", "方案"),
    (r"\bsubscriptions?\b", "訂閱"),
    (r"\brefund(?:s|ed)?\b", "退款"),
    (r"\boverdue\b", "逾期"),
    (r"\bvoid(?:ed)?\b", "作廢"),
]
# 發票 is a tax document, 渠道 and 用戶 are mainland words; an invoice is not a bill.
NEVER_IN_CHINESE = ("發票", "渠道", "用戶", "賬", "帳戶餘額", "訊息頻道")
NEVER_IN_ENGLISH = (r"\binvoices?\b",)
# Sentences in which a glossary word is left out in one language on purpose.
GLOSSARY_EXCEPTIONS = {
    "errors.already_subscribed",  # the plan is named in the sentence
}

_CHINESE = "[\u3400-\u9fff]"


def texts(entry: Entry) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def whole(entry: Entry) -> str:
    return " ".join(texts(entry))


@cache
def sources() -> list[tuple[Path, ast.Module]]:
    """Read the program's modules; the simulator is a program of its own with catalogs of its own."""
    files = [file for folder in ("core", "cogs", "bot") for file in sorted((ROOT / folder).rglob("*.py"))]
    return [
        (file.relative_to(ROOT), ast.parse(file.read_text(encoding="utf-8")))
        for file in files
        if "simulator" not in file.relative_to(ROOT).parts
    ]


def nodes() -> Iterator[tuple[str, ast.AST]]:
    for file, module in sources():
        for node in ast.walk(module):
            yield f"{file}:{getattr(node, 'lineno', 0)}", node


def keys_in_calls() -> Iterator[tuple[str, ast.Call, ast.expr]]:
    """Yield every call that asks for a sentence, with the argument that is the key."""
    for place, node in nodes():
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            at = KEY_ARGUMENT.get(name)
            if at is not None and len(node.args) > at:
                yield place, node, node.args[at]


def template_texts() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "bot").rglob("*.html")))


# --- the two languages --------------------------------------------------------------------------------


def test_both_languages_have_the_same_keys():
    assert set(ENGLISH) == set(CHINESE)


def test_both_languages_have_the_same_placeholders():
    different = {
        key: placeholders(entry) ^ placeholders(CHINESE.get(key, entry))
        for key, entry in ENGLISH.items()
        if placeholders(entry) != placeholders(CHINESE.get(key, entry))
    }
    assert different == {}


def test_english_plurals_count_and_have_both_forms():
    for key, entry in ENGLISH.items():
        if not isinstance(entry, str):
            assert set(entry) == {"one", "other"}, key


@pytest.mark.parametrize("locale", ["en", "zh-TW"])
def test_every_brace_belongs_to_a_placeholder(locale: str):
    for key, entry in catalog(locale).items():
        for text in texts(entry):
            assert not re.search(r"[{}]", PLACEHOLDER.sub("", text)), key


@pytest.mark.parametrize("locale", ["en", "zh-TW"])
def test_no_text_is_empty(locale: str):
    assert [
        key for key, entry in catalog(locale).items() if not all(text.strip() for text in texts(entry))
    ] == []


def test_nothing_is_left_untranslated():
    same = {
        key
        for key, entry in ENGLISH.items()
        if CHINESE.get(key) == entry and re.search("[A-Za-z]", PLACEHOLDER.sub("", whole(entry)))
    }
    assert same - SAME_IN_BOTH == set(), "translate these, or add them to SAME_IN_BOTH"
    assert SAME_IN_BOTH - same == set(), "these are translated by now"


# --- errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["en", "zh-TW"])
def test_every_error_has_a_sentence_that_it_can_fill_in(locale: str):
    sentences = catalog(locale)
    missing = [leaf.code for leaf in all_errors() if f"errors.{leaf.code}" not in sentences]
    assert missing == []
    for leaf in all_errors():
        assert placeholders(sentences[f"errors.{leaf.code}"]) <= set(leaf.fields), leaf.code


def test_every_error_sentence_has_its_error():
    codes = {leaf.code for leaf in all_errors()}
    assert {key for key in ENGLISH if key.startswith("errors.")} == {f"errors.{code}" for code in codes}


def test_every_field_that_an_error_can_name_has_a_name_in_the_catalogs():
    unnamed = {}
    for place, node in nodes():
        names: list[ast.expr | None] = []
        if isinstance(node, ast.Call):
            names = [word.value for word in node.keywords if word.arg == "field"]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            ordered = [*node.args.posonlyargs, *node.args.args]
            defaults = dict(zip(reversed(ordered), reversed(node.args.defaults), strict=False))
            defaults |= dict(zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True))
            names = [default for arg, default in defaults.items() if arg.arg == "field"]
        for name in names:
            if (
                isinstance(name, ast.Constant)
                and isinstance(name.value, str)
                and f"fields.{name.value}" not in ENGLISH
            ):
                unnamed[place] = name.value
    assert unnamed == {}


# --- the keys in the code -----------------------------------------------------------------------------


def test_every_key_in_the_code_exists_and_gets_its_params():
    wrong = {}
    for place, call, key in keys_in_calls():
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            continue
        if key.value not in ENGLISH:
            wrong[place] = f"no such key: {key.value}"
            continue
        given = {word.arg for word in call.keywords}
        entry = ENGLISH[key.value]
        needed = placeholders(entry) | (set() if isinstance(entry, str) else {"count"})
        if None not in given and not needed <= given:
            wrong[place] = f"{key.value} needs {sorted(needed - given)}"
    assert wrong == {}


def test_keys_put_together_begin_as_declared():
    wrong = {}
    for place, _call, key in keys_in_calls():
        if isinstance(key, ast.JoinedStr) and not place.startswith(KEY_BUILDERS):
            first = key.values[0]
            begin = str(first.value) if isinstance(first, ast.Constant) else ""
            if not begin.startswith(BUILT_KEYS):
                wrong[place] = begin
    assert wrong == {}, "add the beginning to BUILT_KEYS"


def test_no_sentence_is_unused():
    words = {
        node.value for _, node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    templates = template_texts()
    unused = [
        key
        for key in ENGLISH
        if not key.startswith(BUILT_KEYS)
        and key not in words
        and f'"{key}"' not in templates
        and f"'{key}'" not in templates
    ]
    assert unused == []


# --- the words ----------------------------------------------------------------------------------------


def test_chinese_texts_are_traditional():
    foreign = {}
    for key, entry in CHINESE.items():
        for character in re.findall(_CHINESE, whole(entry)):
            try:
                character.encode("cp950")
            except UnicodeEncodeError:
                foreign[key] = character
    assert foreign == {}


def test_chinese_texts_have_full_width_punctuation_beside_chinese():
    pattern = re.compile(rf"(?:{_CHINESE}|[」』}}])[,:;?!()]|[,;:?!()](?={_CHINESE}|[「『])")
    wrong = {key: m[0] for key, entry in CHINESE.items() if (m := pattern.search(whole(entry)))}
    assert wrong == {}


def test_words_that_mean_something_else_are_not_used():
    wrong = [key for key, entry in CHINESE.items() if any(word in whole(entry) for word in NEVER_IN_CHINESE)]
    wrong += [
        key
        for key, entry in ENGLISH.items()
        if any(re.search(word, whole(entry), re.IGNORECASE) for word in NEVER_IN_ENGLISH)
    ]
    assert wrong == []


def test_a_channel_is_always_discords():
    wrong = [
        key
        for key, entry in ENGLISH.items()
        if bool(re.search(r"\bchannels?\b", whole(entry), re.IGNORECASE))
        != ("頻道" in whole(CHINESE.get(key, "")))
    ]
    assert wrong == []


@pytest.mark.parametrize(("english", "chinese"), GLOSSARY)
def test_the_glossary_is_used(english: str, chinese: str):
    wrong = [
        key
        for key, entry in ENGLISH.items()
        if key not in GLOSSARY_EXCEPTIONS
        and re.search(english, PLACEHOLDER.sub("", whole(entry)), re.IGNORECASE)
        and chinese not in whole(CHINESE.get(key, chinese))
    ]
    assert wrong == []
