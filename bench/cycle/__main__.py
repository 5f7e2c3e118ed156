"""`python -m bench.cycle`: syncd's whole cycle beside a bare script that does the same work.

Both get a world of their own size and turns, so that a machine that is busy is busy for both. CPU
seconds are those of the whole process, its start included; the ratio is what can be compared.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).resolve().parent
SCENARIOS = ("initial", "idle", "changed", "saved again")
ROOT = str(HERE.parents[1])
STARTS = 15
"""Starts of each command that only looks."""
BARE = {name: one for name, one in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
TOOLS = {"bare": HERE / "bare.py", "syncd": HERE / "command.py"}


@dataclass(frozen=True)
class Spent:
    """CPU and wall in seconds, `rss` in MB, and what the world counted."""

    cpu: float
    wall: float
    rss: float
    pages: int
    posts: int
    records: int


def ask(base: str, path: str, *, post: bool = False) -> Any:
    request = urllib.request.Request(base + path, data=b"" if post else None)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def spent(command: list[str], output: IO[bytes], **more: str) -> tuple[float, float]:
    """CPU seconds and MB. CalledProcessError where it fails."""
    process = subprocess.Popen(command, env={**BARE, **more}, stdout=output)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def run(tool: str, base: str, folder: Path, page: int) -> Spent:
    """One cycle from a cold start. CalledProcessError where it fails."""
    ask(base, "/admin/reset?target=0", post=True)
    bench = {"BENCH_BASE": base, "BENCH_STATE": str(folder), "BENCH_PAGE": str(page)}
    began = time.monotonic()
    with (folder / "output").open("ab") as output:
        cpu, rss = spent([sys.executable, str(TOOLS[tool])], output, **bench)
    wall, counted = time.monotonic() - began, ask(base, "/stats")
    return Spent(
        cpu,
        wall,
        rss,
        sum(one["calls"] for one in counted["source"].values()),
        counted["target"]["calls"],
        counted["target"]["records"],
    )


def turn(tool: str, base: str, given: argparse.Namespace, seed: int) -> dict[str, Spent]:
    """Every scenario, on an empty CRM and an empty folder."""
    found = {}
    ask(base, "/admin/reset", post=True)
    ask(base, f"/admin/config?latency_ms={given.latency}", post=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for scenario in SCENARIOS:
            if scenario in ("changed", "saved again"):
                content = int(scenario == "changed")
                ask(base, f"/admin/touch?k={given.k}&content={content}&seed={seed}", post=True)
            found[scenario] = run(tool, base, Path(folder), given.page)
        if tool == "syncd" and seed == given.runs - 1:
            print(f"\n{starts(Path(folder))}")
    return found


def starts(folder: Path) -> str:
    """What commands that only look cost, in turns with the library they are made with. The first
    `status` leaves the snapshot that the others go by."""
    syncd = [sys.executable, "-m", "syncd", "--config", str(folder / "syncd.yaml")]
    click = "import click"
    commands = {click: [sys.executable, "-c", click]}
    commands |= {f"syncd {word}": [*syncd, word] for word in ("--help", "status")}
    cpu: dict[str, list[float]] = {name: [] for name in commands}
    with (folder / "output").open("ab") as output:
        for turn in range(STARTS + 1):
            for name, command in commands.items():
                one, _ = spent(command, output, PYTHONPATH=ROOT, XDG_CACHE_HOME=str(folder))
                cpu[name] += [one] if turn else []
    base = statistics.median(cpu[click])
    lines = ["| | CPU ms, median (min-max) | to import click |", "|---|---|---|"]
    for name, some in cpu.items():
        middle = statistics.median(some)
        range_ = f"{middle * 1000:.0f} ({min(some) * 1000:.0f}-{max(some) * 1000:.0f})"
        lines.append(f"| {name} | {range_} | {middle / base:.2f} |")
    return "\n".join(lines)


def table(found: dict[tuple[str, str], list[Spent]]) -> str:
    head = "| | | CPU s, median (min-max) | to bare | wall s | RSS MB | pages | posts | records |"
    lines = [head, "|---|---|---|---|---|---|---|---|---|"]
    for scenario in SCENARIOS:
        bare = statistics.median(one.cpu for one in found[scenario, "bare"])
        for tool in TOOLS:
            runs = found[scenario, tool]
            cpu = [one.cpu for one in runs]
            middle, last = statistics.median(cpu), runs[-1]
            wall = statistics.median(one.wall for one in runs)
            said = (
                f"{middle:.2f} ({min(cpu):.2f}-{max(cpu):.2f}) | {middle / bare:.2f} | {wall:.2f}"
            )
            counts = f"{max(one.rss for one in runs):.0f} | {last.pages} | {last.posts}"
            lines.append(f"| {scenario} | {tool} | {said} | {counts} | {last.records} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cycle", description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="orders; payments are 3 in 10")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--page", type=int, default=1000)
    parser.add_argument("--k", type=int, help="orders that change; a tenth, 1000 at most")
    parser.add_argument("--latency", type=float, default=0, help="of the CRM, in ms")
    parser.add_argument("--command", action="store_true", help="how one cycle of syncd is run")
    given = parser.parse_args()
    given.k = given.k or min(1000, given.size // 10)
    if given.command:
        print(shlex.join([sys.executable, str(TOOLS["syncd"])]))
        return
    sizes = {"orders": given.size, "payments": given.size * 3 // 10, "customers": given.size // 5}
    options = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    serve = [sys.executable, "-m", "bench.cycle.world", "--port", "0", *options]
    world = subprocess.Popen(serve, stdout=subprocess.PIPE, cwd=HERE.parents[1])
    assert world.stdout is not None
    try:
        base = f"http://127.0.0.1:{json.loads(world.stdout.readline())['port']}"
        found: dict[tuple[str, str], list[Spent]] = defaultdict(list)
        for seed in range(given.runs):
            for tool in TOOLS:
                for scenario, spent in turn(tool, base, given, seed).items():
                    found[scenario, tool].append(spent)
                    print(f"run {seed + 1} {tool} {scenario}: {spent.cpu:.2f} s CPU", flush=True)
    finally:
        world.terminate()
        world.wait()
    print(f"\n{sizes}, {given.runs} runs, page {given.page}, k = {given.k}\n\n{table(found)}")


if __name__ == "__main__":
    main()
