"""A receipt's file: one line that says what it is, its SHA-256, and the compressed parts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from msgspec import DecodeError, Raw, ValidationError, msgpack

from scheduler.domain.receipts import Link
from scheduler.receipts.codec import Memory, Unreadable, decode, digest, encode, pieces

T = TypeVar("T")
MAGIC = b"tendik-receipt 1\n"
DIGEST_LENGTH = 64
FASTEST = 1  # of zlib; the next levels save a tenth and take four times as long
MAX_BYTES = 1 << 30  # uncompressed: a file that claims more is not one of ours

# What a receipt is made of, in its order, beside the link and the links since the one before.
PARTS = ("decider", "snapshot", "outcome", "entitlements")


def link_digest(link: Link) -> str:
    """Return the SHA-256 that stands for the cycle in the next link."""
    return digest(encode(link))


class Sealer:
    """Takes a cycle's parts one by one; keeps their digests and, if wanted, their bytes."""

    def __init__(self, memory: Memory, whole: bool) -> None:
        self.digests: dict[str, str] = {}
        self._memory = memory
        self._packer = zlib.compressobj(FASTEST) if whole else None
        self._packed = [self._pack(bytes([0x80 | len(PARTS) + 2]))]

    def add(self, name: str, value: object) -> None:
        found = sha256()
        self._packed.append(self._pack(encode(name)))
        for piece in pieces(value, self._memory):
            found.update(piece)
            self._packed.append(self._pack(piece))
        self.digests[name] = found.hexdigest()

    def sealed(self, link: Link, since: tuple[Link, ...]) -> bytes:
        """Return the file's bytes, once every part was added."""
        if self._packer is None:
            raise ValueError("only digests were asked for")
        end = encode("link") + encode(link) + encode("since") + encode(since)
        body = b"".join((*self._packed, self._pack(end), self._packer.flush()))
        return with_digest(body)

    def _pack(self, piece: bytes) -> bytes:
        return self._packer.compress(piece) if self._packer else b""


def with_digest(body: bytes) -> bytes:
    """Return the file of a compressed body."""
    return MAGIC + digest(body).encode() + b"\n" + body


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is whole: its link, the links of the cycles since the receipt before, its parts.

    `parts` are as they were written; `part` gives one as the value it stands for.
    """

    link: Link
    since: tuple[Link, ...]
    parts: Mapping[str, bytes]

    @property
    def begins_after(self) -> str:
        """Return the digest of the link that was the newest when the receipt before was kept."""
        return (*self.since, self.link)[0].previous

    def altered_parts(self) -> tuple[str, ...]:
        """Return the parts that are not those whose digests the link holds."""
        names = sorted({*self.parts, *self.link.parts})
        return tuple(n for n in names if digest(self.parts.get(n, b"")) != self.link.parts.get(n))

    def part(self, name: str, kind: type[T]) -> T:
        """Raises Unreadable."""
        if name not in self.parts:
            raise Unreadable(f"it has no part {name!r}")
        return decode(kind, self.parts[name])


def opened(content: bytes) -> Opened:
    """Return what a receipt's file holds. Raises Unreadable when it is damaged or none."""
    head = len(MAGIC) + DIGEST_LENGTH + 1
    if not content.startswith(MAGIC):
        raise Unreadable("it is not a receipt, or its first line is damaged")
    body = content[head:]
    if content[len(MAGIC) : head] != digest(body).encode() + b"\n":
        raise Unreadable("it is damaged: its bytes are not those whose SHA-256 it carries")
    try:
        found = msgpack.decode(_unpacked(body), type=dict[str, Raw])
    except (DecodeError, ValidationError) as error:
        raise Unreadable(f"its parts cannot be told apart: {error}") from error
    raw = {name: bytes(part) for name, part in found.items()}
    if not {"link", "since"} <= raw.keys():
        raise Unreadable("it has no link to the receipts before it")
    link, since = decode(Link, raw.pop("link")), decode(tuple[Link, ...], raw.pop("since"))
    return Opened(link, since, raw)


def _unpacked(body: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(body, MAX_BYTES)
    except zlib.error as error:
        raise Unreadable(f"it cannot be unpacked: {error}") from error
    if not unpacker.eof or unpacker.unused_data:
        raise Unreadable("it cannot be unpacked: it ends too soon, or too late")
    return found
