"""`make demo`: the two systems, the demo company, and the story of one morning with syncd.

python -m tests.world.demo            tells the story and leaves nothing behind
python -m tests.world.demo --keep     leaves both systems running, facts in .demo/world.json
python -m tests.world.demo --stop     ends what --keep left
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from tests.world import company, crm_server, prerequisites
from tests.world.books import Books
from tests.world.compare import FIELDS
from tests.world.crm import Crm
from tests.world.crm_server import CrmServer
from tests.world.processes import Place, end
from tests.world.progress import WorldError, say, step
from tests.world.story import Broken, tell
from tests.world.tryton_server import TrytonServer

T = TypeVar("T")

FOLDER = Path(".demo")
SERVERS = "servers.json"
CONFIG = """\
state: syncd.sqlite
secrets: secrets

connections:
  books:
    system: tryton
    url: {books.url}
    database: {books.database}
    login: {books.login}
  crm:
    system: bottlecrm
    url: {crm.url}

pairs:
  main:
    books: books
    crm: crm
    books_mapping: tryton
    crm_mapping: bottlecrm
"""


def bring_up(place: Place, *, bound: bool) -> tuple[Books, Crm]:
    """Both systems at once, the one with the demo company, the other without customers."""

    def books() -> Books:
        source = company.template()
        with step("Tryton is up"):
            return TrytonServer(place, bound=bound).database(source, "demo")

    def crm() -> Crm:
        crm_server.template()
        with step("BottleCRM is up"):
            return CrmServer(place, bound=bound).fresh()

    first, second = _begin(books), _begin(crm)
    both: list[Future[Any]] = [first, second]
    wait(both, return_when=FIRST_EXCEPTION)
    for done in both:
        if done.done():
            done.result()  # raises what went wrong, without waiting for the other
    return first.result(), second.result()


def _begin(work: Callable[[], T]) -> Future[T]:
    """The work in a thread that does not hold up the end of the process."""
    future: Future[T] = Future()

    def act() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # it is raised again where the result is asked for
            future.set_exception(error)

    threading.Thread(target=act, daemon=True).start()
    return future


def configure(folder: Path, books: Books, crm: Crm) -> Path:
    """syncd's configuration and its secrets, as an admin would write them."""
    secrets = folder / "secrets"
    secrets.mkdir(parents=True, mode=0o700)
    for name, secret in (("books.password", books.password), ("crm.token", crm.token)):
        file = secrets / name
        file.touch(mode=0o600)
        file.write_text(secret + "\n")
    config = folder / "syncd.yaml"
    config.write_text(CONFIG.format(books=books, crm=crm))
    return config


def demo(*, keep: bool) -> int:
    """Raises Broken when the story does not go as told; what was started is gone then, too."""
    began = time.monotonic()
    stop(quiet=True)
    place = Place()
    kept = False
    try:
        books, crm = bring_up(place, bound=not keep)
        config = configure(FOLDER, books, crm)
        say(f"{time.monotonic() - began:6.1f} s  in all until both systems were up\n")
        if keep:
            write_facts(place, config, books, crm)
        tell(books, crm, config)
        kept = keep
    finally:
        if not kept:
            place.close()
            shutil.rmtree(FOLDER, ignore_errors=True)
    if keep:
        print(LEFT_RUNNING.format(config=config, folder=FOLDER))
    return 0


LEFT_RUNNING = """
Both systems are left running. To go on by hand:
  export SYNCD_CONFIG={config}
  syncd status                                           (in .venv/bin)
  python -m tests.world.compare {folder}/world.json         books and cards side by side
  make demo-stop                                         ends them
Addresses, login and token are in {folder}/world.json."""


def write_facts(place: Place, config: Path, books: Books, crm: Crm) -> None:
    world = {
        "tryton": {
            "url": books.url,
            "database": books.database,
            "login": books.login,
            "password": books.password,
        },
        "crm": {"url": crm.url, "token": crm.token},
        "config": str(config.absolute()),
        "card_fields": FIELDS,
    }
    servers = {
        "folder": str(place.path),
        "servers": [server.facts() for server in reversed(place.servers)],
    }
    for name, facts in (("world.json", world), (SERVERS, servers)):
        (FOLDER / name).touch(mode=0o600)
        (FOLDER / name).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


def stop(*, quiet: bool = False) -> int:
    """End what an earlier demo left running, and forget it."""
    file = FOLDER / SERVERS
    if file.exists():
        facts = json.loads(file.read_text())
        for server in facts["servers"]:
            if end(server):
                say(f"          {server['name']} ended")
        shutil.rmtree(facts["folder"], ignore_errors=True)
    elif not quiet:
        print("No demo is running.")
    shutil.rmtree(FOLDER, ignore_errors=True)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description="The demo with real systems.")
    parser.add_argument("--keep", action="store_true", help="leave both systems running")
    parser.add_argument("--stop", action="store_true", help="end what --keep left")
    words = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _leave)
    act: Callable[[], int] = stop if words.stop else lambda: demo(keep=words.keep)
    try:
        if not words.stop:
            prerequisites.check()
        return act()
    except prerequisites.MissingError as missing:
        print(missing, file=sys.stderr)
        return prerequisites.EXIT_CODE
    except (WorldError, Broken) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.", file=sys.stderr)
        return 130


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
