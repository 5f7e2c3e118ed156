"""What came with syncd beside its code: the mappings and the documented example."""

from __future__ import annotations

from pathlib import Path


def shipped(folder: str) -> Path:
    """The folder `mappings` or `config` as it came with syncd."""
    installed = Path(__file__).parent / "_examples" / folder
    return installed if installed.is_dir() else Path(__file__).parent.parent / folder
