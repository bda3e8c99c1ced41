"""Runs Slurm's programs: no shell, an environment built here, and a hard time limit."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scheduler.errors import BackendUnavailable
from scheduler.texts import Said, said

PATH = "/usr/local/bin:/usr/bin:/bin"
LANG = "C.UTF-8"
# A slurmctld that is gone lets its programs try for 9 s before they say so.
ANSWER_LIMIT_S = 12.0
# The exit status by which env says that it did not come to start the program.
_ENV_FAILED = 125


@dataclass(frozen=True, slots=True)
class Answer:
    """How a program ended; `status` is None when it was killed at the time limit.

    What it had said until then is kept.
    """

    status: int | None
    output: str
    errors: str

    @property
    def complaint(self) -> str:
        """Return what it said went wrong, as one line."""
        if self.status is None:
            return f"gave no answer within {ANSWER_LIMIT_S:.0f} s"
        return " ".join((self.errors or self.output).split()) or f"ended with {self.status}"


@dataclass(frozen=True, slots=True)
class Account:
    """A Unix account that jobs run as."""

    name: str
    user_id: int
    group_id: int
    groups: tuple[int, ...]
    home: str
    shell: str

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that a login sets, of which a job's environment is built."""
        return {
            "HOME": self.home,
            "USER": self.name,
            "LOGNAME": self.name,
            "SHELL": self.shell,
            "LANG": LANG,
        }


def account_named(name: str) -> Account | None:
    """Return the account, None when this machine knows no such name."""
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    groups = tuple(os.getgrouplist(name, found.pw_gid))
    return Account(
        name, found.pw_uid, found.pw_gid, groups, found.pw_dir, found.pw_shell or "/bin/sh"
    )


class SlurmPrograms(Protocol):
    """Slurm's programs, as all that reads and moves jobs calls them."""

    def answer(self, name: str, *arguments: str) -> str:
        """Return what the program printed. Raises BackendUnavailable with its message."""
        ...

    def ask(self, name: str, *arguments: str) -> Answer:
        """Return how the program ended, well or not."""
        ...

    def sbatch_as(
        self,
        account: Account,
        directory: str,
        arguments: Sequence[str],
        script: str,
        environment: Mapping[str, str] | None = None,
    ) -> Answer:
        """Run sbatch as the account, in the directory; the job's environment is this, or a login's.

        What sbatch itself sees is none of it.
        """
        ...

    def login(self, account: Account) -> Mapping[str, str]:
        """Return the environment that a login of the account begins with."""
        ...

    def account_named(self, name: str) -> Account | None:
        """Return the account to run as, None when there is no such name."""
        ...


class Programs:
    """Slurm's programs where they were found, reaching the cluster of one slurm.conf."""

    def __init__(self, names: Collection[str], slurm_conf: str) -> None:
        """Find the programs. Raises BackendUnavailable naming those that are missing."""
        search = f"{os.environ.get('PATH', '')}:{PATH}"
        found = {name: shutil.which(name, path=search) for name in names}
        if missing := sorted(name for name, path in found.items() if path is None):
            raise BackendUnavailable(
                said(
                    "Slurm's programs are not on PATH: {names}; install slurm-client",
                    names=", ".join(missing),
                )
            )
        self._paths = {name: path for name, path in found.items() if path}
        # sbatch copies all that it sees into the job, over what the job is given.
        self._base = {"SLURM_CONF": slurm_conf} if slurm_conf else {}
        self._base_of_ours = {"PATH": self._path(), "LANG": LANG}

    def answer(self, name: str, *arguments: str) -> str:
        """Return what the program printed. Raises BackendUnavailable with its message."""
        answer = self.ask(name, *arguments)
        if answer.status != 0:
            raise BackendUnavailable(Said(f"{name}: {answer.complaint}"))
        return answer.output

    def ask(self, name: str, *arguments: str) -> Answer:
        """Return how the program ended, well or not."""
        # Seconds since 1970 know no time zone and no summer time.
        return self._run((name, *arguments), {"SLURM_TIME_FORMAT": "%s"})

    def login(self, account: Account) -> Mapping[str, str]:
        """Return the environment that a login of the account begins with."""
        return {"PATH": self._path(), **account.environment}

    def sbatch_as(
        self,
        account: Account,
        directory: str,
        arguments: Sequence[str],
        script: str,
        environment: Mapping[str, str] | None = None,
    ) -> Answer:
        """Run sbatch as the account, in the directory; the job's environment is this, or a login's.

        The directory becomes the job's SLURM_SUBMIT_DIR. Where this machine does not have it (it
        may be on the nodes alone) sbatch runs elsewhere. The environment is the job's alone: in
        sbatch's own it could have sbatch answer with another job's number.
        """
        given = self.login(account) if environment is None else environment
        with _file_of(given) as file:
            own = (f"--export-file={file}", *arguments)
            moved = ("env", f"--chdir={directory}", self._paths["sbatch"], *own)
            answer = self._run(moved, {}, account, script, (file,))
            if answer.status != _ENV_FAILED:
                return answer
            return self._run(("sbatch", *own), {}, account, script, (file,))

    def _run(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        account: Account | None = None,
        standard_input: str = "",
        open_files: Collection[int] = (),
    ) -> Answer:
        try:
            done = subprocess.run(
                [self._paths[command[0]], *command[1:]],
                input=standard_input,
                env={**({} if account else self._base_of_ours), **self._base, **environment},
                cwd="/",
                user=account.user_id if account else None,
                group=account.group_id if account else None,
                extra_groups=account.groups if account else None,
                # Slurm gives the caller's umask to the job.
                umask=0o022,
                start_new_session=True,
                pass_fds=tuple(open_files),
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=ANSWER_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            return Answer(None, _text(error.stdout), _text(error.stderr))
        except OSError as error:
            raise BackendUnavailable(
                said("{command} could not be started: {error}", command=command[0], error=error)
            ) from error
        return Answer(done.returncode, done.stdout, done.stderr)

    def account_named(self, name: str) -> Account | None:
        """Return the account, None when this machine knows no such name."""
        return account_named(name)

    def _path(self) -> str:
        """Return the PATH that jobs begin with: Slurm's own programs are on it."""
        own = {str(Path(path).parent) for path in self._paths.values()}
        return ":".join([*sorted(own - set(PATH.split(":"))), PATH])


@contextmanager
def _file_of(environment: Mapping[str, str]) -> Iterator[int]:
    """Yield a file of the variables that sbatch may read, and nobody else find.

    Raises BackendUnavailable where there is no room for another.
    """
    try:
        descriptor = os.memfd_create("environment")
    except OSError as error:
        raise BackendUnavailable(
            said("{command} could not be started: {error}", command="sbatch", error=error)
        ) from error
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write("".join(f"{name}={value}\0" for name, value in environment.items()).encode())
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def _text(said: bytes | None) -> str:
    """Decode what a killed program had said: subprocess leaves that undone."""
    return (said or b"").decode("utf-8", "replace")
