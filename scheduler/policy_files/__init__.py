"""Policy files: TOML that administrators write, read strictly into the domain's Policy."""

from __future__ import annotations

from scheduler.policy_files.faults import Form, Path, violation_at
from scheduler.policy_files.reading import parse_policy, policy_version
from scheduler.policy_files.strictly import read_tables
from scheduler.policy_files.tables import policy_json_schema
from scheduler.policy_files.writing import policy_text

__all__ = [
    "Form",
    "Path",
    "parse_policy",
    "policy_json_schema",
    "policy_text",
    "policy_version",
    "read_tables",
    "violation_at",
]
