"""Files are read as their user, in pieces, and what is no file keeps nobody waiting."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.backend import user_files
from scheduler.backend.programs import Account
from scheduler.backend.user_files import MOST_BYTES, UserFiles
from scheduler.domain.output import FileProblem, Piece, Wanted

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
# Accounts that exist nowhere: only their numbers count.
USER, OTHER = 61_234, 61_235


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yield a home of the user's; pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory(prefix="tendik-files-") as name:
        os.chown(name, USER, USER)
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> UserFiles:
    ids = {"user": USER, "other": OTHER}

    def found(name: str) -> Account | None:
        number = ids.get(name)
        if number is None:
            return None
        return Account(name, number, number, (number,), str(folder), "/bin/sh")

    monkeypatch.setattr(user_files, "account_named", found)
    return UserFiles()


def a_file(path: Path, text: str = "one\ntwo\n", mode: int = 0o600, owner: int = USER) -> Path:
    path.write_text(text)
    path.chmod(mode)
    os.chown(path, owner, owner)
    return path


def wanted(path: Path | str, offset: int = 0, limit: int = 100, who: str = "user") -> Wanted:
    return Wanted(who, str(path), offset, limit)


def test_a_piece_is_read_and_the_files_size_is_told(read: UserFiles, folder: Path) -> None:
    path = a_file(folder / "job.out")

    assert read.read(wanted(path, 4, 3)) == Piece(str(path), b"two", 8)
    assert read.read(wanted(path, 8)) == Piece(str(path), b"", 8)


def test_no_byte_is_at_a_place_that_no_file_has(read: UserFiles, folder: Path) -> None:
    path = a_file(folder / "job.out")

    assert read.read(wanted(path, 2**63 - 1)) == Piece(str(path), b"", 8)


@pytest.mark.parametrize("name", ["a\0b", "\ud800"], ids=["NUL", "half a letter"])
def test_a_name_that_no_file_has_is_told_as_one(read: UserFiles, folder: Path, name: str) -> None:
    piece = read.read(wanted(f"{folder}/{name}"))

    assert piece.problem is FileProblem.FAILED
    assert piece.message == "no file can have this name"


def test_a_relative_path_begins_in_the_accounts_home(read: UserFiles, folder: Path) -> None:
    a_file(folder / "job.out")

    assert read.read(wanted("job.out")).path == str(folder / "job.out")


def test_no_piece_is_longer_than_the_bound(read: UserFiles, folder: Path) -> None:
    path = a_file(folder / "job.out", "x" * (MOST_BYTES + 1))

    assert len(read.read(wanted(path, 0, 10 * MOST_BYTES)).data) == MOST_BYTES


def test_what_the_account_may_not_read_is_not_read(read: UserFiles, folder: Path) -> None:
    theirs = a_file(folder / "theirs", owner=OTHER)
    of_root = a_file(folder / "secret", owner=0)
    link = folder / "link"
    link.symlink_to(of_root)

    for path in (theirs, of_root, link, Path("/etc/shadow")):
        piece = read.read(wanted(path))
        assert (piece.problem, piece.data) == (FileProblem.FORBIDDEN, b"")
    assert read.read(wanted(folder / "theirs", who="other")).data == b"one\ntwo\n"


def test_a_link_to_a_file_of_the_users_own_is_followed(read: UserFiles, folder: Path) -> None:
    (folder / "latest.out").symlink_to(a_file(folder / "job.out"))

    assert read.read(wanted(folder / "latest.out")).data == b"one\ntwo\n"


def test_what_is_no_regular_file_is_refused_at_once(read: UserFiles, folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    os.chown(folder / "fifo", USER, USER)

    for path in (folder / "fifo", folder, Path("/dev/null"), Path("/dev/zero")):
        assert read.read(wanted(path)).problem is FileProblem.NOT_A_FILE


def test_a_file_that_is_missing_is_told_with_its_path(read: UserFiles, folder: Path) -> None:
    piece = read.read(wanted(folder / "gone"))

    assert (piece.problem, piece.path) == (FileProblem.MISSING, str(folder / "gone"))


def test_a_reader_that_hangs_is_given_up(
    read: UserFiles, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_files, "PROGRAM", ("/bin/sleep", "60"))
    monkeypatch.setattr(user_files, "ANSWER_LIMIT_S", 0.2)

    piece = read.read(wanted(folder / "job.out"))

    assert (piece.problem, piece.message) == (FileProblem.FAILED, "no answer within 0 s")


@pytest.mark.parametrize("name", ["root", "nobody-here"])
def test_no_file_is_read_as_root_or_as_nobody_known(name: str) -> None:
    assert (name == "root") == (name in {entry.pw_name for entry in pwd.getpwall()})

    piece = UserFiles().read(wanted("/etc/hostname", who=name))

    assert (piece.problem, piece.data) == (FileProblem.NO_ACCOUNT, b"")
