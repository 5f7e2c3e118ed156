from __future__ import annotations

from tests.why.conftest import tmp_path

__all__ = ["tmp_path"]
