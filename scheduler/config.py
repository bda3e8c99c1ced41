"""Settings, read once from the environment into one frozen object."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from scheduler.errors import InvalidRequest, Violation

PREFIX = "TENDIK_"
ADDRESS = r"^[^:\s]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$"
BackendName = Literal["simulated", "slurm", "slurm-cli", "slurm-pyslurm"]


class Settings(BaseSettings):
    """What an operator may set, each by an environment variable `TENDIK_<NAME>`.

    The defaults run everything embedded: SQLite in the working directory, a simulated cluster,
    loopback only.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    database_url: str = "sqlite:///tendik.db"
    listen: str = Field(default="127.0.0.1:7443", pattern=ADDRESS)
    metrics_listen: str = Field(default="127.0.0.1:9464", pattern=ADDRESS)
    backend: BackendName = "simulated"
    # Used only when the store holds no policy yet; later versions come through the API.
    policy_file: Path = Path("policies/national-default.toml")
    cycle_interval_s: float = Field(default=1.0, gt=0, le=60)
    solver_time_limit_s: float = Field(default=5.0, gt=0, le=600)
    # A submission whose answer was lost is tried again, as the same attempt, after this long.
    resubmit_after_s: float = Field(default=15.0, ge=0)
    # A job that no good read shows for this long is given up as lost, and its quota returned.
    lost_after_s: float = Field(default=120.0, ge=0)
    default_mib_per_cpu: int = Field(default=4096, gt=0)
    drain_grace_s: float = Field(default=10.0, ge=0)
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"


def read_settings() -> Settings:
    """Return the settings. Raises InvalidRequest naming each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        violations = [
            Violation(
                f"{PREFIX}{problem['loc'][0]}".upper(), f"{problem['msg']}: {problem['input']!r}"
            )
            for problem in error.errors()
        ]
        raise InvalidRequest(*violations) from error
