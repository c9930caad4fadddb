"""Errors: codes, params, and the registry that the catalogs are checked against."""

from __future__ import annotations

import re

import pytest

from core.errors import (
    AmountTooPrecise,
    Conflict,
    DomainError,
    FieldMissing,
    InvalidInput,
    NotAllowed,
    NotFound,
    all_errors,
    shown,
)


def test_an_error_is_raised_with_named_params_and_says_its_code():
    with pytest.raises(InvalidInput) as caught:
        raise AmountTooPrecise(field="amount", value="1.5", currency="TWD", decimals=0)
    assert caught.value.code == "amount_too_precise"
    assert caught.value.params == {"field": "amount", "value": "1.5", "currency": "TWD", "decimals": 0}
    assert str(caught.value) == "amount_too_precise: field=amount, value=1.5, currency=TWD, decimals=0"


def test_an_error_without_what_its_sentence_needs_cannot_be_made():
    with pytest.raises(TypeError, match="value, currency, decimals"):
        AmountTooPrecise(field="amount")


def test_the_kinds_themselves_are_not_raised():
    for kind in (DomainError, InvalidInput, NotAllowed, NotFound, Conflict):
        with pytest.raises(TypeError, match="a code"):
            kind()


def test_every_leaf_has_a_kind_a_code_like_its_name_and_plain_field_names():
    leaves = all_errors()
    assert FieldMissing in leaves
    for leaf in leaves:
        assert issubclass(leaf, (InvalidInput, NotAllowed, NotFound, Conflict)), leaf
        assert leaf.code == re.sub(r"(?<!^)(?=[A-Z])", "_", leaf.__name__).lower(), leaf
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in leaf.fields), leaf


def test_codes_are_unique():
    codes = [leaf.code for leaf in all_errors()]
    assert len(set(codes)) == len(codes)


def test_two_errors_of_one_code_are_noticed():
    class Twin(InvalidInput):
        """The same code as FieldMissing."""

        code = "field_missing"

    try:
        with pytest.raises(ValueError, match="field_missing"):
            all_errors()
    finally:
        Twin.code = ""  # leave the registry as it was for the other tests


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("12x", "12x"),
        ("  two\nlines\t", "two lines"),
        ("a\x00b\u202ec", "a b c"),
        ("x" * 100, "x" * 39 + "…"),
        ("", ""),
    ],
)
def test_what_somebody_typed_is_repeated_on_one_short_line(typed: str, text: str):
    assert shown(typed) == text
