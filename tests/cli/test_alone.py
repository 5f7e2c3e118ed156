"""Books that tell no balance, as the command line shows them."""

from __future__ import annotations

import re

from tests.cli.desk import Desk
from tests.engine.rig import MAPPINGS


def test_prove_reads_the_cards_back_and_calls_nothing_proven(desk: Desk) -> None:
    whole = (MAPPINGS / "memory_books.yaml").read_text(encoding="utf-8")
    alone = "balance: {from: documents, currency: EUR}\n"
    desk.mapping("memory_books", re.sub(r"(?m)^balance:\n(?:  .*\n)+", alone, whole))
    desk.live()
    said = desk.syncd("prove")
    assert said.code == 0, said
    assert "books tells no balance, so nothing is called proven: the cards were" in said.out
    assert not [word for word in ("agree", "not compared", "nothing is open") if word in said.out]
