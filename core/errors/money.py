"""Amounts and currencies (core/money.py)."""

from core.errors.base import InvalidInput


class AmountNotANumber(InvalidInput):
    """The amount has letters, signs or commas where none can be."""

    code = "amount_not_a_number"
    fields = ("field", "value", "example")


class AmountTooPrecise(InvalidInput):
    """The amount has more decimals than anybody can pay in this currency."""

    code = "amount_too_precise"
    fields = ("field", "value", "currency", "decimals")


class AmountNegative(InvalidInput):
    """The amount is below zero where only zero or more makes sense."""

    code = "amount_negative"
    fields = ("field", "value")


class AmountTooLarge(InvalidInput):
    """The amount is beyond what the books take in one movement."""

    code = "amount_too_large"
    fields = ("field", "largest")


class AmountInOtherCurrency(InvalidInput):
    """The amount carries the code or symbol of a currency that is not the workspace's."""

    code = "amount_in_other_currency"
    fields = ("field", "value", "currency")


class UnknownCurrency(InvalidInput):
    """No such currency code in ISO 4217."""

    code = "unknown_currency"
    fields = ("field", "value")
