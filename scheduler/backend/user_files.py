"""Reads files of users as those users: never as root, never as the service, never for long."""

from __future__ import annotations

import json
import posixpath
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from scheduler.backend import output_program
from scheduler.backend.accounts import unfit
from scheduler.backend.programs import Account, account_named
from scheduler.domain.output import FileProblem, Piece, Wanted

# -I: of all that could change what it runs, nothing is the caller's. -S: it needs no packages.
PROGRAM = (sys.executable, "-I", "-S", str(Path(output_program.__file__)))
# A file server that is gone would keep a reader for ever.
ANSWER_LIMIT_S = 5.0
KILL_LIMIT_S = 0.5
MOST_BYTES = 1024 * 1024


class UserFiles:
    """Fulfils `ports.OutputReader` on a machine that has the users' accounts and files."""

    def read(self, wanted: Wanted) -> Piece:
        """Return the piece, at most `MOST_BYTES` of it, or why there is none."""
        account = account_named(wanted.unix_account)
        if account is None:
            return Piece(wanted.path, problem=FileProblem.NO_ACCOUNT, message="no such account")
        if fault := unfit(account):
            return Piece(wanted.path, problem=FileProblem.NO_ACCOUNT, message=fault)
        path = posixpath.join(account.home, wanted.path)
        try:
            return _piece(path, _answer(_request(account, path, wanted)))
        except OSError as error:
            return Piece(path, problem=FileProblem.FAILED, message=str(error))


def _request(account: Account, path: str, wanted: Wanted) -> bytes:
    asked = {
        "user_id": account.user_id,
        "group_id": account.group_id,
        "groups": account.groups,
        "path": path,
        "offset": wanted.offset,
        "limit_bytes": max(0, min(wanted.limit_bytes, MOST_BYTES)),
    }
    return json.dumps(asked).encode()


def _answer(request: bytes) -> bytes:
    """Return what the program wrote. Raises OSError.

    One that does not end even when it is killed is left alone: a file server keeps it.
    """
    reader = subprocess.Popen(
        PROGRAM,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
        start_new_session=True,
    )
    try:
        return reader.communicate(request, ANSWER_LIMIT_S)[0]
    except subprocess.TimeoutExpired as error:
        reader.kill()
        for pipe in (reader.stdin, reader.stdout):
            if pipe is not None:
                pipe.close()
        with suppress(subprocess.TimeoutExpired):
            reader.wait(KILL_LIMIT_S)
        raise TimeoutError(f"no answer within {ANSWER_LIMIT_S:.0f} s") from error


def _piece(path: str, answer: bytes) -> Piece:
    line, _, data = answer.partition(b"\n")
    if not line:
        return Piece(path, problem=FileProblem.FAILED, message="its reader ended without a word")
    told: dict[str, Any] = json.loads(line)
    if "problem" in told:
        return Piece(path, problem=FileProblem(told["problem"]), message=told["message"])
    return Piece(path, data, told["size_bytes"])
