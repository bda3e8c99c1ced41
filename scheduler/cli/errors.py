"""What went wrong, in words and with an exit code: never a traceback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Any

import click

from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.language import language
from scheduler.cli.terminal import printable, stderr_colour
from scheduler.languages import words
from scheduler.texts import Said, said

# Refusals with problems of which not each says how to mend it: one sentence does for all of them.
MENDED_AS_ONE = frozenset({"FINDINGS_NOT_ACCEPTED"})


class CliError(click.ClickException):
    """A command's end with a message; further lines of the message stand below the first."""

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        # It is shown where no command runs any more.
        self.language = language()
        # click declares it for the class, and reads it from the instance.
        self.exit_code = code  # type: ignore[misc]

    def format_message(self) -> str:
        return self._spoken(self.message)

    def _spoken(self, text: str) -> str:
        return text.in_words(words(self.language)) if isinstance(text, Said) else text

    def show(self, file: IO[Any] | None = None) -> None:
        head = click.style(self._spoken(said("error:")), fg="red", bold=True)
        lines = [printable(line) for line in self.format_message().splitlines()]
        text = "\n".join([f"{head} {lines[0]}", *lines[1:]])
        click.echo(text, file=file, err=file is None, color=stderr_colour())


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the service found wrong; `line` 0 means no line of a file."""

    field: str
    message: str
    line: int = 0

    def at(self, source: str) -> str:
        """Return the problem as compilers write theirs: `train.sh:12: --gpus: …`."""
        place = f"{source}:{self.line}: " if self.line and source else ""
        return f"{place}{self.field}: {self.message}"


class ServiceError(CliError):
    """The service refused, or did not answer.

    `mend` is what the service says can be done. `answered` is false when it is not known whether
    the service saw the request at all.
    """

    def __init__(
        self, message: str, code: ExitCode, reason: str = "", problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(message, code)
        self.reason = reason
        self.problems = problems
        self.source = ""
        self.advice = ""
        self.mend = ""

    def advised(self, advice: str) -> ServiceError:
        """Say whether to try again, if there was no good answer; return self to be raised."""
        self.advice = advice if self.exit_code == ExitCode.UNAVAILABLE else ""
        return self

    def about(self, source: str) -> ServiceError:
        """Name the file whose lines the problems refer to, and return self to be raised."""
        self.source = source
        return self

    def format_message(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        if not self.problems:
            lines = (f"{self._spoken(self.message)}{reason}", self.advice or self.mend)
            return "\n".join(self._spoken(line) for line in lines if line)
        head = said("the service refused {what}", what=self.source or said("the request"))
        problems = (problem.at(self.source) for problem in self.problems)
        mend = [self._spoken(self.mend)] if self.reason in MENDED_AS_ONE else []
        return "\n".join([f"{self._spoken(head)}{reason}", *problems, *mend])


def usage_error(message: str) -> CliError:
    """Return the error of a wrong command line or local file."""
    return CliError(message, ExitCode.USAGE)
