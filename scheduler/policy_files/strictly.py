"""TOML read strictly into tables, with every fault of a file named at once."""

from __future__ import annotations

import re
import tomllib
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from scheduler.errors import InvalidRequest, Violation
from scheduler.policy_files.faults import Form, explained
from scheduler.texts import said

MAX_FILE_LENGTH = 1024 * 1024
T = TypeVar("T", bound=BaseModel)


def read_tables(text: str, tables: type[T], form: Form, refusal: type[InvalidRequest]) -> T:
    """Return the file's tables. Raises the refusal, which lists what is wrong by its line."""
    if len(text) > MAX_FILE_LENGTH:
        message = said("is longer than {most} characters; shorten it", most=MAX_FILE_LENGTH)
        raise refusal(Violation("file", message))
    try:
        return tables.model_validate(tomllib.loads(text))
    except RecursionError as deep:
        message = form.too_deep
        raise refusal(Violation("file", message)) from deep
    except ValidationError as wrong:
        found = [explained(text, error, form) for error in wrong.errors()]
        raise refusal(*sorted(found, key=lambda violation: violation.line)) from wrong
    except ValueError as wrong:
        place = re.search(r"line (\d+)", str(wrong))
        line = int(place[1]) if place else 0
        raise refusal(
            Violation("file", said("is not TOML: {wrong}; mend it there", wrong=wrong), line)
        ) from wrong
