"""The text of a COQL query, taken apart (vendor: "COQL overview", "COQL limitations")."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from syncd.sandbox.zoho_crm.wire import Refused

DOUBLED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*\""""
BACKSLASHED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
REST = r"""
    |(?P<number>-?\d+(?:\.\d+)?)
    |(?P<word>[\w$]+(?:\.[\w$]+)*)
    |(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,|\*)
"""
TOKENS = {
    "doubled": re.compile(rf"\s*(?:(?P<text>{DOUBLED}){REST})", re.VERBOSE),
    "backslash": re.compile(rf"\s*(?:(?P<text>{BACKSLASHED}){REST})", re.VERBOSE),
}
"""By how a text holds its own quote."""
AGGREGATES = ("sum", "min", "max", "avg", "count")
MOST_CRITERIA = 25


@dataclass
class Column:
    name: str
    """Fields joined by dots; the last one is the value."""
    aggregate: str = ""
    alias: str = ""

    @property
    def key(self) -> str:
        shown = f"{self.aggregate.upper()}({self.name})" if self.aggregate else self.name
        return self.alias or shown


@dataclass
class Test:
    column: str
    operator: str
    value: Any = None


@dataclass
class Both:
    word: str
    left: Condition
    right: Condition


Condition = Test | Both


@dataclass
class Query:
    columns: list[Column]
    module: str
    where: Condition
    group: list[str] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    """Column and whether it descends."""
    limit: int = 200
    offset: int = 0


@dataclass
class Token:
    kind: str
    text: str
    column: int

    @property
    def word(self) -> str:
        return self.text.lower() if self.kind == "word" else ""


def parse(text: str, quotes: str = "doubled", values: int = 50) -> Query:
    """`values`: at most so many after `in`."""
    return _Parser(text, quotes, values).query()


class _Parser:
    def __init__(self, text: str, quotes: str, values: int) -> None:
        self.quotes, self.values = quotes, values
        self.tokens: list[Token] = []
        self.at = 0
        self.criteria = 0
        place = 0
        text = text.strip().rstrip(";").rstrip()
        while place < len(text):
            found = TOKENS[quotes].match(text, place)
            if found is None:
                raise _syntax(text[place:].split()[0], place)
            kind = str(found.lastgroup)
            self.tokens.append(Token(kind, found[kind], found.start(kind) + 1))
            place = found.end()
        self.tokens.append(Token("end", "", len(text) + 1))

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def has(self, *words: str) -> bool:
        """Whether these come next; if so they are taken."""
        ahead = self.tokens[self.at : self.at + len(words)]
        if [one.word or one.text for one in ahead] != list(words):
            return False
        self.at += len(words)
        return True

    def need(self, word: str) -> None:
        if not self.has(word):
            if word in ("from", "where"):
                raise Refused("SYNTAX_ERROR", "missing clause", clause=word)
            raise self.wrong()

    def wrong(self) -> Refused:
        return _syntax(self.now.text, self.now.column)

    def name(self) -> str:
        """A reserved word that is a column stands in quotes."""
        if self.now.kind == "text":
            return self.plain(self.take())
        if self.now.kind != "word":
            raise self.wrong()
        return self.take().text

    def query(self) -> Query:
        if not self.has("select"):
            raise Refused("SYNTAX_ERROR", "given coql query not supported")
        columns = self.several(self.column)
        self.need("from")
        module = self.name()
        self.need("where")
        made = Query(columns, module, self.condition())
        if self.now.word in ("and", "or"):  # more than two conditions need pairwise brackets
            raise self.wrong()
        if self.has("group", "by"):
            made.group = self.several(self.name)
        if self.has("order", "by"):
            made.order = self.several(self.ordering)
        if self.has("limit"):
            made.limit = self.whole("limit")
            if self.has(","):  # the vendor's other way: limit OFFSET, COUNT
                made.offset, made.limit = made.limit, self.whole("limit")
        if self.has("offset"):
            made.offset = self.whole("offset")
        if self.now.kind != "end":
            raise self.wrong()
        return made

    def several(self, one: Any) -> list[Any]:
        found = [one()]
        while self.has(","):
            found.append(one())
        return found

    def column(self) -> Column:
        name = self.name()
        made = Column(name)
        if name.lower() in AGGREGATES and self.has("("):
            made = Column(self.name(), name.lower())
            self.need(")")
        if self.has("as"):
            made.alias = self.take().text.strip("'\"")
        return made

    def ordering(self) -> tuple[str, bool]:
        name = self.name()
        return name, self.has("desc") or (self.has("asc") and False)

    def whole(self, what: str) -> int:
        token = self.take()
        if not token.text.isdecimal():
            message = f"{what} given seems to be invalid"
            raise Refused("INVALID_QUERY", message, **{what: token.text})
        return int(token.text)

    def condition(self) -> Condition:
        left = self.simple()
        if self.now.word in ("and", "or"):
            word = self.take().word
            return Both(word, left, self.simple())
        return left

    def simple(self) -> Condition:
        if self.has("("):
            inside = self.condition()
            self.need(")")
            return inside
        self.criteria += 1
        if self.criteria > MOST_CRITERIA:
            raise Refused("LIMIT_EXCEEDED", "limit exceeded", limit=MOST_CRITERIA, clause="where")
        column = self.name()
        for words in (("is", "not", "null"), ("is", "null")):
            if self.has(*words):
                return Test(column, " ".join(words))
        negative = "not " if self.has("not") else ""
        if self.has("in"):
            self.need("(")
            values = self.several(self.literal)
            self.need(")")
            if len(values) > self.values:
                raise Refused("LIMIT_EXCEEDED", "limit exceeded", limit=self.values, clause="in")
            return Test(column, negative + "in", values)
        if self.has("like"):
            return Test(column, negative + "like", self.literal())
        if not negative and self.has("between"):
            low = self.literal()
            self.need("and")
            return Test(column, "between", [low, self.literal()])
        sign = self.take()
        if negative or sign.text not in ("=", "!=", "<>", "<", ">", "<=", ">="):
            raise _syntax(sign.text, sign.column)
        return Test(column, "!=" if sign.text == "<>" else sign.text, self.literal())

    def plain(self, token: Token) -> str:
        """A text without its quotes."""
        if self.quotes == "doubled":
            return token.text[1:-1].replace(token.text[0] * 2, token.text[0])
        return re.sub(r"\\(.)", r"\1", token.text[1:-1])

    def literal(self) -> object:
        token = self.take()
        if token.kind == "text":
            return self.plain(token)
        if token.kind == "number":
            return float(token.text) if "." in token.text else int(token.text)
        if token.word in ("true", "false"):
            return token.word == "true"
        raise _syntax(token.text, token.column)


def _syntax(near: str, column: int) -> Refused:
    message = "error occured while parsing the query"
    return Refused("SYNTAX_ERROR", message, line=1, column=column, near=near)
