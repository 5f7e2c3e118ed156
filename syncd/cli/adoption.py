"""Whether a field that is there already is taken over as the link between card and customer."""

from __future__ import annotations

from collections.abc import Sequence

import click

from syncd.cli.asking import found, one_of, wrong
from syncd.cli.questions import NONE, Course, Reached
from syncd.domain import Canonical, Kind
from syncd.errors import MappingError, SyncdError
from syncd.guide import CustomField
from syncd.mapping import Inbound, load_books
from syncd.port import Record
from syncd.setup import adoption, choices
from syncd.setup.files import text_at, tree


def adopted(course: Course, books: Reached, crm: Reached) -> dict[str, str]:
    """Lines of the CRM's mapping; the connection is told too. Nothing is asked where no field could
    be, or where syncd's own has values already."""
    facts, told = crm.system.facts, crm.seen.discovery
    typed = tree(course.mapping_of(crm.mapping))
    taxes = adoption.tax_paths(typed, told.fields)
    fields = [one for one in told.fields if one.samples and one.path not in taxes]
    marked = choices.marked(text_at(typed, "customer.marker"), told)
    if not facts.adopts or facts.adopts in crm.system.options or marked or not fields:
        return {}
    click.echo("\nLinks that are there already")
    seen = {one.path: _looked_at(course, books, one, taxes, told.customers) for one in fields}
    known = [path for path, what in seen.items() if what and what.known]
    if not known:
        return {}
    sure = [path for path, what in seen.items() if what and what.sure]
    answers = [NONE, *known]
    default = sure[0] if sure else NONE
    path = course.asker.ask("crm.adopt", "Adopt as links", one_of(answers), default, known=answers)
    if path == NONE:
        return {}
    crm.system.options[facts.adopts] = path.rpartition(".")[2]
    return adoption.markers(typed, path)


def _looked_at(
    course: Course, books: Reached, field: CustomField, taxes: Sequence[str], cards: int | None
) -> adoption.Compared | None:
    """What was seen is told; None where the field cannot be adopted."""
    name = f"{field.path} (“{field.label}”)"
    found(f"{name} is filled on {field.filled} of {cards} cards")
    inbound = load_books(course.mapping_of(books.mapping), books.system.facts).inbound
    rule = inbound[Kind.CUSTOMER]
    try:
        keys = [one[field.path] for one in field.samples]
        customers = {one.key: _mapped(rule, one) for one in books.system.records(rule.read, keys)}
    except SyncdError as error:
        wrong(f"whether these are keys of the books cannot be seen: {error}")
        return None
    seen = adoption.compare(field, taxes, customers)
    found(f"  of {seen.looked} looked at, {seen.known} are the key of a customer of the books")
    if seen.both:
        found(f"  tax ids agree on {seen.agree} of the {seen.both} that both sides have")
    if seen.known and not field.unique:
        wrong(f"{name} is not unique in the CRM: make it so there, then begin here once more")
        return None
    return seen


def _mapped(rule: Inbound, record: Record) -> Canonical | None:
    try:
        return rule.unconditional(record)
    except MappingError:
        return None
