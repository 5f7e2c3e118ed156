"""Starts one syncd process per command by forking, so that a process to be killed costs no start.

    python -m tests.crash.child     reads a line of JSON per command, answers with one

    {"arguments": [...], "clock": FILE, "out": FILE, "pid_file": FILE, "kill": KILL or null,
     "environment": {NAME: VALUE}}
                        -> {"pid": 123}
    {"wait": 123}       -> {"code": 0}, or minus the signal that ended it

A process is the command line itself on a FileClock. KILL is [POINT, N]: where the engine passes
POINT (`*`: any) for the Nth time, it kills itself with SIGKILL; or [POINT, N, SINCE]: the count
begins where it passes SINCE for the first time.

Cards are worked out one a commit, so that a few of them are several commits.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from syncd import app, assembly, cycles, settings, telemetry
from syncd.__main__ import execute
from syncd.clock import SystemClock
from syncd.registry import CONNECTORS
from syncd.sync import derive
from tests import shipped
from tests.clocks import FileClock
from tests.engine.rig import Rig, one_of_each

CRASHED = 70
LOADED_LATE = [
    *(f"syncd.cli.{name}" for name in ("admin", "daemon", "look", "operate", "run", "status")),
    *(f"connectors.{module}" for module, _ in CONNECTORS.values()),
    *("alembic.command", "alembic.runtime.migration", "sqlalchemy.dialects.sqlite"),
    *("syncd.telemetry", "syncd.daemon.service", "rich"),
]


def killing(point: str, nth: int, since: str | None = None) -> Callable[[str], None]:
    passed, counts = 0, since is None

    def checkpoint(name: str) -> None:
        nonlocal passed, counts
        counts = counts or name == since
        passed += counts and point in ("*", name)
        if passed == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return checkpoint


def become_syncd(command: dict[str, Any]) -> int:
    Path(command["pid_file"]).write_text(str(os.getpid()))
    out = os.open(command["out"], os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(out, stream)
    derive.BATCH = 1
    os.environ.update(command["environment"])
    if command["kill"]:
        checkpoint = killing(*command["kill"])
        app.build = functools.partial(app.App, checkpoint=checkpoint)
        cycles.Cycles = functools.partial(cycles.Cycles, checkpoint=checkpoint)
    return execute(command["arguments"], FileClock(Path(command["clock"])))


_SEEN: set[str] = set()


def compile_before(config: Path) -> None:
    """The mappings of its pair, for all processes to come whose connections are alike: everything
    of them but where they are."""
    content = yaml.load(config.read_text(encoding="utf-8"), yaml.CSafeLoader)
    alike = json.dumps([{**one, "url": ""} for one in content["connections"].values()])
    if alike not in _SEEN:
        _SEEN.add(alike)
        app.build(settings.load(config), SystemClock()).mappings("main")
        gc.freeze()  # no process looks through what it shares with the others, nor copies it


def start(command: dict[str, Any]) -> int:
    compile_before(Path(command["arguments"][1]))
    pid = os.fork()
    if pid:
        return pid
    code = CRASHED
    # Whoever starts the tests in the background has it ignored, and so would this.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code = become_syncd(command)
    except BaseException:  # whatever it is, the child must not go on as its parent
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def warm_up() -> None:
    """What a process works out when it first does something, is worked out before the fork."""
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder))
        rig.set_up()
        one_of_each(rig)
        rig.run()
        rig.pair.store.close()


def main() -> None:
    for name in LOADED_LATE:
        import_module(name)
    assembly.load_books, assembly.load_crm = shipped.load_books, shipped.load_crm
    telemetry.set_up(verbose=False)  # standard output carries answers alone
    warm_up()
    for line in sys.stdin:
        command = json.loads(line)
        if "wait" in command:
            _, status = os.waitpid(command["wait"], 0)
            answer = {"code": os.waitstatus_to_exitcode(status)}
        else:
            answer = {"pid": start(command)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
