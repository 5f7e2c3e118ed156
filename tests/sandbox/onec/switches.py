"""The table of switches in docs/sandboxes/onec.md, made of the module that has them.

python3 -m tests.sandbox.onec.switches      prints it
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise

from syncd.sandbox.onec import switches
from syncd.sandbox.onec.switches import Switches

HEAD = ["| switch | at first | what it means |", "| --- | --- | --- |"]


def table() -> str:
    return "\n".join([*HEAD, *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    first = Switches()
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
    print(table(), end="")
