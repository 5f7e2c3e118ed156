"""Tryton behind waitress (which keeps connections open), with a log of the calls it got.

usage: tryton_serve.py CONFIG PORT CALLS     one line per call in CALLS: database, method
"""

# mypy: ignore-errors
# runs in Tryton's own interpreter, whose packages are not installed beside the tests

import io
import json
import os
import sys
import threading

os.environ["TRYTOND_CONFIG"] = sys.argv[1]
os.environ.setdefault("TRYTOND_DATABASE_NAMES", "")

from trytond import config
from trytond.application import app  # reads the environment when imported
from trytond.pool import Pool
from trytond.transaction import Transaction
from waitress import serve

# Tryton starts a transaction again for each row or table it finds it must lock first. On SQLite,
# which has one writer at a time, the locks are empty and only cost a third of the time of posting.
Transaction.lock_table = Transaction.lock_records = lambda *_: None

calls = os.open(sys.argv[3], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
loading = threading.Lock()


def logged(environ, start_response):
    """One `write` per line: lines of several threads stay whole."""
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    database = environ["PATH_INFO"].split("/")[1]
    load(database)
    try:
        method = json.loads(body)["method"]
    except (ValueError, KeyError, TypeError):
        method = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
    os.write(calls, f"{database} {method}\n".encode())
    return app(environ, start_response)


def load(database):
    """A log-in is refused for a database that was not there when the server was started, until its
    modules are loaded: a fresh copy would need another call first."""
    with loading:
        known = database in Pool.database_list()
        file = os.path.join(config.get("database", "path"), f"{database}.sqlite")
        if not known and os.path.exists(file):
            with Transaction().start(database, 0, readonly=True):
                Pool(database).init()


serve(logged, listen=f"127.0.0.1:{sys.argv[2]}", threads=4)
