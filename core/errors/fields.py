"""Fields of any kind: empty, too long, out of range, none of the choices."""

from core.errors.base import InvalidInput


class FieldMissing(InvalidInput):
    """A field that must be filled in was empty."""

    code = "field_missing"
    fields = ("field",)


class TextTooLong(InvalidInput):
    """More characters than the field takes."""

    code = "text_too_long"
    fields = ("field", "limit")


class NumberOutOfRange(InvalidInput):
    """Not a whole number between the two limits."""

    code = "number_out_of_range"
    fields = ("field", "least", "most")


class ChoiceUnknown(InvalidInput):
    """Not one of the choices of this field."""

    code = "choice_unknown"
    fields = ("field", "value", "choices")
