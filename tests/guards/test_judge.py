"""The judgement alone: numbers in, trips out."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from syncd.sync.guard import Measures, judge, merged
from syncd.sync.pair import Limits

COUNTS = ("cards", "documents", "blanks", "won", "moved_cards", "shrunk_cards")
MONEY = ("moved", "shrunk")
count = st.integers(0, 5_000)
micros = st.dictionaries(st.sampled_from(["EUR", "JPY"]), st.integers(0, 10**15), max_size=2)
measures = st.builds(
    Measures,
    **dict.fromkeys((*COUNTS, "of_cards", "of_documents", "of_blanks"), count),
    **dict.fromkeys((*MONEY, "of_money", "of_sales"), micros),
)
share = st.floats(0, 1, allow_nan=False)
limits = st.builds(
    Limits,
    few=st.integers(0, 50),
    won=st.integers(0, 50),
    **dict.fromkeys(("cards", "documents", "blanks", "money"), share),
)
usual = st.none() | measures


def names(found: Measures, limits: Limits, usual: Measures | None) -> set[str]:
    return {trip.name for trip in judge(found, limits, usual)}


@given(measures, limits, usual)
def test_a_few_never_trip(found: Measures, limits: Limits, known: Measures | None) -> None:
    most = {name: limits.won if name == "won" else limits.few for name in COUNTS}
    few = msgspec.structs.replace(
        found, **{name: min(getattr(found, name), most[name]) for name in COUNTS}
    )
    assert judge(few, limits, known) == []


@given(measures, limits, usual, st.fixed_dictionaries(dict.fromkeys(COUNTS, count)), micros)
def test_more_of_anything_never_trips_less(
    found: Measures,
    limits: Limits,
    known: Measures | None,
    more: dict[str, int],
    money: dict[str, int],
) -> None:
    grown = msgspec.structs.replace(
        found, **{name: getattr(found, name) + more[name] for name in COUNTS}
    )
    for name in MONEY:
        was = getattr(found, name)
        sums = {code: was.get(code, 0) + money.get(code, 0) for code in {*was, *money}}
        grown = msgspec.structs.replace(grown, **{name: sums})
    assert names(found, limits, known) <= names(grown, limits, known)


@given(measures, limits, measures, measures)
def test_a_busier_past_never_trips_more(
    found: Measures, limits: Limits, known: Measures, busier: Measures
) -> None:
    both = msgspec.structs.replace(
        known, **{n: max(getattr(known, n), getattr(busier, n)) for n in COUNTS}
    )
    assert names(found, limits, both) <= names(found, limits, known)


@given(measures, limits, usual)
def test_a_trip_says_what_it_counted(
    found: Measures, limits: Limits, known: Measures | None
) -> None:
    for trip in judge(found, limits, known):
        assert trip.kinds and trip.owner
        assert any(digit in trip.text for digit in "0123456789")


@given(measures, limits, usual)
def test_one_plan_is_enough_for_what_two_guards_stop(
    found: Measures, limits: Limits, known: Measures | None
) -> None:
    trips = judge(found, limits, known)
    kept = merged(trips)
    for one in kept:
        assert not any(one.kinds < other.kinds for other in kept)
    told = "; ".join(one.text for one in kept)
    assert all(one.text in told for one in trips), "every guard has its say"
    stopped = [frozenset().union(*(one.kinds for one in some)) for some in (trips, kept)]
    assert stopped[0] == stopped[1]
