"""The committed code in scheduler/v1 and scheduler/agent/v1 is what the protos generate."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OUTPUTS = ("--python_out", "--pyi_out", "--grpc_python_out", "--mypy_grpc_out")


@pytest.mark.parametrize("package", ["scheduler/v1", "scheduler/agent/v1"])
def test_generating_anew_changes_nothing(package: str, tmp_path: Path) -> None:
    protos = [str(file) for file in sorted((ROOT / "protos" / package).glob("*.proto"))]
    # protoc finds the mypy plugin beside the interpreter.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    outputs = [f"{output}={tmp_path}" for output in OUTPUTS]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", "-I", str(ROOT / "protos"), *outputs, *protos],
        env={**os.environ, "PATH": path}, check=True, capture_output=True,
    )  # fmt: skip
    committed = ROOT / package
    made = {file.name: file.read_text("utf-8") for file in (tmp_path / package).iterdir()}
    kept = {name: (committed / name).read_text("utf-8") for name in made}
    assert made == kept, "run `make protos` and commit what it writes"
    assert {file.name for file in committed.glob("*.py*")} == {*made, "__init__.py"}
