"""The three widespread configurations, each described as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from syncd.sandbox.onec.configurations import bp, unf, ut
from syncd.sandbox.onec.shapes import Configuration

CONFIGURATIONS: Mapping[str, Callable[[bool], Configuration]] = {
    "ut": ut.configuration,
    "bp": bp.configuration,
    "unf": unf.configuration,
}
"""Each takes the switch `settlement_object`, which means something in УТ alone."""
