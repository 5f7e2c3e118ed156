"""Oracle NetSuite: SuiteQL and the REST record API of one account.

In a test, without a server:

    netsuite = NetSuite(lambda: NOW)            # aware, UTC; `size=300` for a large company
    hello = netsuite.hello("http://books")      # what to log in with: see `system`
    answer = netsuite.answer(Asked("POST", TOKEN, "", {"host": "books"}, form))
    netsuite.ledger.payment(customer, Decimal("10.00"))      # what a bookkeeper does

The header `host` of a request says under which address the client sees the sandbox. Behind HTTP:
`syncd.sandbox.serve.listen(Served(netsuite))`, as tests/third_party does.
"""

from __future__ import annotations

from pathlib import Path

from syncd.errors import UsageError
from syncd.sandbox.netsuite.system import NetSuite
from syncd.sandbox.port import Sandbox

__all__ = ["NetSuite", "make"]


def make(data: Path | None, seed: int, size: int | None) -> Sandbox:
    """UsageError: this sandbox takes no file."""
    if data is not None:
        raise UsageError("the NetSuite sandbox takes no --data; use --size, or operations below it")
    return NetSuite(seed=seed, size=size)
