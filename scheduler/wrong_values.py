"""What is wrong with a value of a file or a setting, for each kind of fault there is."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.texts import Said, entry, said

# By pydantic's types of errors, in its own words; what stands in braces is their context.
_FAULTS: Mapping[str, str] = {
    "bool_parsing": entry("should be a valid boolean"),
    "bool_type": entry("should be a valid boolean"),
    "date_type": entry("should be a valid date"),
    "dict_type": entry("should be a valid dictionary"),
    "enum": entry("should be {expected}"),
    "finite_number": entry("should be a finite number"),
    "float_parsing": entry("should be a valid number"),
    "float_type": entry("should be a valid number"),
    "greater_than": entry("should be greater than {gt:g}"),
    "greater_than_equal": entry("should be greater than or equal to {ge:g}"),
    "int_from_float": entry("should be a valid integer"),
    "int_parsing": entry("should be a valid integer"),
    "int_parsing_size": entry("should be a smaller number"),
    "int_type": entry("should be a valid integer"),
    "less_than": entry("should be less than {lt:g}"),
    "less_than_equal": entry("should be less than or equal to {le:g}"),
    "literal_error": entry("should be {expected}"),
    "model_type": entry("should be a valid dictionary"),
    "path_type": entry("should be a path"),
    "string_pattern_mismatch": entry("should be written as {pattern}"),
    "string_too_long": entry("should have at most {max_length} characters"),
    "string_too_short": entry("should have at least {min_length} characters"),
    "string_type": entry("should be a valid string"),
}


def fault(kind: str, context: Mapping[str, object], message: str) -> Said:
    """Return what is wrong; the reader's own English message for a kind that is not known here."""
    if kind not in _FAULTS:
        return Said(message)
    return said(_FAULTS[kind], **context)
