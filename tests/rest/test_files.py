"""Every mistake of a connector file is told with its place, all at once, and nothing is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from syncd import registry
from syncd.errors import ConfigError
from syncd.rest.connector import RestConnector
from tests.cli.desk import Desk
from tests.rest.shop import HEAD, shop
from tests.rest.world import HERE

BASE = HEAD.count("\n")
"""Lines before those of a test."""


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        shop(text)
    return [one.removeprefix("shop.yaml:") for one in caught.value.problems]


READ = "read:\n  invoice: {object: invoices, by_key: '/i/{key}', list: LIST}\n"
WRITE = """\
write:
  card: {tier: T3, fields: {x: text}, marker: MARKER, create: {post: /c}, by_id: /c}
"""
MORE = """\
write:
  card:
    {{tier: T3, fields: {{x: text}}, marker: x, by_id: /c, list: /c,
     create: {{post: /c, body: x}}, {}}}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reed: {}", "unknown line of the file reed; did you mean read?"),
        ("read: {invoce: {}}", "unknown kind invoce; did you mean invoice?"),
        ("read: {invoice: {object: x, list: /x}}", "read invoice has no by_key"),
        (READ.replace("LIST", "invoices"), "a path begins with /, as /invoices"),
        (READ.replace("LIST", "/i?x=1"), "a path has no ?; put what follows into query"),
        (READ.replace("LIST", "{delete: /i}"), "read invoice list reads: by get or by post"),
        (READ.replace("LIST", "{query: {}}"), "read invoice list has no method"),
        (
            READ.replace(
                "LIST", "{get: /i, query: {after: '{cursr}'}}, paging: {type: cursor, at: n}"
            ),
            "unknown word in braces {cursr}; did you mean cursor?",
        ),
        (
            READ.replace("LIST", "{get: /i, query: {after: {size}}}"),
            '{size} needs quotes here: "{size}"',
        ),
        (
            READ.replace("LIST", "/i, paging: {type: page}"),
            'the list never says which page: it has no "{page}"',
        ),
        (
            READ.replace("LIST", "/i, paging: {type: pages}"),
            "unknown type pages; did you mean page?",
        ),
        (
            READ.replace("LIST", "/i, changes: {query: {x: y}}"),
            'changes never says since when: no "{since}"',
        ),
        (
            READ.replace("LIST", "/i, time: {format: rfc, zone: Europe/Wien}"),
            "unknown zone Europe/Wien: expected as Europe/Vienna",
        ),
        (READ.replace("LIST", "/i, values: {x: money}"), "unknown type money"),
        (READ.replace("LIST", "/i, values: {x: number as 1/0}"), "a number is not sent as 1/0"),
        ("auth: {bearer: x, basic: {}}", "a credential goes by bearer or basic"),
        ("auth: {login: {post: /s}}", "login has no token: where the answer has it"),
        ("answers: [{status: 40x, means: empty}]", "status 40x: expected as 404 or 4xx"),
        ("answers: [{status: 404, means: gone}]", "unknown means gone"),
        ("answers: [{means: empty}]", "a rule of answers looks at status, body, there or text"),
        ("base: api", "base begins with /; the host is the connection's url"),
        ("version: 2", "duplicate key version"),
        ("doubt_time: soon", "doubt_time is a whole number of 1 or more"),
        (READ.replace("LIST", "/i, parts: {}"), "parts is a list of tables, one for each pass"),
        (READ.replace("LIST", "/i, parts: [{records: x}]"), "a part says its query or headers"),
        (
            READ.replace("LIST", "/i, parts: [{query: {a: 1}, size: 2}]"),
            "unknown line of read invoice parts size",
        ),
        (
            READ.replace("LIST", "/i, described: {get: '/m/{key}'}"),
            "unknown word in braces {key}; known: object",
        ),
        (READ.replace("LIST", "/i, described: {get: /m, nmae: x}"), "did you mean name?"),
        (READ.replace("LIST", "/i, words: {size: x}"), "size is a word of syncd's own"),
        (WRITE.replace("MARKER", "y"), "unknown field y"),
        (MORE.format("states: {x: {calls: {}}}"), "x is among the fields already"),
        (MORE.format("states: {y: {names: {}}}"), "write card states y has no calls"),
        (MORE.format("states: {y: {calls: {a: {post: '/{fields}'}}}}"), "{fields}"),
        (
            MORE.format(
                "states: {y: {calls: {a: {post: /s}}}}, batch: {size: 2, post: /b, create: {}}"
            ),
            "batch has no place for the calls of states",
        ),
        (MORE.format("marked: '{text}{marker}'"), 'marked is a text as "{text} [syncd {marker}]"'),
        (MORE.format("marked: 'syncd {marker}'"), 'marked is a text as "{text} [syncd {marker}]"'),
        (
            MORE.format("singly: true").replace("by_id: /c, ", ""),
            "write card has no by_id: singly needs it",
        ),
        (
            WRITE.replace("by_id: /c", "doubt: x").replace("MARKER", "x"),
            "write card has no by_id: nor a list to look for one in",
        ),
        (MORE.format("find: {get: /c, by: {z: {query: {}}}}"), "unknown field z"),
        (
            MORE.format("find: {get: /c, by: {x: {get: /d}}}"),
            "unknown line of write card find by x get",
        ),
        (
            MORE.format("custom_fields: {prefix: p, create: {post: /f}}"),
            "create without known: the call that lists the fields",
        ),
        (
            MORE.format("custom_fields: {prefix: p, known: /f, types: {money: x}}"),
            "unknown type money",
        ),
        (
            MORE.format("flat: true").replace("body: x", "body: {a: '{fields.z}'}"),
            "unknown word in braces {fields.z}; did you mean fields.x?",
        ),
        (
            MORE.format("new_id: {marked: rows}").replace("marker: x, ", "").replace("T3", "T4"),
            "write card has no marker to go by",
        ),
        ("errors: [{messages: x}]", "unknown line of errors messages; did you mean message?"),
        (
            WRITE.replace("MARKER", "x"),
            "write card has no list, and a marker is looked for in it",
        ),
        (
            WRITE.replace("tier: T3", "either: [card], tier: T4").replace("MARKER", "x"),
            "either names several; a single one is a parent",
        ),
        (
            WRITE.replace("tier: T3", "either: [card, cart], tier: T4").replace("MARKER", "x"),
            "unknown target cart; did you mean card?",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, said: str) -> None:
    told = mistakes(text)
    assert any(said in one for one in told), told
    assert all(one.partition(":")[0].isdecimal() for one in told)


def test_all_mistakes_are_told_at_once_where_they_stand() -> None:
    text = "base: api\nread:\n  invoice:\n    object: x\n    list: y\n    by_key: /x/{id}\n"
    assert mistakes(text) == [
        f"{BASE + 1}:7 base begins with /; the host is the connection's url",
        f"{BASE + 5}:11 a path begins with /, as /y",
        f"{BASE + 6}:13 by_key asks for {{key}}, or for several by {{keys}}",
        f"{BASE + 6}:16 unknown word in braces {{id}}; known: key, keys, object",
    ]


def test_the_file_is_called_as_its_connector(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(HEAD + "write: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"called other\.yaml, and its connector shop"):
        registry.facts("other", tmp_path)


def test_a_connection_gets_the_connector_of_its_file(desk: Desk) -> None:
    """It goes before what came with syncd; `check` finds its mistakes, and reaches no system."""
    folder = desk.config.parent / "connectors"
    folder.mkdir()
    text = (HERE / "memory_books.yaml").read_text(encoding="utf-8")
    (folder / "memory_books.yaml").write_text(text, encoding="utf-8")
    assert isinstance(registry.connector("memory_books", {}, "x", folder), RestConnector)
    written = yaml.safe_load(desk.config.read_text(encoding="utf-8"))
    books = written["connections"]["books"]
    written["connections"]["books"] = {name: books[name] for name in ("system", "url")}
    desk.config.write_text(yaml.safe_dump(written), encoding="utf-8")
    assert desk.syncd("check").code == 0
    assert "books-1" in desk.syncd("connections", "test", "books").out
    desk.live()
    assert desk.world.crm.objects["payment"]
    broken = text.replace("paging: {type: cursor, size: 2", "paging: {type: cusor, size: two")
    (folder / "memory_books.yaml").write_text(broken, encoding="utf-8")
    asked = len(desk.world.requests)
    said = desk.syncd("check")
    assert said.code == 78 and len(desk.world.requests) == asked
    line = 1 + broken[: broken.index("cusor")].count("\n")
    assert f"memory_books.yaml:{line}:20 unknown type cusor; did you mean cursor?" in said.err
    assert f"memory_books.yaml:{line}:33 size is a whole number of 1 or more" in said.err


def test_a_setting_that_the_file_needs_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(
        HEAD + "options: {company: its number}\nread:\n  invoice:\n    object: i\n"
        '    list: "/{option.company}/i"\n    by_key: "/{option.company}/i/{key}"\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="a shop connection needs the setting company"):
        registry.connector("shop", {}, "x:1:1", tmp_path)
    with pytest.raises(ConfigError, match="unknown setting colour of a shop connection"):
        registry.connector("shop", {"company": "7", "colour": "red"}, "x:1:1", tmp_path)
    assert "shop" in registry.systems(tmp_path)
