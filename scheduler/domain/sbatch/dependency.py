"""The value of --dependency: from its text to the terms that it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from scheduler.domain.dependencies.terms import Condition, Dependency, NamedJob, Term
from scheduler.domain.sbatch.values import MAX_ARRAY_INDEX, shown
from scheduler.texts import said

MAX_TERMS = 250
MAX_DELAY_MIN = 366 * 24 * 60
_MAX_JOB_ID = 2**63 - 1
_NAMED = re.compile(
    r"(?P<number>[0-9]{1,19})(_(?P<index>[0-9]{1,9}))?(\+(?P<delay>[0-9]{1,9}))?", re.ASCII
)
_CONDITIONS = {condition.value: condition for condition in Condition}
_NOT_HERE = {
    "afterburstbuffer": said("there are no burst buffers here; use afterany"),
    "expand": said("a job cannot grow; submit a larger one"),
}
_FORM = said("such as afterok:1042, afterany:1042:1050_3 or singleton")


def dependency(text: str) -> Dependency | None:
    """Read terms joined by `,` (all of them) or `?` (any); empty or 0 is none, as with sbatch.

    Raises ValueError saying the mend.
    """
    if text in ("", "0"):
        return None
    if "," in text and "?" in text:
        raise ValueError(
            said("takes either , for all or ? for any, not both, in {text}", text=shown(text))
        )
    any_will_do = "?" in text
    terms = _folded(_terms(re.split("[,?]", text)), min if any_will_do else max)
    if len(terms) > MAX_TERMS:
        raise ValueError(
            said("names more than {most} jobs; let them be elements of an array", most=MAX_TERMS)
        )
    return Dependency(terms, any_will_do)


def _folded(terms: Iterable[Term], decisive: Callable[[int, int], int]) -> tuple[Term, ...]:
    """Return each condition on each job once, with the one delay of several that counts."""
    found: dict[tuple[Condition, NamedJob | None], Term] = {}
    for term in terms:
        key = term.condition, term.named
        before = found.get(key, term)
        found[key] = replace(term, delay_min=decisive(before.delay_min, term.delay_min))
    return tuple(found.values())


def _terms(parts: list[str]) -> Iterator[Term]:
    for part in parts:
        word, colon, rest = part.partition(":")
        if not colon and _NAMED.fullmatch(word):
            # sbatch takes a bare number for afterany.
            yield _term(Condition.AFTER_ANY, word)
            continue
        condition = _condition(word, part)
        if condition is Condition.SINGLETON:
            if colon:
                raise ValueError(said("singleton names no job; leave out what follows it"))
            yield Term(condition)
        else:
            yield from _same_delays([_term(condition, named) for named in rest.split(":")])


def _same_delays(terms: list[Term]) -> list[Term]:
    """Return the terms, unless Slurm gives one without minutes those of the one before it."""
    for before, term in pairwise(terms):
        if before.delay_min and not term.delay_min:
            raise ValueError(
                said(
                    "Slurm would count {minutes} minutes for {named} too; write minutes for it, or "
                    "a term of its own: after:{before}+{minutes},{term}",
                    minutes=before.delay_min,
                    named=term.named,
                    before=before.named,
                    term=term,
                )
            )
    return terms


def _condition(word: str, part: str) -> Condition:
    if (why := _NOT_HERE.get(word.lower())) is not None:
        raise ValueError(said("{word} is refused: {why}", word=word, why=why))
    if (condition := _CONDITIONS.get(word.lower())) is None:
        raise ValueError(
            said("must be a condition and jobs, {form}, not {text}", form=_FORM, text=shown(part))
        )
    return condition


def _term(condition: Condition, text: str) -> Term:
    match = _NAMED.fullmatch(text)
    if match is None:
        raise ValueError(
            said("must name jobs by number, {form}, not {text}", form=_FORM, text=shown(text))
        )
    number, index = int(match["number"]), match["index"]
    if not 1 <= number <= _MAX_JOB_ID or int(index or 0) > MAX_ARRAY_INDEX:
        raise ValueError(
            said("{text} is no job's number; `tendik queue` lists yours", text=shown(text))
        )
    named = NamedJob(number, None if index is None else int(index))
    return Term(condition, named, _delay_min(condition, match["delay"]))


def _delay_min(condition: Condition, text: str | None) -> int:
    if text is None:
        return 0
    if condition is not Condition.AFTER:
        raise ValueError(
            said("+minutes go with after alone, not with {condition}", condition=condition)
        )
    if not 1 <= int(text) <= MAX_DELAY_MIN:
        raise ValueError(
            said("a delay is from 1 to {most} minutes, not {text}", most=MAX_DELAY_MIN, text=text)
        )
    return int(text)
