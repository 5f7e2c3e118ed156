"""The three widespread configurations, each described as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from syncd.sandbox.onec.configurations import ut
from syncd.sandbox.onec.shapes import Configuration

CONFIGURATIONS: Mapping[str, Callable[[bool], Configuration]] = {
    "ut": ut.configuration,
}
