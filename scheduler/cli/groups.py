"""Groups of commands that load a command's module only when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from gettext import gettext
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import NoSuchCommand

from scheduler.cli.errors import CliError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.language import language
from scheduler.cli.session import Session
from scheduler.languages import words
from scheduler.languages.programs import helped
from scheduler.texts import said

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyGroup(click.Group):
    """A group whose commands are named by "module:attribute" and the sentence of its help."""

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.lazy)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in self.lazy:
            return None
        module, _, attribute = self.lazy[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"scheduler.cli.{module}"), attribute)
        return helped(command, language())

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # The program's own help may be asked for in the words that choose the language.
        click.Group.format_help(helped(self, language()), ctx, formatter)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section(gettext("Commands")):
            told = words(language())
            formatter.write_dl([(name, told.gettext(one)) for name, (_, one) in self.lazy.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        # Imported here because only the shell asks for it.
        from click.shell_completion import CompletionItem  # noqa: PLC0415

        begun = [name for name in self.lazy if name.startswith(incomplete)]
        commands = [
            CompletionItem(name, help=words(language()).gettext(self.lazy[name][1]))
            for name in begun
        ]
        # Not the group's own, which would load every command.
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:
            # click suggests only commands that are loaded.
            raise NoSuchCommand(error.command_name, possibilities=self.lazy, ctx=ctx) from None


class ShowingGroup(LazyGroup):
    """A group that shows where no command of it is named: "budget x" is "budget show x"."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_named = bool(args) and (args[0] in self.lazy or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_named else ["show", *args])


class Root(LazyGroup):
    """The program itself: whatever happens below ends in a message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:
            # Else Python complains once more when it flushes at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(ExitCode.BROKEN_PIPE) from None
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as error:
            session = ctx.find_object(Session)
            if session and session.environ.get("TENDIK_DEBUG"):
                raise
            message = said(
                "a mistake in this program: {kind}: {error}\n"
                "Please report it; TENDIK_DEBUG=1 shows where it happened.",
                kind=type(error).__name__,
                error=error,
            )
            raise CliError(message, ExitCode.INTERNAL) from error
