"""Answers of a set-up that is not finished, in a file beside the configuration; never a secret."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from syncd.errors import ConfigError

NAME = "syncd.init.json"


@dataclass
class Kept:
    """Name of a question -> its answer, as it was typed."""

    file: Path
    answers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Kept:
        """ConfigError for a file that is something else."""
        kept = cls(folder / NAME)
        if not kept.file.exists():
            return kept
        try:
            found: Any = json.loads(kept.file.read_text(encoding="utf-8"))
            kept.answers = {str(name): str(value) for name, value in found.items()}
        except (ValueError, AttributeError):
            raise ConfigError(
                f"{kept.file}: not the answers of an earlier syncd init; delete it to begin anew"
            ) from None
        return kept

    def remember(self, name: str, answer: str) -> None:
        """At once, and whole: a kill leaves the old file or the new one."""
        self.answers[name] = answer
        new = self.file.with_suffix(".new")
        new.write_text(
            json.dumps(self.answers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        new.replace(self.file)

    def forget(self) -> None:
        """What was answered stands in the configuration by now."""
        self.file.unlink(missing_ok=True)
