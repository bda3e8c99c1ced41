"""Settings, read once from the environment into one frozen object."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from scheduler.agent.address import Address, TlsAddress, TlsFiles, address_of
from scheduler.errors import InvalidRequest, Violation
from scheduler.languages import language_of
from scheduler.texts import said
from scheduler.wrong_values import fault

PREFIX = "TENDIK_"
ADDRESS = r"^[^:\s]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$"
BackendName = Literal["simulated", "slurm", "slurm-cli", "slurm-pyslurm"]
# Variables of the client and of tools, which may well be set in the same shell.
OF_OTHER_PROGRAMS = frozenset(
    f"{PREFIX}{name}"
    for name in (
        "SERVER",
        "TOKEN",
        "CONTEXT",
        "TLS_CA",
        "DEBUG",
        "SLURM_CONF",
        "LOAD_TOKENS",
        "LANGUAGE",
    )
)


class Contradiction(ValueError):
    """Settings that are right alone but not together, in the way in which pydantic is told."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(str(violation))
        self.violation = violation


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
    # Who touches Slurm for us: unix:/PATH or tls:HOST:PORT; a child of our own where it is empty.
    agent: str = ""
    # For tls: the authority of the agent's certificate, and what we show to the agent.
    agent_ca_file: Path | None = None
    agent_cert_file: Path | None = None
    agent_key_file: Path | None = None
    # Used only when the store holds no policy yet; later versions come through the API.
    policy_file: Path = Path("policies/national-default.toml")
    # How many people must stand for a change of the policy in force.
    policy_signatures: int = Field(default=2, ge=1, le=2)
    # A policy in shadow or on some classes is decided beside the engine so often at most.
    policy_trial_every_s: float = Field(default=30.0, ge=1, le=600)
    # The cluster that is pretended: pools x nodes in each x GPUs in each.
    simulated_cluster: str = Field(default="1x8x8", pattern=r"^[1-9]\d{0,3}(x[1-9]\d{0,3}){2}$")
    # A thread is for a database in memory, which no other process sees, and for debugging.
    engine: Literal["process", "thread"] = "process"
    cycle_interval_s: float = Field(default=1.0, gt=0, le=60)
    solver_time_limit_s: float = Field(default=5.0, gt=0, le=600)
    # A submission whose answer was lost is tried again, as the same attempt, after this long.
    resubmit_after_s: float = Field(default=15.0, ge=0)
    # A job that no good read shows for this long is given up as lost, and its quota returned; one
    # that Slurm refuses to let go for this long waits again, as another attempt.
    lost_after_s: float = Field(default=120.0, ge=0)
    # Slurm holds a job until it was seen again so long after Slurm took it: slurmctld saves what it
    # acknowledged within 5 s, and forgets it in a crash before. 0 holds nothing and starts sooner.
    confirm_after_s: float = Field(default=10.0, ge=0)
    # Of several services on one PostgreSQL database one decides; when it is gone without a word,
    # another one does after this long. Of a clean stop it knows at once.
    lease_s: float = Field(default=10.0, ge=1, le=600)
    default_mib_per_cpu: int = Field(default=4096, gt=0)
    # Jobs are submitted with the account of their project, which `slurm-accounts` makes in Slurm.
    slurm_accounts: bool = False
    # Beside the database unless told; a cycle that only let jobs wait is kept once in so many.
    receipts_folder: Path | None = None
    receipts_max: int = Field(default=20_000, ge=1)
    receipts_max_mib: int = Field(default=4096, ge=1)
    receipts_idle_cycles: int = Field(default=60, ge=1)
    drain_grace_s: float = Field(default=10.0, ge=0)
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    # Tokens pass in clear text beyond loopback without TLS; true says that the network is trusted.
    cleartext: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def engine_in_thread(self) -> bool:
        """Say whether the engine shares the serving process, as a database in memory forces."""
        in_memory = self.database_url in ("sqlite://", "sqlite:///", "sqlite:///:memory:")
        return in_memory or self.engine == "thread"

    @property
    def simulated_shape(self) -> tuple[int, int, int]:
        pools, nodes, gpus = map(int, self.simulated_cluster.split("x"))
        return pools, nodes, gpus

    @property
    def agent_tls(self) -> TlsFiles | None:
        """Return the files for an agent beyond this machine, None where it is on it."""
        if self.agent_ca_file and self.agent_cert_file and self.agent_key_file:
            return TlsFiles(self.agent_ca_file, self.agent_cert_file, self.agent_key_file)
        return None

    def receipts_of(self, installation: str) -> Path:
        """Return the folder for this database's receipts; another database has another one."""
        return (self.receipts_folder or _beside(self.database_url)) / installation

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            names = "TENDIK_TLS_CERT_FILE and TENDIK_TLS_KEY_FILE"
            raise Contradiction(Violation(names, said("set both for TLS, or neither")))
        return self

    @model_validator(mode="after")
    def _agent_is_reached_safely(self) -> Self:
        files = (self.agent_ca_file, self.agent_cert_file, self.agent_key_file)
        by_tls = isinstance(_agent_at(self.agent), TlsAddress)
        if any(file is None for file in files) if by_tls else any(files):
            message = said("set all three for an agent at tls:HOST:PORT, and none for any other")
            names = "TENDIK_AGENT_CA_FILE, TENDIK_AGENT_CERT_FILE and TENDIK_AGENT_KEY_FILE"
            raise Contradiction(Violation(names, message))
        return self

    @model_validator(mode="after")
    def _tokens_are_protected(self) -> Self:
        if self.tls_cert_file or self.cleartext or _is_loopback(self.listen):
            return self
        message = said(
            "{listen!r} is beyond loopback, and tokens would pass in clear text; set "
            "TENDIK_TLS_CERT_FILE and TENDIK_TLS_KEY_FILE, or TENDIK_CLEARTEXT=true where the "
            "network is trusted",
            listen=self.listen,
        )
        raise Contradiction(Violation("TENDIK_LISTEN", message))


def read_settings() -> Settings:
    """Return the settings. Raises InvalidRequest naming each variable that is wrong or unknown."""
    violations = list(_unknown_names(os.environ))
    try:
        settings = Settings()
    except ValidationError as error:
        raise InvalidRequest(*violations, *_wrong_values(error)) from error
    if violations:
        raise InvalidRequest(*violations)
    return settings


def own_language() -> str:
    """Return the language in which the service's own program speaks to who started it."""
    return language_of(os.environ)


def _unknown_names(names: Iterable[str]) -> Iterator[Violation]:
    known = {f"{PREFIX}{field}".upper() for field in Settings.model_fields}
    for name in sorted(names):
        # Settings are found in either case.
        if name.upper().startswith(PREFIX) and name.upper() not in known | OF_OTHER_PROGRAMS:
            close = get_close_matches(name.upper()[:64], sorted(known), n=1)
            mend = said("did you mean {nearest}?", nearest=close[0]) if close else said("unset it")
            yield Violation(name, said("is no setting; {mend}", mend=mend))


def _wrong_values(error: ValidationError) -> Iterator[Violation]:
    for problem in error.errors():
        if problem["loc"]:
            name = f"{PREFIX}{problem['loc'][0]}".upper()
            wrong = fault(problem["type"], problem.get("ctx", {}), problem["msg"])
            yield Violation(name, said("{wrong}: {given!r}", wrong=wrong, given=problem["input"]))
        else:
            # About several settings: the violation names them. The input would be all settings,
            # the database's password among them.
            yield problem["ctx"]["error"].violation


def _agent_at(text: str) -> Address | None:
    """Return the agent's address, None when none is told. Raises ValueError in pydantic's way."""
    try:
        return address_of(text) if text else None
    except InvalidRequest as error:
        raise Contradiction(replace(error.violations[0], field=f"{PREFIX}AGENT")) from error


def _beside(database_url: str) -> Path:
    """Return a folder named after SQLite's file; in the working directory for any other store."""
    url = urlsplit(database_url)
    file = url.path.removeprefix("/") if url.scheme.startswith("sqlite") else ""
    return Path(file or "tendik.db").with_suffix(".receipts")


def _is_loopback(listen: str) -> bool:
    host = listen.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
