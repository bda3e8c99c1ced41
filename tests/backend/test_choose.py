"""Opening a backend by name, and what is said when something is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.backend.choose import BACKENDS, open_backend
from scheduler.backend.programs import Programs, account_named
from scheduler.backend.slurm_pyslurm import pyslurm_usable
from scheduler.clock import ManualClock
from scheduler.errors import BackendUnavailable, InvalidRequest


def test_the_simulated_backend_is_the_embedded_cluster() -> None:
    backend = open_backend("simulated", ManualClock(), "0badcafe")

    assert backend.name == "simulated"
    assert len(backend.read(()).nodes) == 8


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequest, match="simulated, slurm, slurm-cli, slurm-pyslurm"):
        open_backend("lsf", ManualClock(), "0badcafe")


def test_the_settings_know_every_backend() -> None:
    assert set(BACKENDS) == {"simulated", "slurm", "slurm-cli", "slurm-pyslurm"}


def test_missing_programs_are_named() -> None:
    with pytest.raises(BackendUnavailable, match=r"not on PATH: no-such-a, no-such-b"):
        Programs(("env", "no-such-b", "no-such-a"), "")


def test_a_programs_own_message_is_passed_on() -> None:
    with pytest.raises(BackendUnavailable, match=r"cat: .*No such file"):
        Programs(("cat",), "").answer("cat", "/no/such/file")


def test_a_program_sees_only_the_environment_that_was_built_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET", "yes")
    printed = Programs(("env",), "/etc/slurm/x.conf").answer("env")

    names = {line.partition("=")[0] for line in printed.splitlines()}

    assert names == {"PATH", "LANG", "SLURM_CONF", "SLURM_TIME_FORMAT"}


def test_an_unknown_account_is_none_and_a_known_one_has_a_home() -> None:
    assert account_named("no-such-account") is None
    root = account_named("root")
    assert root is not None
    assert (root.user_id, root.environment["HOME"]) == (0, "/root")


def test_pyslurm_without_a_slurm_conf_is_not_usable_and_ends_nobody_but_itself(
    tmp_path: Path,
) -> None:
    (tmp_path / "slurm.conf").write_text("Nonsense=1\n", encoding="utf-8")

    assert not pyslurm_usable(str(tmp_path / "slurm.conf"))
