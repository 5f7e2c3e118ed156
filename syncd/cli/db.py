"""For whoever looks after the state: upgrades, backups, checks, its size, and what has had its
time."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import click

from syncd.cli.common import counted, json_option, open_app, show_json, table
from syncd.errors import ConfigError, UsageError


@click.group()
def db() -> None:
    """The state: one SQLite file with everything that syncd knows."""


@db.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done.")
@json_option
@click.pass_context
def upgrade(context: click.Context, dry_run: bool, as_json: bool) -> None:
    """Bring the state to this version's revision, after a copy of it. Any other command does the
    same when it first opens the state; this one says what it does."""
    from syncd.store.disk import told
    from syncd.store.engine import Store, needed
    from syncd.store.engine import upgrade as carry_out

    path = _state(context, existing=True)
    kept = None
    with told(path), contextlib.closing(Store(path)) as store:
        found = needed(store)
        if found.steps and not dry_run:
            kept = carry_out(store, found, _share("copying"))
    steps = [{"revision": number, "adds": adds} for number, adds in found.steps]
    if as_json:
        show_json({"found": found.found, "steps": steps, "done": not dry_run, "copy": kept})
        return
    if not steps:
        click.echo(f"{path}: revision {found.found} is this version's; nothing to do")
        return
    for step in steps:
        click.echo(f"{'would add' if dry_run else 'added'} {step['revision']}: {step['adds']}")
    if kept:
        click.echo(f"as it was before: {kept}")


@db.command()
@click.argument("target", required=False, metavar="[FILE|DIR]", type=click.Path(path_type=Path))
@click.option(
    "--keep", type=click.IntRange(min=1), metavar="N", help="Of the copies in DIR, the newest N."
)
@json_option
@click.pass_context
def backup(context: click.Context, target: Path | None, keep: int | None, as_json: bool) -> None:
    """Copy the state, consistent and checked, while syncd goes on working. Default: the folder
    backups beside it. Never replaces a file; readable by this user alone."""
    from syncd.store import copies
    from syncd.store.disk import megabytes

    path, now = _state(context, existing=True), context.find_root().obj["clock"].utc()
    target = target or path.parent / "backups"
    folder = target.is_dir() or not target.suffix
    if keep and not folder:
        raise UsageError(f"--keep {keep} is for a folder, and {target} is a file")
    open_app(context).store().close()  # of this version's revision from here on
    file = target / copies.name_of(path, now) if folder else target
    size = copies.copy(path, file, now, _share("copying"))
    dropped = copies.drop_older(path, target, keep) if keep else []
    if as_json:
        show_json({"file": file, "bytes": size, "dropped": dropped})
        return
    click.echo(f"{file}: {megabytes(size)}, checked")
    if dropped:
        click.echo(f"{counted(len(dropped), 'older copy').replace('copys', 'copies')} removed")
    click.echo(
        f"to bring it back: stop syncd, remove {path}-wal and {path}-shm, put it in place of "
        f"{path}; then: syncd plan"
    )


@db.command("check")
@json_option
@click.pass_context
def check_state(context: click.Context, as_json: bool) -> None:
    """The file itself, and what must hold in it whatever happened. Exit 1 if anything is wrong."""
    path = _state(context, existing=True)
    found = open_app(context).findings(_tell())
    if as_json:
        show_json(found)
    else:
        for one in found:
            click.echo(f"{one.where}: {one.what}\n  {one.do}")
        wrong = counted(len(found), "thing") + (" is" if len(found) == 1 else " are") + " wrong"
        click.echo(f"{path}: {wrong if found else 'in order'}")
    context.exit(1 if found else 0)


@db.command()
@json_option
@click.pass_context
def size(context: click.Context, as_json: bool) -> None:
    """Rows and bytes of each table, what has had its time, and the growth of a day."""
    from syncd.store.disk import megabytes

    _state(context, existing=True)
    found = open_app(context).size()
    if as_json:
        show_json(found)
        return
    rows = [["table", "rows", "size"]]
    for one in found.tables:
        if one.rows:
            bytes_ = "" if one.bytes is None else megabytes(one.bytes)
            rows.append([one.table, f"{one.rows:,}", bytes_])
    click.echo(table(rows, frozenset({1, 2})))
    click.echo(
        f"\n{found.file}: {megabytes(found.bytes)}, of it {megabytes(found.unused)} unused; "
        f"{megabytes(found.disk_free)} free on its disk"
    )
    gone = sum(found.goes.values())
    click.echo(f"had their time: {counted(gone, 'row')}, about {megabytes(found.goes_bytes)}")
    if found.daily is not None:
        click.echo(f"grows by about {megabytes(found.daily)} a day")
    if gone:
        click.echo("next: syncd db purge")


@db.command()
@click.option("--dry-run", is_flag=True, help="Count what would go, drop nothing.")
@click.option("--shrink", is_flag=True, help="Write the file anew; no pair may be at work.")
@json_option
@click.pass_context
def purge(context: click.Context, dry_run: bool, shrink: bool, as_json: bool) -> None:
    """Drop what has had its time (`retention` in the configuration). A run may be going on: it
    never waits for longer than one small batch takes."""
    from syncd.store import retention
    from syncd.store.disk import megabytes

    path = _state(context, existing=True)
    app, clock = open_app(context), context.find_root().obj["clock"]
    before = path.stat().st_size
    with contextlib.closing(app.store()) as store:
        if dry_run:
            rows, finished = retention.count(store, app.settings.retention, clock.utc()), True
        else:
            tell = _rows_progress()
            done = retention.purge(store, app.settings.retention, clock, tell=tell)
            rows, finished = done.rows, done.finished
            if shrink:
                retention.shrink(store)
    after = path.stat().st_size
    if as_json:
        show_json({"rows": rows, "before": before, "after": after, "dry_run": dry_run})
        return
    verb = "would go" if dry_run else "gone"
    for what, number in rows.items():
        if number:
            click.echo(f"{number:>9,} {what}")
    click.echo(f"{verb}: {counted(sum(rows.values()), 'row')}")
    if not dry_run and finished:
        click.echo(f"{path}: {megabytes(before)} before, {megabytes(after)} now")


def _state(context: click.Context, *, existing: bool) -> Path:
    path = open_app(context).settings.state
    if existing and not path.is_file():
        raise ConfigError(f"{path}: there is no state yet; the first run makes it: syncd run")
    return path


def _share(what: str) -> Callable[[int, int], None]:
    """On a terminal alone: a share that grows in place."""
    stream = sys.stderr

    def told(done: int, of: int) -> None:
        if stream.isatty():
            end = "\n" if done >= of else ""
            click.echo(f"\r{what}: {done * 100 // max(of, 1)} %{end}", err=True, nl=False)

    return told


def _rows_progress() -> Callable[[str, int], None]:
    stream = sys.stderr

    def told(what: str, rows: int) -> None:
        if stream.isatty():
            click.echo(f"\r{what}: {rows:,}", err=True, nl=False)

    return told


def _tell() -> Callable[[str], None]:
    terminal = sys.stderr.isatty()
    return lambda what: click.echo(what, err=True) if terminal else None
