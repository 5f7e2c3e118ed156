"""One cycle of syncd from a cold start, as a command line for a benchmark.

BENCH_BASE is the address of the world, BENCH_STATE the folder in which everything is kept from one
cycle to the next, BENCH_PAGE the records of one page. `make -s bench-command` prints how it is run.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parents[1])  # this syncd, whatever is installed
sys.dont_write_bytecode = False  # an installed one has its bytecode too

CONFIGURATION = """\
state: state/syncd.sqlite
mappings: mappings
connections:
  books: {{system: ledger, url: "{base}"}}
  crm: {{system: desk, url: "{base}"}}
pairs:
  main: {{books: books, crm: crm, books_mapping: ledger, crm_mapping: desk, won: {{mode: "off"}}}}
numbers:
  overlap: 60          # seconds: the world shows what changed at once
"""


def prepared(folder: Path, base: str, page: str) -> Path:
    """The configuration in this folder, made where it is missing."""
    file = folder / "syncd.yaml"
    if not file.exists():
        for name in ("connectors", "mappings"):
            (folder / name).mkdir(parents=True)
            for one in (HERE / name).glob("*.yaml"):
                text = one.read_text("utf-8").replace("size: 1000", f"size: {page}")
                (folder / name / one.name).write_text(text, "utf-8")
        file.write_text(CONFIGURATION.format(base=base), "utf-8")
    return file


def given(name: str, what: str) -> str:
    value = os.environ.get(name)
    if not value:
        print(f"{name} is not set; expected {what}", file=sys.stderr)
        sys.exit(2)
    return value


def main() -> None:
    folder = Path(given("BENCH_STATE", "a folder that keeps everything from cycle to cycle"))
    base = given("BENCH_BASE", "the address of a world, as http://127.0.0.1:18300")
    file = prepared(folder, base, os.environ.get("BENCH_PAGE", "1000"))
    from syncd.__main__ import main as syncd

    sys.argv = ["syncd", "--config", str(file), "run", "--go-live"]
    syncd()


if __name__ == "__main__":
    main()
