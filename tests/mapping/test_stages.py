"""Stages: the first rule that holds, and the days on which the clock alone changes the answer."""

from __future__ import annotations

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.errors import MappingError
from syncd.mapping.stages import AMOUNTS, DAYS, WORDS, Facts, Stages

from .systems import card_file, crm, crm_problems, shipped_crm

NEVER: dict[str, int | Decimal | None] = {
    **dict.fromkeys(DAYS),
    **dict.fromkeys(AMOUNTS, Decimal(0)),
    "orders_count": 0,
    "open_orders_count": 0,
}


def facts(**known: int | Decimal | None) -> Facts:
    assert set(known) <= set(WORDS)
    return NEVER | known


def written(*rules: str) -> str:
    listed = ", ".join(f'{{stage: s{number}, when: "{when}"}}' for number, when in enumerate(rules))
    return card_file("stage: custom_fields.stage", stages=f"[{listed}]")


def stages(folder: Path, *rules: str) -> Stages:
    return crm(folder, written(*rules)).stages


@pytest.mark.parametrize(
    ("known", "stage"),
    [
        ({}, None),
        ({"orders_count": 1, "days_since_last_order": 0}, "first"),
        ({"orders_count": 2, "days_since_last_order": 180}, "repeat"),
        ({"orders_count": 2, "days_since_last_order": 181}, "dormant"),
        ({"orders_count": 1, "days_since_last_order": 9, "sales_12m": Decimal(100_000)}, "top"),
        ({"orders_count": 1, "sales_12m": Decimal("99999.99")}, "first"),
        ({"orders_count": 9, "days_since_last_order": 999, "sales_12m": Decimal(10**6)}, "dormant"),
    ],
)
def test_the_first_rule_that_holds_is_the_stage(
    known: dict[str, int | Decimal], stage: str | None
) -> None:
    assert shipped_crm().stages.of(facts(**known)) == stage


def test_every_word_can_be_asked(tmp_path: Path) -> None:
    rules = stages(tmp_path, " and ".join(f"{word} == 5" for word in WORDS))
    assert rules.of(dict.fromkeys(WORDS, 5)) == "s0"
    assert rules.of(facts()) is None


@pytest.mark.parametrize(
    "rule",
    [
        "days_since_last_order > 5",
        "not days_since_last_order > 5",
        "days_since_last_order != 5",
        "orders_count == 0 or days_since_last_order > 5",
    ],
)
def test_a_rule_about_days_since_what_never_was_does_not_hold(tmp_path: Path, rule: str) -> None:
    assert stages(tmp_path, rule, "orders_count == 0").of(facts()) == "s1"


def test_a_rule_that_cannot_be_worked_out_is_held_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"^crm\.yaml:7:30 a number and text cannot be compared"):
        stages(tmp_path, "overdue > 'x'").of(facts())


# ------------------------------------------------------------------------------------------- turns

DAY = dt.date(2026, 11, 18)
SINCE: dict[str, dt.date | None] = {"days_since_last_order": DAY}


def test_a_rule_turns_on_its_day_and_on_the_day_after(tmp_path: Path) -> None:
    rules = stages(tmp_path, "days_since_last_order > 180", "days_since_last_payment < 7")
    turned = {DAY + dt.timedelta(days=180), DAY + dt.timedelta(days=181)}
    assert set(rules.turns(SINCE)) == turned
    assert set(rules.turns(dict.fromkeys(DAYS))) == set()
    assert set(Stages().turns(SINCE)) == set()


def test_a_day_after_the_last_one_never_comes(tmp_path: Path) -> None:
    rules = stages(tmp_path, "days_since_last_order > 30")
    for left, turns in ((0, 0), (29, 0), (30, 1), (31, 2)):
        since = dt.date.max - dt.timedelta(days=left)
        assert len(list(rules.turns({"days_since_last_order": since}))) == turns


numbers = st.integers(0, 12)
signs = st.sampled_from(["<", "<=", "==", "!=", ">=", ">"])
simple = st.one_of(
    st.builds("{} {} {}".format, st.sampled_from(list(DAYS)), signs, numbers),
    st.builds("{} {} {}".format, numbers, signs, st.sampled_from(list(DAYS))),
    st.builds(
        "{} {} {} {} {}".format, st.just(0), signs, st.sampled_from(list(DAYS)), signs,
        numbers.filter(bool),
    ),
    st.builds("orders_count {} {}".format, signs, st.integers(0, 3)),
)  # fmt: skip
conditions = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=4,
)
days = st.none() | st.integers(-3, 10).map(lambda number: DAY + dt.timedelta(days=number))


@given(
    rules=st.lists(conditions, min_size=1, max_size=4),
    since=st.fixed_dictionaries(dict.fromkeys(DAYS, days)),
    orders=st.integers(0, 3),
)
def test_between_two_turns_the_clock_alone_changes_no_stage(
    rules: list[str], since: dict[str, dt.date | None], orders: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = stages(Path(folder), *rules)
    turns = set(found.turns(since))

    def stage(today: dt.date) -> str | None:
        passed = {word: (today - day).days if day else None for word, day in since.items()}
        return found.of(facts(orders_count=orders, **passed))

    for number in range(-8, 30):
        today = DAY + dt.timedelta(days=number)
        yesterday = today - dt.timedelta(days=1)
        assert today in turns or stage(today) == stage(yesterday)


# ---------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (
            "days_since_last_ordr > 5",
            ["unknown word days_since_last_ordr; did you mean days_since_last_order?"],
        ),
        (
            "days_since_last_order > orders_count",
            ["days_since_last_order is compared with a number of days, nothing else"],
        ),
        (
            "days_since_last_order > 1.5",
            ["days_since_last_order is compared with a number of days, nothing else"],
        ),
        (
            "days_since_last_order + 1 > 5",
            ["days_since_last_order is compared with a number of days, nothing else"],
        ),
        (
            "days_since_last_order > -5",
            ["days_since_last_order is compared with a number of days, nothing else"],
        ),
        (
            "days_since_last_order in [1, 2]",
            ["days_since_last_order is compared with a number of days, nothing else"],
        ),
        (
            "days_since_last_order is None",
            ["days_since_last_order is compared with a number of days, nothing else"],
        ),
        (
            "days_since_last_order",
            ["days_since_last_order is compared with a number of days, nothing else"],
        ),
        (
            "days_since_first_order > days_since_last_order",
            [
                "days_since_first_order is compared with a number of days, nothing else",
                "days_since_last_order is compared with a number of days, nothing else",
            ],
        ),
        (
            "days_since_last_order < 99999999999",
            ["99999999999 days are too many; at most 36500"],
        ),
        ("orders_count ** 2 > 4", ["expression: powers are not allowed"]),
    ],
)
def test_days_are_compared_with_whole_numbers_and_nothing_else(
    tmp_path: Path, rule: str, told: list[str]
) -> None:
    found = [line.split(" ", 1) for line in crm_problems(tmp_path, written(rule))]
    assert [text for _, text in found] == told
    assert all(place.startswith("7:") for place, _ in found)


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ("{stage: a}", "7:11 stages is a list of `{stage: name, when: expression}`"),
        ("[a]", "7:12 a stage is `{stage: name, when: expression}`"),
        ("[{stage: a}]", "7:12 `when:` is missing"),
        ("[{when: orders_count == 1}]", "7:12 `stage:` is missing"),
        (
            "[{stage: a, when: orders_count == 1, than: b}]",
            "7:48 unknown key than; known: stage, when",
        ),
    ],
)
def test_a_mistake_in_the_list_of_stages_is_told(tmp_path: Path, listed: str, told: str) -> None:
    text = card_file("receivable: custom_fields.r", stages=listed)
    [line] = crm_problems(tmp_path, text)
    assert line.startswith(told)


def test_a_stage_without_rules_is_told(tmp_path: Path) -> None:
    assert crm_problems(tmp_path, card_file("stage: custom_fields.stage")) == [
        "6:12 stage is written, and no `stages:` say which"
    ]
