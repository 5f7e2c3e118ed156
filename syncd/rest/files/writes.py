"""The part `write` of a file: a table for each object that can be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncd.mapping.document import Listing, Scalar, Table, is_off
from syncd.port import Op, Tier
from syncd.port import Target as Facts
from syncd.rest.files.calls import PARTS, Calls
from syncd.rest.files.custom import custom_fields
from syncd.rest.files.lines import Lines
from syncd.rest.files.pages import check_paging, paging, parts
from syncd.rest.files.reads import forms
from syncd.rest.files.states import states_of
from syncd.rest.listing import Listing as Rows
from syncd.rest.objects import Objects
from syncd.rest.target import Batch, NewId, Step, Target
from syncd.rest.words import Call, Path, Text, Tree, words_of

LINES = (
    *("tier", "fields", "custom_fields", "fixed", "unique", "marker", "parents", "either"),
    *("create", "update", "whole", "remove", "by_id", "list", "find", "records", "paging"),
    *("object", "values", "flat", "made", "id", "new_id", "batch", "empty", "clear", "marked"),
    *("states", "parts", "singly", "words"),
)


def targets(
    lines: Lines, usual: Lines | None, calls: Calls, hidden: frozenset[str]
) -> Iterator[Target]:
    tables = lines.each("write")
    for name, one in tables.items():
        entry = one.entry("custom_fields")
        none = entry is not None and is_off(entry.value)
        found = _target(name, one.over(usual), calls, hidden, tuple(tables), none)
        if found is not None:
            yield found


def _target(
    name: str,
    lines: Lines,
    calls: Calls,
    hidden: frozenset[str],
    targets: tuple[str, ...],
    none: bool,
) -> Target | None:
    """`none`: the file says that nobody adds fields to these objects."""
    lines.only(LINES)
    calls = calls.owning(lines)
    required, either = (_parents(lines, word, targets) for word in ("parents", "either"))
    if len(either) == 1:
        lines.problems.add(lines.place("either"), "either names several; a single one is a parent")
    parents = {**required, **either}
    above = ("target", *(f"parent.{word}" for word in parents))
    tier = lines.choice("tier", tuple(Tier), required=True)
    fields = forms(lines, "fields", calls.wire)
    states = states_of(lines, calls, (*above, "marker", "id"), fields)
    made = lines.flag("made", True)
    flat = lines.flag("flat", False)
    if not fields and lines.entry("custom_fields") is None:
        lines.problems.add(lines.place("fields"), f"{lines.what} has no fields")
    names = dict.fromkeys(path if flat else path.partition(".")[0] for path in fields)
    of_one = (*above, "marker", "fields", *(f"fields.{name}" for name in names), "parents")
    plain = tuple(fields)
    fields = {**fields, **{path: state.form for path, state in states.items()}}
    together = lines.inner("batch")
    bulk = together is not None and together.entry("create") is not None
    create = _write(lines, "create", calls, of_one, required=made and not bulk, also=("then",))
    update = _write(lines, "update", calls, (*of_one, "id"), also=("then",))
    then = {op: _then(lines, op, calls, (*of_one, "id"), plain) for op in (Op.CREATE, Op.UPDATE)}
    remove = _write(lines, "remove", calls, (*above, "marker", "id"))
    single = calls.of(lines, "by_id", (*above, "id"), write=False)
    listing = _listing(lines, calls, hidden, above)
    words = (*above, "size", "field", "value", *(listing.paging.told if listing else ()))
    find, finds = _find(lines, calls, words, {*fields})
    custom = custom_fields(lines, calls)
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
    marked = _marked(lines, marker)
    if single is None and lines.entry("by_id") is None:
        needs = "states" if states else "singly" if lines.flag("singly", False) else ""
        needs = "whole" if lines.flag("whole", False) else needs
        if needs or (listing is None and tier != "T1"):
            what = f"{needs} needs it" if needs else "nor a list to look for one in"
            lines.problems.add(lines.table.place, f"{lines.what} has no by_id: {what}")
            return None
    id = lines.path("id") or ("id",)
    object = lines.path("object") or ()
    batch = _batch(lines, calls, of_one)
    unread = single is None and lines.entry("by_id") is not None
    if batch and states:
        lines.problems.add(lines.place("batch"), "batch has no place for the calls of states")
    if tier is None or unread or (create is None and made and not bulk):
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
        lists_fields=none or (custom is not None and custom.known is not None),
        makes_fields=custom is not None and custom.create is not None,
        readable=single is not None or listing is not None,
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
        marked,
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
        finds,
        lines.flag("singly", False),
        states,
        _apart({Op.CREATE: create, Op.UPDATE: update}, batch[0] if batch else None),
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
    check_paging(lines, pages, call.words())
    records = lines.path("records") or ()
    several = parts(lines, calls, records, pages)
    return Rows(call, records, lines.path("id") or ("id",), pages, several)


def _find(
    lines: Lines, calls: Calls, words: tuple[str, ...], known: set[str]
) -> tuple[Call | None, Mapping[str, Call]]:
    """The call, and those for single fields: their lines go over it."""
    entry = lines.entry("find")
    if entry is None or isinstance(entry.value, Scalar):
        return calls.of(lines, "find", words, write=False), {}
    inner = lines.inner("find")
    call = calls.table(inner, words, write=False, also=("by",)) if inner else None
    found: dict[str, Call] = {}
    for path, one in (inner.each("by") if inner else {}).items():
        one.only(PARTS)
        if path not in known:
            one.problems.unknown(one.table.place, "field", path, known)
        if call is not None:
            found[path] = calls.over(call, one, words)
    return call, found


def _marked(lines: Lines, marker: str | None) -> Text | None:
    entry = lines.entry("marked")
    said = lines.text("marked")
    if entry is None or said is None:
        return None
    text = Text.of(said)
    both = sorted(text.words) == ["marker", "text"]
    if marker is None or not both or not text.parts[2]:
        lines.problems.add(
            entry.value.place,
            'marked is a text as "{text} [syncd {marker}]", with something between the two, for '
            "the field that marker names",
        )
        return None
    return text


def _apart(calls: Mapping[Op, Call | None], batch: Batch | None) -> dict[Op, frozenset[str]]:
    """The names in a body that each call has by their own words."""
    used = {op: call.words() if call else set() for op, call in calls.items()}
    for op, tree in (batch.items if batch else {}).items():
        used[op] = {*used.get(op, ()), *words_of(tree)}
    return {
        op: frozenset(word.removeprefix("fields.") for word in words if word.startswith("fields."))
        for op, words in used.items()
    }


def _new_id(lines: Lines, usual: Path) -> NewId:
    entry = lines.entry("new_id")
    if entry is None:
        return NewId(usual)
    if not isinstance(entry.value, Table):
        return NewId(lines.path("new_id") or ())
    inner = lines.inner("new_id")
    assert inner is not None
    inner.only(("header", "marked"))
    if inner.entry("marked"):
        if lines.entry("marker") is None:
            inner.problems.add(inner.place("marked"), f"{lines.what} has no marker to go by")
        return NewId(inner.path("marked") or (), marked=True)
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
