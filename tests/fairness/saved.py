"""Worlds that once broke a promise, kept as files and judged anew in every run of the tests."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path

from scheduler.domain.snapshot import Snapshot
from scheduler.receipts.codec import decode, digest, encode
from tests.fairness.judging import Broken

FOLDER = Path(__file__).parent / "worlds"


def save(broken: Broken, folder: Path = FOLDER) -> Path:
    """Write the world with what was broken in it; the name is the world's own hash."""
    encoded = encode(broken.snapshot)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{digest(encoded)[:12]}.json"
    content = {
        "allocator": broken.allocator,
        "broken": broken.texts,
        "snapshot": b64encode(encoded).decode("ascii"),
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def load(path: Path) -> Snapshot:
    content = json.loads(path.read_text(encoding="utf-8"))
    return decode(Snapshot, b64decode(content["snapshot"]))


def saved_worlds(folder: Path = FOLDER) -> list[Path]:
    return sorted(folder.glob("*.json"))
