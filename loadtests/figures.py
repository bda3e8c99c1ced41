"""The measured promises of the project: one JSON file each, one table of all."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).resolve().parent.parent / "build" / "figures"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value beside its goal; `holds` says whether the goal is reached."""

    name: str
    value: float
    unit: str
    goal: str
    holds: bool
    detail: str = ""

    def write(self, folder: Path = FOLDER) -> None:
        """Store the figure as `folder/NAME.json` and print it."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False)
        (folder / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")
        Console().print(as_table((self,)))


def read_all(folder: Path = FOLDER) -> tuple[Figure, ...]:
    """Return every stored figure, by name."""
    files = sorted(folder.glob("*.json"))
    return tuple(Figure(**json.loads(file.read_text(encoding="utf-8"))) for file in files)


def as_table(figures: tuple[Figure, ...]) -> Table:
    table = Table("figure", "value", "unit", "goal", "holds", "detail")
    for figure in figures:
        holds = "[green]yes[/]" if figure.holds else "[red]no[/]"
        value = f"{figure.value:,.4g}" if abs(figure.value) < 10_000 else f"{figure.value:,.0f}"
        table.add_row(figure.name, value, figure.unit, figure.goal, holds, figure.detail)
    return table


def main() -> None:
    """Print every figure that has been measured."""
    figures = read_all()
    if figures:
        Console().print(as_table(figures))
    else:
        Console(stderr=True).print("no figures yet: run `make measure` first")


if __name__ == "__main__":
    main()
