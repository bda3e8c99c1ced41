"""What is wrong with a value of a file or a setting, for each kind of fault there is."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.texts import Said, entry, said

# By pydantic's types of errors, in its own words; what stands in braces is their context.
_FAULTS: Mapping[str, str] = {
    "bool_parsing": entry("should be true or false"),
    "bool_type": entry("should be true or false"),
    "dict_type": entry("should be a table"),
    "enum": entry("should be {expected}"),
    "finite_number": entry("should be a finite number"),
    "float_parsing": entry("should be a number"),
    "float_type": entry("should be a number"),
    "greater_than": entry("should be greater than {gt}"),
    "greater_than_equal": entry("should be greater than or equal to {ge}"),
    "int_from_float": entry("should be a whole number"),
    "int_parsing": entry("should be a whole number"),
    "int_parsing_size": entry("should be a smaller number"),
    "int_type": entry("should be a whole number"),
    "less_than": entry("should be less than {lt}"),
    "less_than_equal": entry("should be less than or equal to {le}"),
    "literal_error": entry("should be {expected}"),
    "model_type": entry("should be a table"),
    "path_type": entry("should be a path"),
    "string_pattern_mismatch": entry("should be written as {pattern}"),
    "string_too_long": entry("should have at most {max_length} characters"),
    "string_too_short": entry("should have at least {min_length} characters"),
    "string_type": entry("should be a text in quotes"),
}


def fault(kind: str, context: Mapping[str, object], message: str) -> Said:
    """Return what is wrong; the reader's own English message for a kind that is not known here."""
    if kind not in _FAULTS:
        return Said(message)
    return said(_FAULTS[kind], **context)
