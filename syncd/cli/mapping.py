"""For the admin: what a mapping file says, before it is used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli.common import counted, json_option, open_app, pair_option, put, show_json
from syncd.domain import Kind
from syncd.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from syncd.preview.changed import Due


@click.group()
def mapping() -> None:
    """Mapping files: a system's records and syncd's words for them."""


@mapping.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Ask the systems too whether they have these fields.")
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...], live: bool) -> None:
    """Every mistake and failing example of mapping files (default: those the configuration
    uses, each with the other side's), all at once."""
    from syncd.mapping_files import check_file

    if files and live:
        raise UsageError("--live is for the mappings that the configuration uses; name no files")
    problems: list[str] = []
    app = None if files else open_app(context)
    used = app.mapping_files() if app else dict.fromkeys(files)
    for file, given in used.items():
        if not file.is_file():
            raise UsageError(f"{file}: there is no such file")
        try:
            folder = app.connectors if app else None
            click.echo(f"{file}: {check_file(file, given, folder)}")
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*problems)
    if app and live:
        if unknown := app.unknown_names():
            raise ConfigError(*unknown)
        for name, describes in app.describing().items():
            told = (
                "has every field that is named" if describes else "cannot say which fields it has"
            )
            click.echo(f"{name}: the system {told}")
    for name, some in app.changed().items() if app else ():
        _show_changed(name, some)


def _scoped(some: Sequence[Due]) -> bool:
    return any(one.scope for one in some)


def _show_changed(pair: str, some: Sequence[Due]) -> None:
    what = "the mapping, or what is read of the books," if _scoped(some) else "the mapping"
    click.echo(f"\npair {pair}: {what} is another than its mirror was mapped with")
    again = [f"{one.kind} ({one.records})" for one in some if not one.unread]
    if again:
        click.echo(f"  from the mirror, without a call: {', '.join(again)}")
    for one in some:
        if one.unread:
            because = f"reads {', '.join(one.unread)}, which the mirror does not hold"
            if one.scope:
                because = "is of another part of the books than before"
            click.echo(
                f"  {one.kind} {because}: all are read again, about "
                f"{counted(one.pages, 'page')} ({one.records} records)"
            )
    click.echo("  what would be written by that alone: syncd plan --from-mirror --rows")


@mapping.command()
@click.argument("kind", type=click.Choice([str(kind) for kind in Kind]), default="customer")
@click.argument("keys", nargs=-1)
@pair_option
@click.option("--last", type=click.IntRange(min=1), help="The so many newest; default 3.")
@click.option(
    "--saved",
    type=click.Path(path_type=Path),
    help="Raw records out of a JSON or YAML file, instead of the mirror's.",
)
@click.option("--live", is_flag=True, help="As the system has them now: one read.")
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="An edited mapping, or one of each side: before and after, here and in the whole mirror.",
)
@json_option
@click.pass_context
def preview(
    context: click.Context,
    kind: str,
    keys: tuple[str, ...],
    pair: str | None,
    last: int | None,
    saved: Path | None,
    live: bool,
    files: tuple[Path, ...],
    as_json: bool,
) -> None:
    """A few records through the mapping: raw value, rule, syncd's value, field of the card. KEY as
    people have it; without one the newest. Writes nothing, and asks no system without --live."""
    from syncd.cli.traces import as_plain, show_preview
    from syncd.preview.saved import saved as read_saved

    chosen = [word for word, given in (("KEY", keys), ("--last", last)) if given]
    if saved and (chosen or live):
        raise UsageError(f"--saved brings its own records; leave out {(chosen or ['--live'])[0]}")
    if len(chosen) > 1:
        raise UsageError("name records by KEY, or the newest by --last, not both")
    for file in files:
        if not file.is_file():
            raise UsageError(f"{file}: there is no such file")
    found = open_app(context).preview(
        pair,
        Kind(kind),
        keys,
        last=last or 3,
        files=files,
        saved=read_saved(saved) if saved else None,
        live=live,
    )
    show_json(as_plain(found)) if as_json else show_preview(found)


@mapping.command()
@click.argument("files", nargs=-1, metavar="[BOOKS CRM]", type=click.Path(path_type=Path))
@pair_option
@click.option("--out", type=click.Path(path_type=Path), help="Write it to this file.")
@click.pass_context
def explain(
    context: click.Context, files: tuple[Path, ...], pair: str | None, out: Path | None
) -> None:
    """What syncd writes where, and who wins: a page made out of the mappings of a pair, or of two
    mapping files."""
    from syncd import registry
    from syncd.mapping import load_books, load_crm
    from syncd.mapping_files import system_of
    from syncd.preview.written import page

    if len(files) not in (0, 2):
        raise UsageError("name two mapping files, first that of the books; or none")
    folders = [registry.beside(file) for file in files]
    if not files:
        app = open_app(context)
        one = app.pair_settings(pair)
        names = (one.books_mapping, one.crm_mapping)
        files = tuple(app.mapping_file(name, one.where) for name in names)
        folders = [app.connectors, app.connectors]
    books, crm = (
        registry.facts(system_of(file, folder), folder)
        for file, folder in zip(files, folders, strict=True)
    )
    text = page(load_books(files[0], books), load_crm(files[1], crm), books, crm)
    put(text, out)


@mapping.command()
@click.argument("system")
@pair_option
@click.option("--out", type=click.Path(path_type=Path), help="Write it to this file.")
@click.pass_context
def schema(context: click.Context, system: str, pair: str | None, out: Path | None) -> None:
    """A JSON Schema of mapping files, for completion in editors. SYSTEM is books or crm, as the
    pair has it, or the name of a system."""
    import json

    from syncd import registry
    from syncd.mapping.document import suggestion
    from syncd.preview.schema import schema as made

    folder = None
    if system in ("books", "crm"):
        app = open_app(context)
        one, folder = app.pair_settings(pair), app.connectors
        system = (one.books if system == "books" else one.crm).system
    if system not in registry.systems(folder):
        near = suggestion(system, ["books", "crm", *registry.CONNECTORS])
        raise UsageError(f"unknown system {system}{near}")
    put(json.dumps(made(registry.facts(system, folder)), ensure_ascii=False, indent=2) + "\n", out)
