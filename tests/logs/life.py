"""Good and bad days of a pair whose records, files, secrets and vendors are full of planted values,
and everything that syncd writes down for machines and operators meanwhile."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from connectors.memory import World
from connectors.memory.serve import Served
from syncd.health.look import Watched
from syncd.health.pages import pages
from syncd.mapping.words import IN_BOOKS
from syncd.port import Request, Response
from syncd.store.engine import open_store
from syncd.store.tables import connection, problem, run
from tests.cli.desk import Desk, Said
from tests.logs.planted import (
    ACCOUNTS,
    ALL,
    EMAILS,
    KINDS,
    NAMES,
    PHONES,
    SECRETS,
    STREETS,
    TAX_IDS,
)
from tests.server import Answer, Call, LocalServer

CUSTOMERS = 4
MOODS = ("page", "text", "garbage", "redirect", "refusal")
MAPPINGS = Path(__file__).parents[2] / "mappings"
HTML = {"content-type": "text/html; charset=utf-8"}


class Rude(Served):
    """Answers as its mood is, with the request and somebody's records in it."""

    mood = ""

    def exchange(self, request: Request) -> Response | None:
        if not self.mood or request.path.endswith("/identity"):
            return super().exchange(request)
        if self.mood.startswith("write ") and request.method == "GET":
            return super().exchange(request)
        echo = " ".join(map(str, (request.path, request.query, request.json, request.headers)))
        somebody = " ".join(next(self._turns))
        match self.mood.removeprefix("write "):
            case "page":
                title = f"<title>Error for {somebody}</title>"
                return Response(500, HTML, f"<html>{title}{echo}".encode())
            case "text":
                return Response(503, {}, f"{somebody}\n{echo}".encode())
            case "garbage":
                return Response(200, {}, f"Dear {somebody}, {echo}".encode())
            case "redirect":
                token, mail = quoted(SECRETS[0]), quoted(EMAILS[12])
                place = f"https://u:{token}@crm.example.com/{mail}/x?token={token}&to={mail}"
                return Response(302, {"location": place}, b"")
            case "refusal":
                error = {"code": "invalid", "field": None, "text": f"Not for {somebody}: {echo}"}
                return Response(400, {}, json.dumps({"error": error}).encode())
        raise AssertionError(self.mood)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._turns: Iterator[tuple[str, ...]] = _turns()


def _turns() -> Iterator[tuple[str, ...]]:
    each = [itertools.cycle(values) for values in KINDS.values()]
    while True:
        yield tuple(next(values) for values in each)


def quoted(value: str) -> str:
    from urllib.parse import quote

    return quote(value)


@dataclass
class Life:
    """`written` is what came out, by where; `lines` the events of runs with -v."""

    written: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, object]] = field(default_factory=list)

    def take(self, name: str, said: Said) -> Said:
        """What the journal has of a unit: both of its streams."""
        self.written[f"{len(self.written)} {name}"] = said.text
        for line in said.err.splitlines():
            if line.startswith("{"):
                self.lines.append(json.loads(line))
        return said


def live_through(folder: Path, moods: Sequence[str] = MOODS) -> Life:
    life, told = Life(), []

    def respond(call: Call) -> Answer:
        told.append(call.body.decode())
        return Answer(204)

    with LocalServer(respond) as hears, Desk(folder, served=Rude) as desk:
        _alerts(desk, hears.url)
        _records(desk)
        _mapping(desk)
        life.take("setup", desk.syncd("connections", "setup", "crm"))
        life.take("first", desk.syncd("-v", "run", "--go-live"))
        _good_and_bad_days(desk, life, moods)
        _bad_records(desk)
        life.take("bad records", desk.syncd("-v", "run"))
        life.take("a day later", desk.later(24 * 60))
        _bad_files(desk, life)
        life.written["messages"] = "\n".join(told)
        life.written["store"] = _stored(desk)
        life.written |= _pages(desk)
        for file in folder.rglob("*"):
            if file.is_file() and file.parent == folder and not file.name.startswith("s"):
                life.written[file.name] = file.read_text(encoding="utf-8", errors="replace")
    life.written["uncaught"] = _uncaught(folder)
    return life


def _alerts(desk: Desk, url: str) -> None:
    host = url.removeprefix("http://")
    hear = {"mail_at": "08:00", "at_once": True}
    desk.more = {
        "alerts": {
            "accounting": {"language": "ru", "zone": "Europe/Moscow", **hear},
            "sales": {"language": "ja", **hear},
            "sysadmin": {**hear},
            "ping": {"every": 0, "fail": True},
        }
    }
    desk.configure()
    for owner, target in (
        ("accounting", f"json://u:{SECRETS[8]}@{host}/{SECRETS[9]}"),
        ("sales", f"json://{host}/{SECRETS[10]}"),
        ("sysadmin", f"json://{host}/{SECRETS[11]} json://u:{SECRETS[12]}@127.0.0.1:9/x"),
        ("ping", f"{url}/{SECRETS[13]}"),
    ):
        desk.secret("alerts", target, name=owner)
    for side in ("books", "crm"):
        getattr(desk.world.sides, side).token = SECRETS[14]
        desk.secret(side, SECRETS[14])


def _records(desk: Desk) -> None:
    books = desk.world.books
    for n in range(CUSTOMERS):
        key = books.add_customer(
            NAMES[4 * n], email=EMAILS[3 * n], phone=PHONES[3 * n], tax_id=TAX_IDS[3 * n]
        )
        books.edit_customer(key, street=STREETS[n], bank=ACCOUNTS[2 * n])
        whose = {"organisation": NAMES[34]}
        invoice = books.post_invoice(key, "120.00", seller=NAMES[39 - n], **whose)
        books.pay(key, "50.00", allocations=[(invoice, "45.00")], **whose)


def _mapping(desk: Desk) -> None:
    """Literals that are somebody's."""
    text = (MAPPINGS / "memory_books.yaml").read_text(encoding="utf-8")
    text = text.replace(
        "  where: in_scope ", f"  where: in_scope and email != '{EMAILS[29]}' and phone != '0' "
    ).replace("email:    email | trim", f"email:    email | default {EMAILS[28]} | trim")
    text = text.replace("lookups:\n", f"lookups:\n  sellers: {{'{NAMES[1]}': '{NAMES[2]}'}}\n")
    desk.mapping("memory_books", text)


def _good_and_bad_days(desk: Desk, life: Life, moods: Sequence[str]) -> None:
    rude = desk.served
    assert isinstance(rude, Rude)
    books = desk.world.books
    for n, mood in enumerate((*moods, *(f"write {mood}" for mood in moods), "")):
        rude.mood = mood
        books.rename(str(1 + n % CUSTOMERS), NAMES[20 + n])
        books.post_invoice(str(1 + n % CUSTOMERS), "7.00", seller=NAMES[n])
        desk.clock.advance(20 * 60)
        life.take(f"run {mood}", desk.syncd(*(("-v",) if n % 2 else ()), "run", "--full"))
        if mood in ("page", "refusal"):
            life.take(f"plan {mood}", desk.syncd("plan"))
            life.take(f"setup {mood}", desk.syncd("connections", "setup", "crm"))
    for fault in ("refuse", "cut_after"):
        desk.world.fault("* /crm/*", fault, times=3, seconds=1)
        books.rename("1", f"{NAMES[5]} {fault}")
        life.take(fault, desk.later(120))
    desk.world.faults.planned.clear()
    life.take("status", desk.syncd("status"))


def _bad_records(desk: Desk) -> None:
    """Values in the wrong columns: each is a mapping error that knows the value."""
    books = desk.world.books
    for n, wrong in enumerate(
        (
            {"state": NAMES[30]},
            {"date": PHONES[29]},
            {"due": STREETS[19]},
            {"currency": EMAILS[27]},
            {"number": None},
        )
    ):
        books.edit_invoice(books.post_invoice(str(1 + n % CUSTOMERS), "9.00"), **wrong)
    desk.world.crm.create("account", {"name": NAMES[31]}, {})
    books.post_invoice(books.add_customer(NAMES[31], tax_id=TAX_IDS[29]), "5.00")


def _bad_files(desk: Desk, life: Life) -> None:
    """As a unit finds them: nobody is there who asked for a screen."""
    good = desk.config.read_text(encoding="utf-8")
    for url in (
        f"ftp://u:{SECRETS[1]}@crm.example.com/x?token={SECRETS[9]}",
        f"https://u:{SECRETS[2]}@crm.example.com",
        f"https://crm.example.com?token={SECRETS[10]}",
        f"https://crm.example.com/{quoted(EMAILS[0])}#{SECRETS[11]}",
    ):
        desk.configure(crm={"url": url})
        life.take("bad url", desk.syncd("-v", "run"))
    desk.config.write_text(good, encoding="utf-8")


def _stored(desk: Desk) -> str:
    """What is told on screens for everybody, and by alerts, comes from these."""
    store = open_store(desk.state)
    try:
        with store.reading() as tx:
            queries = (
                sa.select(problem.c.cause, problem.c.text, problem.c.owner),
                sa.select(run.c.note, run.c.progress),
                sa.select(connection.c.reason),
            )
            return "\n".join(str(row) for query in queries for row in tx.execute(query))
    finally:
        store.close()


def _pages(desk: Desk) -> dict[str, str]:
    """What whoever asks the daemon over HTTP is told, after all that; nobody has to sign in."""
    store, pair = open_store(desk.state), Watched("main", IN_BOOKS)
    try:
        found = pages(
            store,
            desk.clock,
            lambda: [pair],
            alive=lambda: None,
            next_run=lambda _pair: desk.clock.utc(),
            budgets={"crm": 1000},
        )
        return {path: page().body.decode() for path, page in found.items()}
    finally:
        store.close()


CHILD = """
import json, logging, pathlib, sys, threading, warnings
import sqlalchemy as sa, structlog
from syncd import __main__, telemetry
from syncd.app import App
from syncd.store.engine import open_store
from syncd.store.tables import problem

values = json.loads(sys.stdin.read())
folder = pathlib.Path(sys.argv[1])

def breaks(*_args, **_names):
    log = logging.getLogger("apscheduler.executors.default")
    log.error('Job "%s" raised an exception', values[0], exc_info=ValueError(values[1]))
    log.warning("Retrying %(url)s after %(n)d", {"url": "https://h/?" + values[2], "n": 3})
    log.error("in one piece: " + " ".join(values))
    warnings.warn(values[3])
    own = structlog.get_logger()
    own.warning("a careless event", customer=values[4], token=values[5], body={"a": values[6]},
        phone=79991234567, path="/crm/account/" + values[7], host="u:" + values[8] + "@h",
        said=" ".join(values), pair="main", count=3)
    def thread():
        open_store(folder / "child.sqlite").engine.connect().execute(
            sa.insert(problem).values(text=" ".join(values), pair="main"))
    one = threading.Thread(target=thread)
    one.start()
    one.join()
    local = values
    raise KeyError(" ".join(values))

App.overview = breaks
sys.argv = ["syncd", "--config", str(folder / "syncd.yaml"), "status"]
__main__.main()
"""


def _uncaught(folder: Path) -> str:
    """A defect, in the process as it is started: nothing catches it."""
    rest = [sys.executable, "-c", CHILD, str(folder)]
    names = [value for value in ALL if value not in STREETS]
    done = subprocess.run(rest, input=json.dumps(names), capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    return done.stdout + done.stderr
