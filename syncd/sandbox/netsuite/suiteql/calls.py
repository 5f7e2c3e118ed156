"""Each expression of SuiteQL as SQLite computes it (`syncd.sandbox.netsuite.functions`)."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from syncd.sandbox.netsuite.schema import tables
from syncd.sandbox.netsuite.suiteql.names import meaning
from syncd.sandbox.netsuite.suiteql.refusals import unsupported

Node = exp.Expr
TABLES = tables()
NATIVE = (
    exp.Coalesce,
    exp.Nvl2,
    exp.DecodeCase,
    exp.Case,
    exp.If,
    exp.Count,
    exp.Min,
    exp.Max,
    exp.Greatest,
    exp.Least,
    exp.Lower,
    exp.Upper,
    exp.Length,
    exp.And,
    exp.Or,
    exp.Exists,
    exp.RowNumber,
    exp.Rank,
    exp.DenseRank,
    exp.Nullif,
)
BINARY = {
    exp.Add: "o_plus",
    exp.Sub: "o_minus",
    exp.Mul: "o_times",
    exp.Div: "o_over",
    exp.Mod: "o_mod",
}
UNARY = {
    exp.Abs: "o_abs",
    exp.Sign: "o_sign",
    exp.Ceil: "o_ceil",
    exp.Floor: "o_floor",
    exp.ToNumber: "o_number",
    exp.LastDay: "o_last_day",
}
TEXTS = (exp.DType.VARCHAR, exp.DType.CHAR, exp.DType.TEXT, exp.DType.NVARCHAR)
NUMBERS = (exp.DType.INT, exp.DType.DECIMAL, exp.DType.FLOAT, exp.DType.DOUBLE)


def _call(name: str, *given: Node | None) -> Node:
    return exp.Anonymous(this=name, expressions=[one for one in given if one is not None])


def _text(value: str) -> Node:
    return exp.Literal.string(value)


def called(node: Node) -> Node:
    """The node itself where SQLite means the same by it; its children are translated already."""
    if isinstance(node, exp.Literal) and node.is_string and not node.name:
        return exp.null()  # Oracle knows no empty text
    if isinstance(node, exp.Dot):
        return _builtin(node)
    if isinstance(node, exp.Binary) and type(node) in BINARY:
        return _call(BINARY[type(node)], node.this, node.expression)
    if isinstance(node, exp.Func) and type(node) in UNARY:
        return _call(UNARY[type(node)], node.this)
    if type(node) in CALLS:
        return CALLS[type(node)](node)
    if isinstance(node, exp.Anonymous):
        if node.name.startswith("o_") or isinstance(node.parent, exp.Dot):
            return node
        raise unsupported()
    if isinstance(node, exp.Func) and not isinstance(node, NATIVE):
        raise unsupported()
    return node


def _aggregate(name: str) -> Callable[[Node], Node]:
    def made(node: Node) -> Node:
        over = isinstance(node.parent, exp.Window)  # SQLite has no windows of functions of ours
        return node if over else _call(name, node.this)

    return made


def _cast(node: Node) -> Node:
    kind = node.args["to"].this
    if kind in TEXTS:
        return _call("o_to_char", node.this)
    if kind in NUMBERS:
        made = _call("o_number", node.this)
        return _call("o_round", made) if kind is exp.DType.INT else made
    raise unsupported()


def _date(node: Node) -> Node:
    form = node.args.get("format")
    if form is None:
        raise unsupported()
    return _call("o_to_date", node.this, form)


def _pad(node: Node) -> Node:
    fill = node.args.get("fill_pattern") or _text(" ")
    side = exp.Literal.number(int(bool(node.args.get("is_left"))))
    return _call("o_pad", node.this, node.expression, fill, side)


def _listed(node: Node) -> Node:
    what = node.this.this if isinstance(node.this, exp.Order) else node.this
    return _call("o_list", what, node.args.get("separator") or _text(","))


def _sysdate(node: Node) -> Node:
    return _call("o_sysdate")


CALLS: dict[type[Node], Callable[[Node], Node]] = {
    exp.Sum: _aggregate("o_sum"),
    exp.Avg: _aggregate("o_avg"),
    exp.CurrentTimestamp: _sysdate,
    exp.CurrentDate: _sysdate,
    exp.DateTrunc: lambda node: _call("o_trunc", node.this, node.args.get("unit")),
    exp.TimestampTrunc: lambda node: _call("o_trunc", node.this, node.args.get("unit")),
    exp.Trunc: lambda node: _call("o_trunc", node.this, node.args.get("decimals")),
    exp.StrToDate: _date,
    exp.StrToTime: _date,
    exp.ToChar: lambda node: _call("o_to_char", node.this, node.args.get("format")),
    exp.TimeToStr: lambda node: _call("o_strftime", node.this, node.args.get("format")),
    exp.DPipe: lambda node: _call("o_concat", node.this, node.expression),
    exp.Concat: lambda node: _call("o_concat", *node.expressions),
    exp.Round: lambda node: _call("o_round", node.this, node.args.get("decimals")),
    exp.AddMonths: lambda node: _call("o_add_months", node.this, node.expression),
    exp.Substring: lambda node: _call(
        "o_substr", node.this, node.args.get("start"), node.args.get("length")
    ),
    exp.StrPosition: lambda node: _call("o_instr", node.this, node.args.get("substr")),
    exp.Pad: _pad,
    exp.Replace: lambda node: _call(
        "o_replace", node.this, node.expression, node.args.get("replacement")
    ),
    exp.Trim: lambda node: _call("o_trim", node.this),
    exp.GroupConcat: _listed,
    exp.Cast: _cast,
}


def _builtin(node: exp.Dot) -> Node:
    """BUILTIN.DF is what people read, BUILTIN.CF a status with its type."""
    call = node.expression
    if node.this.name != "builtin" or not isinstance(call, exp.Anonymous) or not call.expressions:
        raise unsupported()
    of: Node = call.expressions[0]
    known = meaning(of)
    if known is None or call.name.upper() not in ("DF", "CF"):
        raise unsupported()
    table, column = known
    if (table.name, column.name) == ("transaction", "status"):
        kind = exp.column("type", table=of.args.get("table"))
        name = "o_status" if call.name.upper() == "DF" else "o_code"
        return _call(name, kind, of)
    if call.name.upper() == "CF":
        return of
    if (table.name, column.name) == ("transaction", "type"):
        return _call("o_type", of)
    if not column.refers:
        return _call("o_yes", of) if column.kind == "flag" else of
    return _shown(of, column.refers)


def _shown(of: Node, name: str) -> Node:
    table = TABLES[name]
    wanted = exp.column(table.shown, table="d_")
    found = exp.select(wanted).from_(exp.alias_(exp.to_table(name), "d_", table=True))
    return exp.Subquery(this=found.where(exp.column(table.key, table="d_").eq(of.copy())))
