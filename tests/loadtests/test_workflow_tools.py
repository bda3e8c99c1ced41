"""The workflow tools that the docs name are those that are measured."""

from __future__ import annotations

import pytest

from loadtests.stack import ROOT
from loadtests.workflow_tools.__main__ import TOOLS, Passage, figure_of
from loadtests.workflow_tools.pythons import TOOLS as INSTALLED

PAGE = (ROOT / "docs" / "shims.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("tool", TOOLS)
def test_the_docs_name_the_version_that_runs(tool: str) -> None:
    version = dict(one.split("==") for one in INSTALLED)[tool]

    (row,) = [line for line in PAGE.splitlines() if line.lower().startswith(f"| {tool}")]
    assert version in row


def test_the_figure_holds_only_where_all_pass() -> None:
    passages = [Passage(tool, 1, 2.0) for tool in TOOLS]

    assert figure_of(passages).holds
    assert not figure_of([*passages[1:], Passage("submitit", 0, 2.0, "no job came")]).holds
