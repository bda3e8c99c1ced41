"""Every sentence that a user may read, found in the code: the entries of the catalogue."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from babel.messages import Message

ROOT = Path(__file__).resolve().parent.parent.parent
# Replays are for whoever works on the service, but administrators have traces of their own.
TOLD = "scheduler/simulation/traces.py"
LEFT_OUT = ("scheduler/simulation/", "scheduler/texts.py", "scheduler/v1/", "scheduler/agent/v1/")
# What makes a sentence of a literal, by the places of its one and its many.
MAKERS = {"said": (0,), "entry": (0,), "worded": (0,), "said_of": (1, 2), "worded_of": (1, 2)}
CLICKS_MAKERS = {"_": (0,), "ngettext": (0, 1)}
# Where commands are made: their docstrings are help.
PROGRAMS = ("scheduler/cli/", "scheduler/main.py", "scheduler/agent/main.py")
HELP = ("help", "short_help", "epilog")
# A group's commands stand in its table, with the sentence of their help.
TABLES = ("COMMANDS",)


class NotALiteral(ValueError):
    """A sentence that is put together where it is said: no catalogue can hold it."""


def entries() -> tuple[Message, ...]:
    """Return the entries in the order of their files, each once, with the files that say it."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sources():
        place = path.relative_to(ROOT).as_posix()
        for key in in_module(ast.parse(path.read_text(encoding="utf-8")), place):
            _note(found, key, place)
    for path in clicks_sources():
        for key in _made(ast.parse(path.read_text(encoding="utf-8")), CLICKS_MAKERS, "click"):
            _note(found, key, f"click/{path.name}")
    return tuple(
        Message((one, many) if many else one, locations=[(place, 0) for place in places])
        for (one, many), places in found.items()
    )


def sources() -> list[Path]:
    """Return the files of the service and of the client."""
    every = sorted((ROOT / "scheduler").rglob("*.py"))
    places = {path: path.relative_to(ROOT).as_posix() for path in every}
    return [path for path, at in places.items() if at == TOLD or not at.startswith(LEFT_OUT)]


def clicks_sources() -> list[Path]:
    """Return click's files: it says its own sentences by the same catalogue."""
    spec = find_spec("click")
    folders = spec.submodule_search_locations if spec else None
    return sorted(Path(next(iter(folders or ()))).glob("*.py"))


def in_module(tree: ast.Module, place: str) -> Iterator[tuple[str, str]]:
    """Yield the sentences of a module as (one, many). Raises NotALiteral."""
    yield from _made(tree, MAKERS, place)
    if place.startswith(PROGRAMS):
        yield from _helps(tree)


def _note(found: dict[tuple[str, str], list[str]], key: tuple[str, str], place: str) -> None:
    places = found.setdefault(key, [])
    if place not in places:
        places.append(place)


def _made(
    tree: ast.Module, makers: dict[str, tuple[int, ...]], place: str
) -> Iterator[tuple[str, str]]:
    for call in _calls(tree):
        if (at := makers.get(_name(call.func))) is None or len(call.args) <= at[-1]:
            continue
        texts = [literal(call.args[argument]) for argument in at]
        if all(texts):
            yield texts[0], texts[1] if len(texts) > 1 else ""
        elif place != "click" and not _is_of_a_table(call.args[at[0]]):
            raise NotALiteral(f"{place}:{call.lineno}: {ast.unparse(call)[:80]}")


def _helps(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the helps of commands and options."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and _is_command(node):
            yield from ((one, "") for one in paragraphs(ast.get_docstring(node) or ""))
        elif isinstance(node, ast.Call):
            given = [keyword.value for keyword in node.keywords if keyword.arg in HELP]
            yield from ((text, "") for text in map(literal, given) if text)
        elif isinstance(node, ast.Assign) and _is_table(node.targets):
            yield from ((text, "") for text in _told_of_commands(node.value))


def paragraphs(docstring: str) -> list[str]:
    """Return a command's help in paragraphs, each on one line, as click shows them."""
    return [" ".join(part.split()) for part in docstring.split("\n\n") if part.strip()]


def _is_command(node: ast.FunctionDef) -> bool:
    called = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return any(_name(one) in ("command", "group") for one in called)


def _is_table(targets: Sequence[ast.expr]) -> bool:
    return any(isinstance(one, ast.Name) and one.id.endswith(TABLES) for one in targets)


def _told_of_commands(table: ast.expr) -> Iterator[str]:
    for value in table.values if isinstance(table, ast.Dict) else ():
        if isinstance(value, ast.Tuple) and len(value.elts) == 2:
            yield literal(value.elts[1])


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield the calls in the order of the text."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    yield from sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def literal(node: ast.expr) -> str:
    """Return the text that the node is, empty where it is none."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_of_a_table(node: ast.expr) -> bool:
    """Say whether it is taken from a table of this module, whose entries are marked there."""
    return isinstance(node, ast.Subscript) and _name(node.value).isupper()
