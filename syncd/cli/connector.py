"""For whoever writes a connector file: what it asks, and what comes back."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli.common import STOPPED, counted, open_app, plain, put
from syncd.errors import UsageError
from syncd.port import UNREADABLE, All, Facts, Keys, Read, Record, Request, Response, Scope, Since
from syncd.redaction import patterns

SHOWN = 3
LONGEST = 500
"""Characters of an answer that is an error."""
"""Records of a page."""

if TYPE_CHECKING:
    from syncd.rest.new.outline import Outline


@click.group()
def connector() -> None:
    """Connector files: how a system is spoken to, in YAML."""


@connector.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write it to this file.")
def schema(out: Path | None) -> None:
    """A JSON Schema of connector files, for completion in editors."""
    from syncd.table.files.schema import both as made

    put(json.dumps(made(), ensure_ascii=False, indent=2) + "\n", out)


@connector.command("new")
@click.argument("name")
@click.option("--books", "side", flag_value="books", help="It has the invoices.")
@click.option("--crm", "side", flag_value="crm", help="It has the cards and the deals.")
@click.option(
    "--openapi",
    type=click.Path(path_type=Path),
    help="The system's OpenAPI document, as JSON or YAML; without it you are asked.",
)
@click.option(
    "--list",
    "lists",
    multiple=True,
    help="KIND=/PATH in the document, where its name says nothing.",
)
@click.option(
    "--answer", "answers", multiple=True, help="QUESTION=TEXT, as an earlier course printed them."
)
@click.option("--yes", is_flag=True, help="Ask nobody: defaults stand for what is not answered.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Default: connectors/NAME.yaml beside the configuration.",
)
@click.pass_context
def new(
    context: click.Context,
    name: str,
    side: str | None,
    openapi: Path | None,
    lists: tuple[str, ...],
    answers: tuple[str, ...],
    yes: bool,
    out: Path | None,
) -> None:
    """A commented connector file to begin with, out of the system's OpenAPI document or of what
    you answer. Asks no system, and overwrites no file."""
    from syncd.cli import draft
    from syncd.cli.asking import Asker, one_of
    from syncd.rest.new.text import text_of

    draft.name_of(name)
    asker = Asker(_pairs(answers, "--answer"), yes)
    file = out or _beside(context) / f"{name}.yaml"
    if file.stem != name:
        raise UsageError(f"--out {file}: the file of {name} is called {name}.yaml")
    if file.exists():
        raise UsageError(f"{file} is there already; name another one by --out")
    if side is None:
        side = asker.ask("side", "is it the books or the CRM", one_of(("books", "crm")))
    crm = side == "crm"
    head = ["syncd", "connector", "new", name, f"--{side}", *(["--out", str(out)] if out else [])]
    if openapi is None:
        try:
            outline = draft.from_answers(name, asker, crm)
        except click.exceptions.Abort:
            click.echo("\nstopped; nothing was written. To go on from here:", err=True)
            click.echo(f"  {draft.again(head, asker)}", err=True)
            context.exit(STOPPED)
    else:
        outline = draft.from_document(name, openapi, crm, _pairs(lists, "--list"))
    file.parent.mkdir(parents=True, exist_ok=True)
    text = text_of(outline)
    put(text, file)
    if openapi is not None and not crm:
        text += _mapping(outline, file)
    kinds = [one.kind for one in outline.reads]
    written = [one.target for one in outline.writes]
    click.echo(f"reads {', '.join(kinds) or 'nothing'}; writes {', '.join(written) or 'nothing'}")
    marked = text.count("# CHECK: ")
    if marked:
        click.echo(
            f"{counted(marked, 'line')} marked CHECK: compare with the system's documentation"
        )
    if openapi is None:
        click.echo(f"the same once more: {draft.again(head, asker)} --yes")
    click.echo(f"next: syncd connector try {file} {kinds[0] if kinds else 'KIND'}")


def _mapping(outline: Outline, file: Path) -> str:
    """Beside the folder of connector files; one that is there stays."""
    from syncd.rest.new.mapping import mapping_of

    mapping = file.absolute().parent.parent / "mappings" / file.name
    if mapping.exists():
        click.echo(f"{mapping}: is there already, and stays")
        return ""
    mapping.parent.mkdir(parents=True, exist_ok=True)
    text = mapping_of(outline)
    put(text, mapping)
    return text


def _beside(context: click.Context) -> Path:
    from syncd import registry, settings

    config: Path | None = context.find_root().obj["config"]
    return (config or settings.Environment().config).absolute().parent / registry.FOLDER


def _pairs(given: tuple[str, ...], flag: str) -> dict[str, str]:
    found = {}
    for one in given:
        name, equal, text = one.partition("=")
        if not equal:
            raise UsageError(f"{flag} {one}: expected NAME=TEXT")
        found[name.strip()] = text.strip()
    return found


@connector.command("try")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("kind")
@click.option("--since", help="What changed since then, as 2026-11-18T12:00Z; default: everything.")
@click.option("--key", "keys", multiple=True, help="These records alone.")
@click.option("--send", is_flag=True, help="Ask the system; without it nothing is sent.")
@click.option("--connection", help="Whose url, settings and secrets; not needed if it is one.")
@click.option("--pages", type=click.IntRange(min=1), default=1, show_default=True, help="How many.")
@click.option(
    "--records",
    type=click.IntRange(min=0),
    default=SHOWN,
    show_default=True,
    help="How many of each page are shown; all are counted.",
)
@click.pass_context
def try_(
    context: click.Context,
    file: Path,
    kind: str,
    since: str | None,
    keys: tuple[str, ...],
    send: bool,
    connection: str | None,
    pages: int,
    records: int,
) -> None:
    """The requests for one kind of record; with --send also the records, page by page. Writes
    nothing. The credential is shown as ***."""
    from syncd import registry
    from syncd.rest.shown import first_of, lines_of, told
    from syncd.table.connector import TableConnector

    if not file.is_file():
        raise UsageError(f"{file}: there is no such file")
    if since and keys:
        raise UsageError("name records by --key, or what changed by --since, not both")
    facts = registry.declared(file)
    read = _read(facts, kind)
    scope = _scope(since, keys)
    if not send:
        made = registry.described(file, {name: f"<{name}>" for name in facts.needed}, str(file))
        for line in first_of(made, made.pull(read, scope)):
            click.echo(line)
        click.echo("nothing was sent; --send asks the system")
        return
    app = open_app(context)
    name = connection or app.connection_of(facts.system)

    def tell(request: Request, response: Response) -> None:
        for line in lines_of(request):
            click.echo(line)
        click.echo(f"  HTTP {response.status}, {counted(len(response.body), 'byte')}")
        if response.status >= 400:
            click.echo(f"  {_said(response)}")

    with app.connected(name, file) as side:
        if isinstance(side.connector, TableConnector):
            for line in side.ask(side.connector.look(read.kind)):
                click.echo(line)
        for number in range(1, pages + 1):
            page = side.ask(told(side.connector.pull(read, scope), tell))
            click.echo(f"page {number}: {counted(len(page.records), 'record')}")
            for record in page.records[:records]:
                stamp = f" of {record.stamp.isoformat()}" if record.stamp else ""
                click.echo(f"  {record.key}{stamp}: {_shown(record)}")
            if len(page.records) > records:
                click.echo(f"  and {len(page.records) - records:,} more: --records")
            if page.next is None:
                click.echo("that is the last page")
                return
            scope = _next(scope, page.next)
    click.echo("there are more pages: --pages")


def _said(response: Response) -> str:
    """The beginning of an answer that is an error, on one line: what may not stand in a log is
    needed by whoever writes the file."""
    text = " ".join(response.body[: 4 * LONGEST].decode("utf-8", "replace").split())
    return patterns("".join(one for one in text if one.isprintable()))[:LONGEST]


def _shown(record: Record) -> str:
    if UNREADABLE in record.data:
        return "cannot be read: {} {}".format(*record.data[UNREADABLE])
    return json.dumps(plain(record.data), ensure_ascii=False)


def _read(facts: Facts, kind: str) -> Read:
    for one, source in facts.sources.items():
        if one == kind:
            return Read(one, source.object, ())
    from syncd.mapping.document import suggestion

    raise UsageError(f"{facts.system} reads no {kind}{suggestion(kind, facts.sources)}")


def _scope(since: str | None, keys: tuple[str, ...]) -> Scope:
    if keys:
        return Keys(keys)
    if since is None:
        return All()
    try:
        moment = dt.datetime.fromisoformat(since)
    except ValueError:
        raise UsageError(f"--since {since}: expected a moment as 2026-11-18T12:00Z") from None
    return Since(moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC))


def _next(scope: Scope, position: str) -> Scope:
    return Since(scope.moment, position) if isinstance(scope, Since) else All(position)
