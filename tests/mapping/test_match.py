"""`match:` of a CRM file."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd import registry
from syncd.errors import ConfigError
from syncd.mapping import load_crm
from syncd.mapping.crm import CrmMapping
from syncd.matching import RULES, Rules


def loaded(folder: Path, text: str) -> CrmMapping:
    file = folder / "bottlecrm.yaml"
    file.write_text("extends: bottlecrm\n" + text, encoding="utf-8")
    return load_crm(file, registry.facts("bottlecrm"))


def test_it_is_said_in_lines_and_in_an_overlay(tmp_path: Path) -> None:
    whole = loaded(
        tmp_path,
        "match:\n  upper: 100\n  lower: 50\n  weights: {phone: 10, domain: 0}\n"
        '  ignore: ["+7 495 000-00-00", Розничный покупатель]\n',
    )
    weights = {**RULES.weights, "phone": 10.0, "domain": 0.0}
    assert whole.match == Rules(weights, 100, 50, ("+7 495 000-00-00", "Розничный покупатель"))
    dotted = loaded(tmp_path, "match.upper: 100\nmatch.weights.phone: 10\n")
    assert dotted.match == Rules({**RULES.weights, "phone": 10.0}, 100)
    assert loaded(tmp_path, "match: {}\n").match == RULES
    assert loaded(tmp_path, "match.home: de\n").match == Rules(RULES.weights, home="DE")
    assert loaded(tmp_path, "match.make: never\n").match == Rules(RULES.weights, make=False)
    plain = loaded(tmp_path, "")
    assert plain.match == RULES, "as shipped"
    assert plain.version == whole.version
    assert loaded(tmp_path, "match: none\n").match is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("match: {uper: 90}\n", "2:9 unknown key uper; did you mean upper?"),
        ("match: {upper: high}\n", "2:16 upper is a whole number from 1 to 1000, not high"),
        ("match: {lower: 95}\n", "2:16 lower is 95 and upper is 90; lower is not above it"),
        ("match: {weights: {phnoe: 1}}\n", "2:19 unknown evidence phnoe; did you mean phone?"),
        ("match.weights.phone: -1\n", "2:22 phone is a whole number from 0 to 1000, not -1"),
        (
            "match: {home: Russia}\n",
            "2:15 home is a country in two letters, as RU or DE, not Russia",
        ),
        ("match.make: always\n", "2:13 make is `never`, or left out: then cards are made"),
        ("match.make: never\nwon: none\nowners: none\n", "2:13 make: never is for files that read"),
        (
            "won.read: contact\nwon.hint: none\n",
            "won reads contact and customers are written to account",
        ),
        ("match: on\n", "2:8 match is a table of `word: value` lines"),
    ],
)
def test_what_is_wrong_with_it_is_said_where_it_stands(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, text)
    assert any(said in one for one in error.value.problems), error.value.problems
