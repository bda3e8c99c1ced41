"""A statement as one page of HTML to print on A4: nothing is loaded from anywhere, nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from scheduler.cli.budgets.statement_parts import (
    ToldStatement,
    grant_table,
    kind_table,
    left_before,
    line_table,
    period_of,
    title_of,
    warnings_of,
)
from scheduler.cli.language import language, spoken
from scheduler.cli.table import Cell, Column, Table
from scheduler.cli.terminal import printable
from scheduler.cli.times import local_time
from scheduler.texts import Said, said

_STYLE = """\
@page { size: A4; margin: 16mm 14mm 18mm; @bottom-right { content: counter(page); } }
* { box-sizing: border-box; }
body { font: 9.5pt/1.4 "Noto Sans", "DejaVu Sans", Arial, sans-serif; color: #1a1a1a;
  background: #fff; max-width: 182mm; margin: 8mm auto; padding: 0 2mm; }
h1 { font-size: 15pt; line-height: 1.25; margin: 0 0 1mm; }
h2 { font-size: 11pt; margin: 7mm 0 2mm; break-after: avoid; }
p { margin: 0 0 1.5mm; }
.sum { font-size: 11pt; font-weight: bold; }
.made { color: #555; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
thead { display: table-header-group; }
th { text-align: left; font-size: 8pt; color: #444; border-bottom: 0.4mm solid #1a1a1a; }
th, td { padding: 0.8mm 1.6mm; vertical-align: top; }
td { border-bottom: 0.15mm solid #c8c8c8; }
tr { break-inside: avoid; }
.right { text-align: right; white-space: nowrap; }
li { margin: 0 0 1mm; }
@media print { body { margin: 0; padding: 0; max-width: none; } }
"""


def as_html(told: ToldStatement) -> str:
    """Return the page, in the reader's language."""
    return "".join(f"{line}\n" for line in _page(told))


def _page(told: ToldStatement) -> Iterator[str]:
    title = _text(title_of(told))
    made = said("made {at} by tendik budget statement", at=local_time(told.made_at))
    yield "<!DOCTYPE html>"
    yield f'<html lang="{escape(language())}">'
    yield f'<head><meta charset="utf-8"><title>{title}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>\n{_STYLE}</style></head>"
    yield f"<body><h1>{title}</h1>"
    yield f"<p>{_text(period_of(told))}</p>"
    yield f'<p class="sum">{_text(left_before(told))}</p>'
    yield f'<p class="made">{_text(made)}</p>'
    yield from _section(said("By grant"), grant_table(told))
    yield from _warnings(told)
    yield from _section(said("By kind"), kind_table(told))
    yield from _section(said("Every line"), line_table(told).narrow())
    yield "</body></html>"


def _warnings(told: ToldStatement) -> Iterator[str]:
    if found := list(warnings_of(told)):
        yield "<ul>"
        yield from (f"<li>{_text(warning)}</li>" for warning in found)
        yield "</ul>"


def _section(title: Said, table: Table) -> Iterator[str]:
    yield f"<h2>{_text(title)}</h2>"
    if not table.rows:
        yield f"<p>{_text(said('none'))}</p>"
        return
    yield "<table><thead><tr>"
    yield "".join(f"<th{_side(head)}>{_text(head.title)}</th>" for head in table.heads)
    yield "</tr></thead><tbody>"
    for row in table.rows:
        cells = zip(table.heads, row, strict=True)
        yield f"<tr>{''.join(f'<td{_side(head)}>{_shown(cell)}</td>' for head, cell in cells)}</tr>"
    yield "</tbody></table>"


def _side(head: Column) -> str:
    return ' class="right"' if head.right else ""


def _shown(cell: Cell | str) -> str:
    return _text(cell.text if isinstance(cell, Cell) else cell)


def _text(sentence: str) -> str:
    return escape(printable(spoken(sentence)))
