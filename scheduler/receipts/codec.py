"""Frozen dataclasses as canonical bytes: equal values give equal bytes, whatever their order.

The bytes are MessagePack. A dataclass is a map of its fields in their order, a mapping a map with
sorted keys, a set a sorted array, a fraction the text "1/3". Nothing is written by type: a field
that a type gains is in the bytes from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from msgspec import DecodeError, ValidationError, msgpack
from pydantic import TypeAdapter
from pydantic import ValidationError as WrongType

T = TypeVar("T")
# The encoder holds the interpreter's lock: a millisecond or so for this many jobs, and then others
# may run. A whole national snapshot at once took 120 ms, which every caller would feel.
AT_ONCE = 250
REMEMBERED_BYTES = 64 * 1024 * 1024
FIX_MAP, MAP_16 = 0x80, b"\xde"


class Unreadable(Exception):
    """These bytes are no canonical encoding of what they should be."""


class Memory:
    """Remembers the bytes of collections that the next value may hold again, by identity.

    Groups of pending jobs stay the same objects from cycle to cycle while nobody touches them.
    What was not met since the last `turn` is forgotten; so is what would take too much room.
    """

    def __init__(self) -> None:
        self._before: dict[int, tuple[object, bytes]] = {}
        self._met: dict[int, tuple[object, bytes]] = {}
        self._room = REMEMBERED_BYTES

    def turn(self) -> None:
        self._before, self._met, self._room = self._met, {}, REMEMBERED_BYTES

    def encoded(self, value: object) -> bytes:
        # The value is kept with its bytes, so that its identity is nobody else's meanwhile.
        found = self._before.get(id(value)) or (value, _encoded(value))
        self._room -= len(found[1])
        if self._room > 0:
            self._met[id(value)] = found
        return found[1]


def encode(value: object) -> bytes:
    """Return the value's canonical bytes. Raises TypeError for a type that has none."""
    return b"".join(pieces(value))


def digest(encoded: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return sha256(encoded).hexdigest()


def pieces(value: object, memory: Memory | None = None) -> Iterator[bytes]:
    """Yield the value's canonical bytes piece by piece, each made in a millisecond or so."""
    if is_dataclass(value):
        names = [field.name for field in fields(value)]
        yield from _map([(name, getattr(value, name)) for name in names], memory)
    elif isinstance(value, Mapping):
        # Sorted here and not by the library, which sorts only keys that are text.
        yield from _map([(key, value[key]) for key in sorted(value)], memory)
    elif isinstance(value, tuple | list):
        yield from _array(value, memory)
    else:
        yield _ENCODER.encode(value)


def _map(items: Sequence[tuple[Any, object]], memory: Memory | None) -> Iterator[bytes]:
    few = len(items) < 16
    yield bytes([FIX_MAP | len(items)]) if few else MAP_16 + len(items).to_bytes(2, "big")
    for key, value in items:
        yield _ENCODER.encode(key)
        yield from pieces(value, memory)


def _array(values: Sequence[object], memory: Memory | None) -> Iterator[bytes]:
    encoded = memory.encoded if memory else _encoded
    yield _array_head(len(values))
    for first in range(0, len(values), AT_ONCE):
        part = values[first : first + AT_ONCE]
        kinds: set[Any] = set(map(type, part))
        if all(_sequences(kind) == () for kind in kinds):
            yield _ENCODER.encode(part)[len(_array_head(len(part))) :]
        else:
            yield b"".join(map(encoded, part))


def _array_head(length: int) -> bytes:
    """Return what the library writes before an array's values; nothing in it is one byte."""
    return _ENCODER.encode((None,) * length)[: -length or None]


def _encoded(value: object) -> bytes:
    """Return a value's bytes, made by the library at once where it is short."""
    kind: Any = type(value)
    names = _sequences(kind)
    if names is None or any(len(getattr(value, name) or ()) > AT_ONCE for name in names):
        return b"".join(pieces(value))
    return _ENCODER.encode(value)


@cache
def _sequences(kind: Any) -> tuple[str, ...] | None:
    """Return the fields of a type that may be long; None when its values are always taken apart.

    They are where the library cannot write them: a mapping's keys are no text.
    """
    if not is_dataclass(kind):
        apart = isinstance(kind, type) and issubclass(kind, tuple | list | Mapping)
        return None if apart else ()
    hints = get_type_hints(kind)
    if any(map(_is_odd, hints.values())):
        return None
    return tuple(name for name, hint in hints.items() if _is_sequence(hint))


def _is_sequence(hint: Any) -> bool:
    return get_origin(hint) is tuple or any(map(_is_sequence, get_args(hint)))


def _is_odd(hint: Any) -> bool:
    """Say whether somewhere in it is a mapping whose keys are no text."""
    kind, of = get_origin(hint), get_args(hint)
    if isinstance(kind, type) and issubclass(kind, Mapping) and of[0] is not str:
        return True
    return any(map(_is_odd, of)) or (is_dataclass(hint) and _has_odd_fields(hint))


def _has_odd_fields(kind: Any) -> bool:
    return any(map(_is_odd, get_type_hints(kind).values()))


def _as_text(value: object) -> str:
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"a receipt cannot hold a {type(value).__name__}: {value!r}")


_ENCODER = msgpack.Encoder(enc_hook=_as_text, order="deterministic")


def plain(encoded: bytes) -> Any:
    """Return the values without their types: maps, arrays, texts, numbers, times.

    Raises Unreadable.
    """
    try:
        return msgpack.decode(encoded)
    except (DecodeError, ValidationError) as error:
        raise Unreadable(str(error)) from error


def decode(kind: type[T], encoded: bytes) -> T:
    """Return the value that these bytes stand for. Raises Unreadable.

    Bytes that hold more than this version of the type knows are refused: what was left out in
    reading would be missing in a replay. What an earlier version did not know yet has its default.
    """
    values = plain(encoded)
    try:
        known: Any = kind
        value: T = _adapter(known).validate_python(values)
    except WrongType as error:
        first = error.errors()[0]
        place = ".".join(map(str, (kind.__name__, *first["loc"])))
        raise Unreadable(f"{place}: {first['msg']}") from error
    # Values are compared, not bytes: a field of floats may have been given a whole number as int.
    if not _holds(plain(encode(value)), values):
        raise Unreadable(f"this version of the program knows another kind of {kind.__name__}")
    return value


def _holds(whole: Any, part: Any) -> bool:
    """Say whether all of `part` is in `whole`, which may have more keys in its maps."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return part.keys() <= whole.keys() and all(_holds(whole[key], part[key]) for key in part)
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(_holds, whole, part))
    return bool(whole == part)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
