"""The table of switches in docs/sandboxes/SYSTEM.md, made of the module that has them.

python3 -m tests.sandbox.switches SYSTEM      prints it
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path

HEAD = ["| switch | at first | what it means |", "| --- | --- | --- |"]


def table(system: str) -> str:
    return "\n".join([*HEAD, *_rows(system)]) + "\n"


def shown(system: str) -> str:
    """The table as the page has it."""
    page = Path(__file__).parents[2] / "docs" / "sandboxes" / f"{system}.md"
    text = page.read_text(encoding="utf-8")
    return text.partition("<!-- switches -->\n")[2].partition("<!-- /switches -->")[0]


def _rows(system: str) -> Iterator[str]:
    switches = import_module(f"syncd.sandbox.{system}.switches")
    first = switches.Switches()
    tree = ast.parse(inspect.getsource(switches))
    body = next(one.body for one in tree.body if isinstance(one, ast.ClassDef))
    for field, said in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            assert isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant)
            name = field.target.id
            value = getattr(first, name)
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            words = " ".join(str(said.value.value).split())
            yield f"| `{name}` | {shown} | {words} |"


if __name__ == "__main__":
    print(table(sys.argv[1]), end="")
