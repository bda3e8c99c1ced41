"""Register files: TOML that says who may use the service, read strictly and written back."""

from __future__ import annotations

from scheduler.register_files.reading import parse_register
from scheduler.register_files.tables import register_json_schema
from scheduler.register_files.writing import register_text

__all__ = ["parse_register", "register_json_schema", "register_text"]
