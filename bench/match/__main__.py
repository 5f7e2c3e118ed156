"""`python -m bench.match --seed 1`: precision, recall, CPU seconds and memory of matching."""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

from bench.match.given import given
from bench.match.measured import Measured, measure
from bench.match.spoiled import Population, population


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.match", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=20_000, help="records a side")
    parser.add_argument(
        "--show", type=int, default=0, help="so many links that are wrong or missed"
    )
    parser.add_argument("--home", default="RU", help="country of numbers that name none")
    for name in ("books", "cards", "truth"):
        parser.add_argument(f"--{name}", type=Path, help="a CSV file in the place of made-up ones")
    said = parser.parse_args()
    files = [said.books, said.cards, said.truth]
    if any(files) and not all(files):
        parser.error("--books, --cards and --truth go together")
    try:
        made = given(*files) if all(files) else population(said.size, said.seed)
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    except KeyError as error:
        parser.error(f"a file has no column {error}; see docs/matching.md")
    before = time.process_time()
    measured = measure(made, home=said.home)
    spent = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    named = said.books.name if all(files) else f"seed {said.seed}"
    print(f"{named}: {len(made.customers)} customers, {len(made.cards)} cards")
    print(f"true pairs            {measured.true}")
    print(f"links                 {len(measured.links)}, wrong {len(measured.wrong)}")
    print(f"between legal ids     {len(measured.apart)}")
    print(f"questions             {len(measured.asked)}")
    print(f"precision of links    {measured.precision:.5f}")
    print(f"recall                {measured.recall:.4f}, by links alone {measured.automatic:.4f}")
    print(f"CPU                   {spent:.1f} s")
    print(f"peak memory           {peak:.0f} MB, with both populations in it")
    for why, count in measured.reasons().most_common():
        print(f"  asked, {why}: {count}")
    if said.show:
        _show(measured, made, said.show)


def _show(measured: Measured, made: Population, most: int) -> None:
    customers = {one.key: one for one in made.customers}
    cards = {one.key: one for one in made.cards}
    for one in measured.wrong[:most]:
        print("WRONG", one.score, *(f.says for f in one.findings), sep=" | ")
        print("   ", customers[one.customer], "\n   ", cards[one.card])
    for customer, card in sorted(measured.missed)[:most]:
        print("MISSED\n   ", customers[customer], "\n   ", cards[card])


if __name__ == "__main__":
    main()
