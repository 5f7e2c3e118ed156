"""The target `person`: somebody at a customer that the CRM won, written into Tryton.

Without a module for relationships a party has no persons; whom to call there is a contact mechanism
with a name. One call makes a person's telephone and e-mail, or a bare name where there is neither.
The marker is the first line of the comment, which is searchable and which nothing keeps unique: the
tier is T3. What is made is the accountant's: none of it is changed afterwards, or taken away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Value
from syncd.errors import DoubtError, NotFoundError, ProtocolError, RejectedError
from syncd.port import Flow, Found, Op, Outcome, Target, Tier, Write

from .rpc import Dialogue, Domain, Row

_FIELDS = ("name", "role", "phone", "email")
PERSON = Target(
    tier=Tier.T3,
    fields=dict.fromkeys(_FIELDS, "text"),
    parents=("party",),
    fixed=frozenset(_FIELDS),
    removable=False,
    listable=False,
)

_MODEL = "party.contact_mechanism"
_READ = ("type", "value", "name", "comment")
_WAYS = ("phone", "email")
_EITHER = ["active", "in", [True, False]]
_LARGEST = 2**31 - 1


def carry_out(talk: Dialogue, write: Write) -> Flow[Outcome]:
    """Raises RejectedError where nothing was written. The answer of Tryton carries no values."""
    if write.op is not Op.CREATE:
        raise RejectedError("what was made for a won customer is the accountant's to change")
    fields = {path: value for path, value in write.fields.items() if value is not None}
    if not fields.get("name"):
        raise RejectedError("a person without a name is nobody", "name")
    party = _number(write.parents["party"])
    domain: Domain = [_EITHER, ["id", "in", [] if party is None else [party]]]
    if not (yield from talk.rows("party.party", domain, ["id"])):
        raise NotFoundError(f"Tryton has no party {write.parents['party']}", "party")
    said = [write.marker, *(str(fields[path]) for path in ("role",) if path in fields)]
    common: Row = {"party": party, "name": fields["name"], "comment": "\n".join(said)}
    ways = [{"type": way, "value": fields[way]} for way in _WAYS if way in fields]
    rows = [common | way for way in ways or [{"type": "other", "value": fields["name"]}]]
    made = yield from talk.write(f"model.{_MODEL}.create", rows)
    if not isinstance(made, list) or not all(isinstance(one, int) for one in made):
        raise DoubtError("Tryton took a person and did not say which one it is")
    return Outcome(",".join(map(str, made)))


def find(talk: Dialogue, by: Mapping[str, str]) -> Flow[Sequence[Found]]:
    """By `id`, the numbers of its mechanisms, or by `marker`, letter by letter."""
    match by:
        case {"id": remote_id}:
            numbers = [_number(one) for one in remote_id.split(",")]
            clause = ["id", "in", [one for one in numbers if one is not None]]
        case {"marker": marker}:
            clause = ["comment", "like", f"{_escaped(marker)}%"]
        case _:
            raise ProtocolError(f"Tryton cannot look for a person by {', '.join(by)}")
    domain: Domain = [_EITHER, clause]
    rows = yield from talk.rows(_MODEL, domain, _READ)
    marked: dict[str, list[Row]] = {}
    for row in rows:
        marked.setdefault(_marker(row), []).append(row)
    wanted = by.get("marker")
    return [
        Found(",".join(str(row["id"]) for row in mine), marker, _said(mine))
        for marker, mine in marked.items()
        if wanted in (None, marker)
    ]


def _number(text: str) -> int | None:
    fits = text.isascii() and text.isdecimal() and int(text) <= _LARGEST
    return int(text) if fits else None


def _escaped(marker: str) -> str:
    """`%` and `_` stand for any letters in a search."""
    return marker.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _marker(row: Row) -> str:
    return str(row["comment"] or "").split("\n", 1)[0]


def _said(rows: Sequence[Row]) -> dict[str, Value]:
    first = rows[0]
    role = str(first["comment"] or "").partition("\n")[2]
    ways = {way: next((r["value"] for r in rows if r["type"] == way), None) for way in _WAYS}
    return {"name": first["name"], "role": role or None, **ways}
