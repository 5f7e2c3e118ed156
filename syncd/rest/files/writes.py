"""The part `write` of a file: a table for each object that can be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncd.mapping.document import Listing, Table
from syncd.port import Op, Tier
from syncd.port import Target as Facts
from syncd.rest.files.calls import Calls
from syncd.rest.files.lines import Lines
from syncd.rest.files.pages import paging
from syncd.rest.files.reads import forms
from syncd.rest.listing import Listing as Rows
from syncd.rest.objects import Objects
from syncd.rest.target import Batch, CustomFields, NewId, Step, Target
from syncd.rest.words import Call, Path, Tree

LINES = (
    *("tier", "fields", "custom_fields", "fixed", "unique", "marker", "parents", "either"),
    *("create", "update", "whole", "remove", "by_id", "list", "find", "records", "paging"),
    *("object", "values", "flat", "made", "id", "new_id", "batch", "empty", "clear"),
)


def targets(
    lines: Lines, usual: Lines | None, calls: Calls, hidden: frozenset[str]
) -> Iterator[Target]:
    tables = {name: one.over(usual) for name, one in lines.each("write").items()}
    for name, one in tables.items():
        found = _target(name, one, calls, hidden, tuple(tables))
        if found is not None:
            yield found


def _target(
    name: str, lines: Lines, calls: Calls, hidden: frozenset[str], targets: tuple[str, ...]
) -> Target | None:
    lines.only(LINES)
    required, either = (_parents(lines, word, targets) for word in ("parents", "either"))
    if len(either) == 1:
        lines.problems.add(lines.place("either"), "either names several; a single one is a parent")
    parents = {**required, **either}
    above = ("target", *(f"parent.{word}" for word in parents))
    tier = lines.choice("tier", tuple(Tier), required=True)
    fields = forms(lines, "fields", calls.wire)
    made = lines.flag("made", True)
    flat = lines.flag("flat", False)
    if not fields and lines.entry("custom_fields") is None:
        lines.problems.add(lines.place("fields"), f"{lines.what} has no fields")
    names = dict.fromkeys(path if flat else path.partition(".")[0] for path in fields)
    of_one = (*above, "marker", "fields", *(f"fields.{name}" for name in names), "parents")
    create = _write(lines, "create", calls, of_one, required=made, also=("then",))
    update = _write(lines, "update", calls, (*of_one, "id"), also=("then",))
    then = {
        op: _then(lines, op, calls, (*of_one, "id"), tuple(fields)) for op in (Op.CREATE, Op.UPDATE)
    }
    remove = _write(lines, "remove", calls, (*above, "marker", "id"))
    lines.entry("by_id", required=True)
    single = calls.of(lines, "by_id", (*above, "id"), write=False)
    listing = _listing(lines, calls, hidden, above)
    words = (*above, "size", "field", "value", *(listing.paging.told if listing else ()))
    find = calls.of(lines, "find", words, write=False)
    custom = _custom(lines, calls)
    known = set(fields)
    marker = _one_of(lines, "marker", known)
    unique = _one_of(lines, "unique", known)
    for one in ("marker", "unique"):
        form = fields.get(lines.text(one) or "")
        if form is not None and form.declared != "text":
            lines.problems.add(lines.place(one), f"{one} is a text that is looked for")
    fixed = lines.texts("fixed")
    for path in set(fixed) - known:
        lines.problems.unknown(lines.place("fixed"), "field", path, known)
    if listing is None and (find is not None or unique or (made and tier in ("T2", "T3"))):
        needs = "find looks through its records" if find else "a marker is looked for in it"
        lines.problems.add(lines.table.place, f"{lines.what} has no list, and {needs}")
    if tier is not None and tier != "T4" and marker is None and made:
        lines.problems.add(lines.table.place, f"{lines.what} is {tier}, and has no marker")
    id = lines.path("id") or ("id",)
    object = lines.path("object") or ()
    batch = _batch(lines, calls, of_one)
    if tier is None or single is None or (create is None and made):
        return None
    listable = listing is not None and not any(
        word.startswith("parent.") for word in listing.call.words()
    )
    facts = Facts(
        Tier(tier),
        {
            **{path: form.declared for path, form in fields.items()},
            **({f"{custom.prefix}.*": "text"} if custom else {}),
        },
        tuple(required),
        batch[1] if batch else 1,
        frozenset(fixed),
        remove is not None,
        unique,
        listable,
        made=made,
        either=tuple(either),
    )
    objects = Objects(
        fields,
        marker,
        object,
        lines.path("values") or (),
        id,
        flat,
        lines.values("empty"),
        next(iter(lines.values("clear")), None),
        custom.prefix if custom else None,
    )
    return Target(
        facts,
        name,
        objects,
        create,
        update,
        remove,
        single,
        listing,
        find,
        parents,
        lines.flag("whole", False),
        _new_id(lines, (*object, *id)),
        batch[0] if batch else None,
        custom,
        then,
    )


def _write(
    lines: Lines,
    name: str,
    calls: Calls,
    words: tuple[str, ...],
    *,
    required: bool = False,
    also: tuple[str, ...] = (),
) -> Call | None:
    lines.entry(name, required=required)
    return calls.of(lines, name, words, write=True, also=also)


def _then(
    lines: Lines, op: Op, calls: Calls, words: tuple[str, ...], fields: tuple[str, ...]
) -> tuple[Step, ...]:
    """The calls under `then` of a create or an update, in their order."""
    entry = lines.entry(op)
    inner = lines.inner(op) if entry and isinstance(entry.value, Table) else None
    steps = inner.entry("then") if inner else None
    if inner is None or steps is None:
        return ()
    if not isinstance(steps.value, Listing):
        lines.problems.add(steps.value.place, "then is a list of calls, one after the other")
        return ()
    found = []
    for node in steps.value.items:
        one = inner.lines(node, f"{inner.what} then")
        call = calls.table(one, words, write=True, also=("needs", "when")) if one else None
        if one is None or call is None:
            continue
        needs, when = one.texts("needs"), one.inner("when")
        asked = {name: when.text(name) or "" for name in when.table.entries} if when else {}
        for name in {*needs, *asked} - {*fields}:
            lines.problems.unknown(one.table.place, "field", name, fields)
        found.append(Step(call, needs, asked))
    return tuple(found)


def _one_of(lines: Lines, name: str, known: set[str]) -> str | None:
    found = lines.text(name)
    if found is not None and found not in known:
        lines.problems.unknown(lines.place(name), "field", found, known)
    return found


def _parents(lines: Lines, name: str, targets: tuple[str, ...]) -> Mapping[str, Path]:
    """A list of targets, or a table with the path in the object where the id of each belongs."""
    entry = lines.entry(name)
    if entry is None:
        return {}
    if isinstance(entry.value, Table):
        inner = lines.inner(name)
        assert inner is not None
        found = {word: inner.path(word) or () for word in entry.value.entries}
    else:
        found = dict.fromkeys(lines.texts(name), ())
    for word in found:
        if word not in targets:
            lines.problems.unknown(entry.value.place, "target", word, targets)
    return found


def _listing(
    lines: Lines, calls: Calls, hidden: frozenset[str], above: tuple[str, ...]
) -> Rows | None:
    pages = paging(lines, hidden)
    call = calls.of(lines, "list", (*above, "size", *pages.told), write=False)
    if call is None:
        return None
    return Rows(call, lines.path("records") or (), lines.path("id") or ("id",), pages)


def _new_id(lines: Lines, usual: Path) -> NewId:
    entry = lines.entry("new_id")
    if entry is None:
        return NewId(usual)
    if not isinstance(entry.value, Table):
        return NewId(lines.path("new_id") or ())
    inner = lines.inner("new_id")
    assert inner is not None
    inner.only(("header",))
    return NewId((), (inner.text("header", required=True) or "location").lower())


def _batch(lines: Lines, calls: Calls, words: tuple[str, ...]) -> tuple[Batch, int] | None:
    inner = lines.inner("batch")
    if inner is None:
        return None
    ops = ("create", "update", "remove")
    also = (*ops, "size", "results")
    call = calls.table(inner, ("target", "items"), write=True, also=also)
    size = inner.number("size", least=2)
    inner.entry("size", required=True)
    items: dict[Op, Tree] = {}
    for op in ops:
        entry = inner.entry(op)
        if entry is not None:
            items[Op(op)] = calls.tree(inner, entry.value, (*words, "id"))
    if not items:
        inner.problems.add(inner.table.place, "batch has no create, update or remove: an item")
    if call is None or size is None:
        return None
    return Batch(call, items, inner.path("results") or ()), size


def _custom(lines: Lines, calls: Calls) -> CustomFields | None:
    inner = lines.inner("custom_fields")
    if inner is None:
        return None
    inner.only(("prefix", "known", "records", "name", "create"))
    prefix = inner.text("prefix", required=True)
    return CustomFields(
        prefix or "",
        calls.of(inner, "known", ("target",), write=False),
        inner.path("records") or (),
        inner.path("name") or (),
        calls.of(inner, "create", ("target", "path", "name", "type", "label"), write=True),
    )
