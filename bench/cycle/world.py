"""Two systems in one small server on this machine: books that are read, a CRM that is written.

The books answer `GET /orders`, `/payments` and `/customers` with `skip`, `top` and
`modified_since` (the very moment is among it), in the order of the change; three records share a
second. The CRM takes `POST /crm/upsert`, a hundred records at most, each known by its
`external_id`. Everything that is asked or told is counted; `faults` make the CRM slow or unwell.

`python -m bench.cycle.world --port 18300` serves one. `POST /admin/touch?k=1000&content=1` changes
so many orders, with `content=0` only their time; `POST /admin/reset` empties the CRM (`?target=0`:
only the counts); `POST /admin/config?latency_ms=20` sets faults; `GET /stats` tells the counts.
"""

from __future__ import annotations

import argparse
import bisect
import datetime as dt
import json
import random
import threading
import time
import uuid
import zlib
from collections import Counter
from dataclasses import dataclass, field, fields
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

BEGIN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SAME_SECOND = 3
MOST = 100
STATES = ("Draft", "Posted", "PartiallyPaid", "Paid", "Shipped", "Cancelled")
WAYS = ("bank", "card", "cash")
NAMES = ("ООО «Прибой»", "株式会社みどり", "Grünwald & Töchter", "Øresund Handel")

_encode = msgspec.json.Encoder(decimal_format="number").encode


def moment(seconds: int) -> str:
    return (BEGIN + dt.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def key_of(kind: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {number}"))


def record_of(kind: str, number: int, customers: int, changed: str, edits: int) -> dict[str, Any]:
    """The same for the same arguments."""
    whose = key_of("customers", number % customers)
    amount = Decimal(number * 6151 % 9_000_000 + 101 + edits) / 100
    base = {"Ref_Key": key_of(kind, number), "ModifiedAt": changed, "DeletionMark": False}
    if kind == "customers":
        return base | {
            "Code": f"K{number:07}",
            "Name": f"{NAMES[number % len(NAMES)]} {number}",
            "TaxId": f"AT{number:09}",
            "Email": f"Desk{number}@Example.com",
            "Phone": f"+43 1 {number:07}",
            "CreditLimit": Decimal(number % 500) * 50 + edits,
        }
    about = {
        "Number": f"{kind[:2].upper()}-{number:07}",
        "Date": moment(number // SAME_SECOND),
        "Customer_Key": whose,
        "Currency": "EUR",
        "Amount": amount,
    }
    if kind == "payments":
        method = WAYS[number % len(WAYS)]
        return base | about | {"Order_Key": key_of("orders", number), "Method": method}
    return (
        base
        | about
        | {
            "Status": STATES[(number + edits) % len(STATES)],
            "TaxAmount": (amount / 6).quantize(Decimal("0.01")),
            "PaidAmount": amount if number % 3 == 0 else Decimal(0),
            "Comment": f"Ramp {number % 19} — call before delivery of {number}",
        }
    )


class Ledger:
    """Records of one kind by the time of their last change; they are encoded once."""

    def __init__(self, kind: str, count: int, customers: int) -> None:
        self.kind, self.customers, self.clock = kind, customers, count // SAME_SECOND
        self.edits: Counter[int] = Counter()
        self.calls = self.sent = 0
        self.changed = [moment(number // SAME_SECOND) for number in range(count)]
        self.numbers = list(range(count))
        self.bodies = [self._body(n, at) for n, at in zip(self.numbers, self.changed, strict=True)]

    def _body(self, number: int, at: str) -> bytes:
        return _encode(record_of(self.kind, number, self.customers, at, self.edits[number]))

    def page(self, since: str, skip: int, top: int) -> bytes:
        first = bisect.bisect_left(self.changed, since) if since else 0
        total = len(self.changed) - first
        some = self.bodies[first + skip : first + skip + top]
        self.calls += 1
        self.sent += len(some)
        more = b""
        if skip + top < total:
            more = f',"nextLink":"/{self.kind}?skip={skip + top}&top={top}"'.encode()
        return b'{"value":[' + b",".join(some) + b'],"count":%d' % total + more + b"}"

    def one(self, key: str) -> bytes | None:
        for number, body in zip(self.numbers, self.bodies, strict=True):
            if key_of(self.kind, number) == key:
                return body
        return None

    def touch(self, count: int, content: bool, seed: int) -> int:
        """So many records move to the end, changed or only saved again."""
        picked = set(random.Random(seed).sample(self.numbers, min(count, len(self.numbers))))
        self.clock += 3600
        stay = [at for at, number in enumerate(self.numbers) if number not in picked]
        rows = [(self.changed[at], self.numbers[at], self.bodies[at]) for at in stay]
        for place, number in enumerate(sorted(picked)):
            self.edits[number] += content
            at = moment(self.clock + place // SAME_SECOND)
            rows.append((at, number, self._body(number, at)))
        self.clock += len(picked) // SAME_SECOND
        self.changed, self.numbers, self.bodies = map(list, zip(*rows, strict=True))
        return len(picked)


@dataclass
class Faults:
    """`latency_ms` of each call to the CRM; `rate` calls in a second, of which `burst` at once (0:
    any number); shares of calls that are answered 503 without being carried out (`p5xx`), and
    carried out without an answer (`pdrop`)."""

    latency_ms: float = 0
    rate: float = 0
    burst: float = 1
    p5xx: float = 0
    pdrop: float = 0
    seed: float = 1


@dataclass
class Crm:
    """What was written, as a hash by external id, and how."""

    records: dict[str, int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    tokens: float = 1
    filled: float = 0

    def upsert(self, body: bytes) -> bytes | None:
        records = msgspec.json.decode(body)["records"]
        if len(records) > MOST:
            return None
        results = []
        for one in records:
            key, shown = one["external_id"], hash(_encode(one))
            before = self.records.get(key)
            said = "unchanged" if before == shown else "updated"
            said = "created" if before is None else said
            self.records[key] = shown
            self.counts[said] += 1
            results.append({"external_id": key, "status": said})
        self.counts["records"] += len(records)
        return _encode({"results": results})


class World:
    def __init__(self, orders: int, payments: int, customers: int) -> None:
        counts = {"orders": orders, "payments": payments, "customers": customers}
        self.ledgers = {kind: Ledger(kind, count, customers) for kind, count in counts.items()}
        self.crm, self.faults, self.alone = Crm(), Faults(), threading.Lock()
        self.came: Counter[bytes] = Counter()

    def reset(self, *, target: bool = True) -> None:
        self.crm = Crm() if target else Crm(self.crm.records)
        self.crm.tokens, self.crm.filled = self.faults.burst, time.monotonic()
        for one in self.ledgers.values():
            one.calls = one.sent = 0

    def configure(self, **faults: float) -> None:
        self.faults = Faults(**{**vars(self.faults), **faults})

    def stats(self) -> dict[str, Any]:
        names: tuple[str, ...] = ("calls", "records", "created", "updated", "unchanged", "rejected")
        names += ("http_429", "http_5xx", "dropped", "max_in_flight")
        target = {name: self.crm.counts[name] for name in names}
        target["distinct"] = len(self.crm.records)
        source = {k: {"calls": v.calls, "records": v.sent} for k, v in self.ledgers.items()}
        return {"source": source, "target": target, "cpu_s": time.process_time()}

    def written(self, body: bytes) -> tuple[int, bytes | None]:
        """Status and answer of one call to the CRM; None: it is cut off."""
        crm, faults = self.crm, self.faults
        with self.alone:
            crm.counts["calls"] += 1
            chance = self._chance(body)
            if faults.rate and not self._allowed():
                crm.counts["http_429"] += 1
                return 429, b'{"error": "too many requests"}'
            if chance.random() < faults.p5xx:
                crm.counts["http_5xx"] += 1
                return 503, b'{"error": "later"}'
            answer = crm.upsert(body)
            if answer is None:
                crm.counts["rejected"] += 1
                return 400, b'{"error": "too many records"}'
            if chance.random() < faults.pdrop:
                crm.counts["dropped"] += 1
                return 0, None
            crm.in_flight += 1
            crm.counts["max_in_flight"] = max(crm.counts["max_in_flight"], crm.in_flight)
        time.sleep(faults.latency_ms / 1000)
        with self.alone:
            crm.in_flight -= 1
        return 200, answer

    def _chance(self, body: bytes) -> random.Random:
        """What becomes of a call is drawn by what it carries and how often it came, so that it is
        the same in whatever order several calls arrive."""
        self.came[body] += 1
        return random.Random(f"{self.faults.seed} {self.came[body]} {zlib.crc32(body)}")

    def _allowed(self) -> bool:
        crm, now = self.crm, time.monotonic()
        crm.tokens = min(self.faults.burst, crm.tokens + (now - crm.filled) * self.faults.rate)
        crm.filled = now
        if crm.tokens < 1:
            return False
        crm.tokens -= 1
        return True


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: World

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        kind, _, key = parts.path[1:].partition("/")
        ledger = self.world.ledgers.get(kind)
        if ledger is not None and key:
            found = ledger.one(key)
            self._say(*((200, found) if found else (404, b'{"error": "not there"}')))
        elif ledger is not None:
            since, skip = query.get("modified_since", ""), int(query.get("skip", 0))
            self._say(200, ledger.page(since, skip, int(query.get("top", 1000))))
        elif parts.path == "/health":
            self._say(200, b'{"ok": true}')
        elif parts.path == "/stats":
            self._say(200, _encode(self.world.stats()))
        else:
            self._say(404, b'{"error": "no such address"}')

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        query = {name: float(values[0]) for name, values in parse_qs(parts.query).items()}
        if parts.path == "/crm/upsert":
            status, answer = self.world.written(body)
            if answer is None:
                self.close_connection = True
            else:
                self._say(status, answer)
        elif parts.path == "/admin/touch":
            orders = self.world.ledgers["orders"]
            content, seed = bool(query.get("content", 1)), int(query.get("seed", 7))
            self._say(200, b'{"touched": %d}' % orders.touch(int(query["k"]), content, seed))
        elif parts.path == "/admin/config":
            known = {one.name for one in fields(Faults)}
            self.world.configure(**{name: one for name, one in query.items() if name in known})
            self._say(200, _encode(vars(self.world.faults)))
        elif parts.path == "/admin/reset":
            self.world.reset(target=query.get("target", 1) == 1)
            self._say(200, b'{"ok": true}')
        else:
            self._say(404, b'{"error": "no such address"}')

    def _say(self, status: int, body: bytes) -> None:
        """In one piece: two would wait for each other's acknowledgement."""
        wait = "Retry-After: 1\r\n" if status == 429 else ""
        head = f"HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\n{wait}"
        self.wfile.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who goes away in the middle of an answer is nobody's concern."""


def serve(world: World, port: int = 0) -> Server:
    """A server that listens already; `serve_forever` answers."""
    handler = type("WorldHandler", (Handler,), {"world": world, "disable_nagle_algorithm": True})
    return Server(("127.0.0.1", port), handler)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cycle.world", description=__doc__)
    parser.add_argument("--port", type=int, default=18300)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--payments", type=int, default=30_000)
    parser.add_argument("--customers", type=int, default=20_000)
    given = parser.parse_args()
    server = serve(World(given.orders, given.payments, given.customers), given.port)
    print(json.dumps({"port": server.server_port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
