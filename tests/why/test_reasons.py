"""Each reason of the closed list is provoked once, and told without asking a system."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.why import Code
from tests.why import of_fields, of_records, of_writing
from tests.why.provoked import PROVOKED

PLACES = (of_records, of_writing, of_fields)
"""Each notes its own in PROVOKED."""


@pytest.mark.parametrize("code", list(Code), ids=str)
def test_each_reason_is_told_where_it_holds(code: Code, tmp_path: Path) -> None:
    answer = PROVOKED[code](tmp_path)
    assert answer.reason.code is code, answer.reason
    assert answer.reason.sentence and answer.reason.ends
