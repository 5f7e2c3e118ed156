"""What several connectors do with a row that a system answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Whole = Callable[[Mapping[str, Any]], Any]
Listed = Callable[[list[Any]], list[Any]]


def select(
    row: Mapping[str, Any],
    paths: Sequence[str],
    whole: Whole = lambda record: record,
    listed: Listed = lambda items: items,
) -> dict[str, Any]:
    """The row with these dotted paths alone: the rest is not syncd's to keep.

    `whole` is what stands for a record of which only the whole is asked for, `listed` the order in
    which lists are kept.
    """

    def cut(value: Any, deeper: Sequence[str]) -> Any:
        if isinstance(value, list):
            return [cut(item, deeper) for item in listed(value)]
        if isinstance(value, Mapping):
            return select(value, deeper, whole, listed) if deeper else whole(value)
        return value

    chosen: dict[str, Any] = {}
    for name in dict.fromkeys(path.partition(".")[0] for path in paths):
        if name in row:
            deeper = [p.partition(".")[2] for p in paths if p.startswith(f"{name}.")]
            chosen[name] = cut(row[name], deeper)
    return chosen
