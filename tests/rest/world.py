"""The memory world's two systems by YAML: the files as they are, or with lines of another habit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from syncd.mapping.document import Problems
from syncd.rest.connector import RestConnector
from syncd.rest.files import compiled

HERE = Path(__file__).parent


def described(name: str, lines: Mapping[str, str] | None = None) -> RestConnector:
    """`lines` are texts of the file and what stands there instead; each must be there."""
    text = (HERE / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in (lines or {}).items():
        assert old in text, f"{name}.yaml has no {old}"
        text = text.replace(old, new)
    return RestConnector(compiled(text, name, Problems(f"{name}.yaml")), {})
