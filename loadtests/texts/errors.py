"""Which errors say their reason, their place and the mend, and all of it in three languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import scheduler.budget_errors
import scheduler.errors
from loadtests.figures import Figure
from loadtests.texts.catalogues import TRANSLATED, problems, read
from loadtests.texts.extract import ROOT, literal, sources
from loadtests.texts.po import english
from scheduler.errors import InvalidRequest, TendikError

# What finds fault with one field of an input, by the place of its words among the arguments.
FAULTS: Mapping[str, int] = {"Violation": 1, "Fault": 1, "PolicyWarning": 2}
# How a sentence tells what to do: after a semicolon or a colon, or by what would be right.
_MENDS = re.compile(r"; |: [\w{]|\b(must|should|use|write|try|only|set|at most|from \{|needs? )")


@dataclass(frozen=True, slots=True)
class Told:
    """An error where it is made, and what it tells."""

    at: str
    reason: bool
    place: bool
    mend: bool
    languages: bool

    @property
    def is_whole(self) -> bool:
        return self.reason and self.place and self.mend and self.languages


def kinds() -> dict[str, type[TendikError]]:
    """Return the errors that cross borders, by name."""
    return {
        name: kind
        for module in (scheduler.errors, scheduler.budget_errors)
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, TendikError)
    }


def told() -> list[Told]:
    """Return every place in the code that makes an error."""
    untranslated = _untranslated()
    every = (one for path in sources() for one in _in_file(path, untranslated))
    # What a function makes is made in the function around it, too.
    return list({one.at: one for one in every}.values())


def _untranslated() -> set[str]:
    return {
        english(message)[0]
        for language in TRANSLATED
        for message in read(language).sentences
        if list(problems(language, message))
    }


def _in_file(path: Path, untranslated: set[str]) -> Iterator[Told]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds_of_function = ast.FunctionDef | ast.AsyncFunctionDef
    functions = [node for node in ast.walk(tree) if isinstance(node, kinds_of_function)]
    for function in functions:
        texts = _sentences(function)
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            at = f"{path.relative_to(ROOT)}:{call.lineno}"
            if name in FAULTS:
                yield _fault(call, FAULTS[name], texts, untranslated, at)
            elif name in kinds() and not issubclass(kinds()[name], InvalidRequest):
                yield _error(kinds()[name], texts, untranslated, at)


def _fault(call: ast.Call, words: int, texts: set[str], untranslated: set[str], at: str) -> Told:
    own = {text for argument in call.args[words:] for text in _sentences(argument)} or texts
    place = len(call.args) > words and not _is_empty(call.args[0])
    # Words that come in as an argument are counted where they are made.
    mend = not own or any(map(_MENDS.search, own | texts))
    return Told(at, bool(InvalidRequest.reason), place, mend, not own & untranslated)


def _error(kind: type[TendikError], texts: set[str], untranslated: set[str], at: str) -> Told:
    told_in_all = not ({*texts, kind.mend.template} & untranslated)
    return Told(at, bool(kind.reason), bool(kind.place), bool(kind.mend), told_in_all)


def _sentences(tree: ast.AST) -> set[str]:
    return {
        text
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("said", "said_of")
        and (text := literal(node.args[int(node.func.id == "said_of")]))
    }


def _is_empty(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def figure() -> Figure:
    """Return the share of errors that tell all of it."""
    found = told()
    whole = sum(one.is_whole for one in found)
    lacking = "; ".join(one.at for one in found if not one.is_whole)
    return Figure(
        name="errors-in-three-languages",
        value=100 * whole / len(found),
        unit="%",
        goal="100 %",
        holds=whole == len(found),
        detail=lacking or f"{len(found)} places, {len(read(TRANSLATED[0]).sentences)} entries",
    )
