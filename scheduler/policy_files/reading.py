"""A policy file's text, read strictly into the domain's Policy."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from hashlib import sha256

from pydantic import ValidationError

from scheduler.domain.policies import Policy, PolicyVersion
from scheduler.errors import InvalidPolicy, Violation
from scheduler.policy_files.contradictions import contradictions
from scheduler.policy_files.faults import explained, violation_at
from scheduler.policy_files.tables import PolicyFile
from scheduler.policy_files.values import policy_of
from scheduler.texts import said

MAX_FILE_LENGTH = 1024 * 1024


def parse_policy(text: str) -> tuple[str, Policy]:
    """Return the file's title and policy. Raises InvalidPolicy naming every wrong key."""
    file = _read(text)
    violations = [violation_at(text, path, message) for path, message in contradictions(file)]
    if violations:
        raise InvalidPolicy(*violations)
    return file.title, policy_of(file)


def policy_version(text: str, applied_by: str, at: datetime) -> PolicyVersion:
    """Return the file as a version that has no number yet (0). Raises InvalidPolicy."""
    title, policy = parse_policy(text)
    digest = sha256(text.encode()).hexdigest()
    return PolicyVersion(0, title, digest, text, applied_by, at.isoformat(), policy)


def _read(text: str) -> PolicyFile:
    if len(text) > MAX_FILE_LENGTH:
        message = said("is longer than {most} characters; shorten it", most=MAX_FILE_LENGTH)
        raise InvalidPolicy(Violation("file", message))
    try:
        return PolicyFile.model_validate(tomllib.loads(text))
    except RecursionError as deep:
        message = said("is nested too deeply; a policy has two levels of tables")
        raise InvalidPolicy(Violation("file", message)) from deep
    except ValidationError as wrong:
        found = [explained(text, error) for error in wrong.errors()]
        raise InvalidPolicy(*sorted(found, key=lambda violation: violation.line)) from wrong
    except ValueError as wrong:
        place = re.search(r"line (\d+)", str(wrong))
        line = int(place[1]) if place else 0
        raise InvalidPolicy(
            Violation("file", said("is not TOML: {wrong}; mend it there", wrong=wrong), line)
        ) from wrong
