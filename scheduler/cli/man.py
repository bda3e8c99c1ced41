"""`tendik man`: manual pages of all commands, from what their own help says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import click

from scheduler.cli.errors import usage_error
from scheduler.cli.exit_codes import MEANINGS
from scheduler.cli.language import spoken
from scheduler.texts import said


@click.command()
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Where to write them, e.g. ~/.local/share/man/man1.",
)
@click.pass_context
def man(ctx: click.Context, output: Path) -> None:
    """Write the manual pages of all commands."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        for context in _contexts(ctx.find_root().command, "tendik", None):
            file = output / f"{context.command_path.replace(' ', '-')}.1"
            file.write_text(page(context), encoding="utf-8")
            click.echo(str(file))
    except OSError as error:
        raise usage_error(
            said(
                "cannot write {filename}: {reason}", filename=error.filename, reason=error.strerror
            )
        ) from error


def page(context: click.Context) -> str:
    """Return a command's manual page in roff."""
    command, path = context.command, context.command_path
    usage = " ".join(command.collect_usage_pieces(context))
    options = [record for one in command.params if (record := one.get_help_record(context))]
    title = path.replace(" ", "-")
    lines = [
        f'.TH "{title.upper()}" "1" "" "tendik {version("tendik")}" "Tendik"',
        ".ad l",
        *_section("NAME", [f"{title} - {command.get_short_help_str(limit=200)}"]),
        *_section("SYNOPSIS", [f"{path} {usage}"]),
        *_section("DESCRIPTION", (command.help or "").split("\n\n")),
        *_listed("OPTIONS", options),
        *_listed("COMMANDS", _subcommands(context)),
        *_listed(
            "EXIT STATUS", [(str(code.value), spoken(text)) for code, text in MEANINGS.items()]
        ),
    ]
    return "\n".join(lines) + "\n"


def _contexts(
    command: click.Command, name: str, parent: click.Context | None
) -> Iterator[click.Context]:
    """Yield the command's context and those of all commands within it."""
    context = click.Context(command, info_name=name, parent=parent)
    yield context
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            if inner := command.get_command(context, word):
                yield from _contexts(inner, word, context)


def _subcommands(context: click.Context) -> list[tuple[str, str]]:
    group = context.command
    if not isinstance(group, click.Group):
        return []
    found = [(name, group.get_command(context, name)) for name in group.list_commands(context)]
    return [(name, one.get_short_help_str(limit=200)) for name, one in found if one]


def _section(title: str, paragraphs: Sequence[str]) -> list[str]:
    texts = [_roff(" ".join(paragraph.split())) for paragraph in paragraphs]
    return [f".SH {title}", *"\n.PP\n".join(texts).splitlines()]


def _listed(title: str, pairs: Sequence[tuple[str, str]]) -> list[str]:
    if not pairs:
        return []
    rows = [f".TP\n\\fB{_roff(name)}\\fR\n{_roff(text)}" for name, text in pairs]
    return [f".SH {title}", *"\n".join(rows).splitlines()]


def _roff(text: str) -> str:
    """Return text that roff shows as it is; a list of choices may be broken between two."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    escaped = escaped.replace("|", "|\\:")
    escaped = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in escaped)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
