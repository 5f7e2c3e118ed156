"""Every mistake of a connector file of kind table is told with its place, all at once."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft7Validator

from syncd import registry
from syncd.domain import Kind
from syncd.errors import ConfigError
from syncd.mapping.document import Listing, Node, Problems, Scalar, Table, parse
from syncd.table.files import LINES, TABLE, compiled
from syncd.table.files.schema import HEAD, READ, both
from syncd.table.forms import Form
from tests.cli.desk import Desk
from tests.rest.shop import HEAD as REST
from tests.table import shop
from tests.table.exports import HEAD as START
from tests.table.exports import PAYMENTS, described

BASE = START.count("\n")


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        compiled(text, "exports", Problems("exports.yaml"))
    return [one.removeprefix("exports.yaml:") for one in caught.value.problems]


def payment(lines: str) -> str:
    return f"  payment: {{file: p.csv, key: id, {lines}}}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  paymnt: {file: p.csv, key: id}", "1:3 unknown kind paymnt; did you mean payment?"),
        ("  payment: {key: id}", "1:12 read payment has no file"),
        ("  payment: {file: p.csv}", "1:12 read payment has no key"),
        (payment("kye: x"), "1:35 unknown line of read payment kye; did you mean key?"),
        ("  payment: {file: /srv/p.csv, key: id}", "file lies in the folder of the connection"),
        ("  payment: {file: ../p.csv, key: id}", "file lies in the folder of the connection"),
        ('  payment: {file: "a*/p.csv", key: id}', "a pattern is in the name of the file alone"),
        ("  payment: {file: p.xls, key: id}", "p.xls is neither CSV (.csv, .tsv, .txt) nor XLSX"),
        (payment("sheet: A"), "a CSV file has no sheet"),
        ("  payment: {file: p.xlsx, key: id, encoding: utf-8}", "a workbook has no encoding"),
        (payment("columns: {a: nmber}"), "unknown form nmber; did you mean number?"),
        (payment("columns: {a: number as x}"), "x is no example of a number, as 1 234,56"),
        (payment("columns: {a: date as %d.%m}"), "%d.%m is no pattern of a day, as %d.%m.%Y"),
        (payment("columns: {a: flag as ja}"), "ja are not two words for yes and no, as да/нет"),
        (payment("columns: {a: text as x}"), "a text is not sent as x"),
        (payment("encoding: utf-16"), "unknown encoding utf-16: expected utf-8, cp1251"),
        (payment("delimiter: colon"), "unknown delimiter colon"),
        (payment("lines: [id, sum]"), "id is the key, which all rows of one record share"),
        (payment("rests: -1"), "rests is a whole number of 0 or more"),
        (payment("grows: maybe"), "grows is true or false"),
    ],
)
def test_mistakes_are_told(text: str, said: str) -> None:
    [told] = mistakes(START + text)
    line, _, rest = told.partition(":")
    assert int(line) == BASE + 1
    assert said.removeprefix("1:") in rest


def test_all_mistakes_at_once() -> None:
    text = "connector: export\nkind: tabel\nversion: 2\nread: {}\nwrite: {}\n"
    assert mistakes(text) == [
        "1:12 the file is called exports.yaml, and its connector export",
        "2:7 unknown kind tabel; did you mean table?",
        "3:10 this syncd knows version 1 of connector files",
        "4:7 read names no kind: nothing to do with these files",
        "5:1 unknown line of the file write; known: auth, connector, defaults, kind, read, version",
    ]
    login = "auth: {login: {post: /s, token: t, lasts: 9}}\n"
    assert mistakes(START.replace("read:", f"{login}read:") + PAYMENTS) == [
        "4:7 a file is asked for without a login before it"
    ]


def test_what_a_file_says_is_what_is_read() -> None:
    made = described(
        START.replace("read:", "defaults: {read: {rests: 60, encoding: Shift_JIS}}\nread:")
        + "  invoice:\n    file: i.txt\n    object: sales\n    key: [a, b]\n    delimiter: tab\n"
        "    header: 3\n    grows: true\n    columns: {c  d: number}\n"
    )
    table = made.sources[Kind.INVOICE, "sales"]
    assert (table.encoding, table.delimiter, table.header) == ("cp932", "\t", 3)
    assert (table.rests, table.grows, table.layout.key) == (60, True, ("a", "b"))
    assert table.layout.columns == {"c d": Form("number")}
    facts = made.facts
    assert (facts.folders, facts.described, facts.needed) == (True, True, ("company",))
    assert not facts.sources[Kind.INVOICE].stamped


# ------------------------------------------------------------------------------------ the schema


def plain(node: Node) -> Any:
    if isinstance(node, Table):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.value


def test_the_schema_knows_both_kinds() -> None:
    made = both()
    Draft7Validator.check_schema(made)
    judge = Draft7Validator(made)

    def wrong(text: str) -> list[str]:
        found = judge.iter_errors(plain(parse(text, Problems("a.yaml"))))
        return [f"{list(one.absolute_path)} {one.message}" for one in found]

    assert set(READ) == set(TABLE)
    assert set(HEAD) == set(LINES)
    assert wrong(shop.shown("yaml connector exports")) == []
    rest = f"{REST}read: {{invoice: {{object: i, list: /i, by_key: '/i/{{key}}'}}}}\n"
    assert wrong(rest) == []
    assert wrong(rest.replace("list: /i", "lst: /i")) != []
    assert wrong(START + "  payment: {file: p.csv, key: id, shet: A}\n") != []
    assert wrong(START + "  payment: {file: p.csv, key: id, columns: {a: nmber}}\n") != []


# --------------------------------------------------------------------------------------- at a desk


def test_check_tells_mistakes_and_try_shows_what_is_asked(desk: Desk) -> None:
    shop.lay(desk)
    assert desk.syncd("check").code == 0
    file = desk.folder / "connectors" / "exports.yaml"
    said = desk.syncd("connector", "try", str(file), "customer")
    assert said.out.splitlines()[0] == "HEAD customers.xlsx"
    file.write_text(file.read_text(encoding="utf-8").replace("key: Номер", "kye: Номер", 1))
    said = desk.syncd("check")
    assert said.code == 78
    assert "exports.yaml:12:5 unknown line of read invoice kye; did you mean key?" in said.text


def test_a_run_over_files(desk: Desk) -> None:
    shop.lay(desk)
    said = desk.syncd("run")
    assert said.code == 75
    assert "customers.xlsx is not there" in said.text
    shop.in_euro(desk)
    shop.the_rest(desk)
    assert desk.syncd("connections", "setup", "crm").code == 0
    assert desk.syncd("run", "--go-live").code == 1
    said = desk.syncd("problems", "show", "2")
    assert "«12,3O» is no number as 1 234,56; mend it in the file" in said.out
    said = desk.syncd("why", "payment", "000019")
    assert "[never-read]  payments.csv, column Сумма: row 7: «12,3O» is no number" in said.out
    paid = desk.world.crm.objects["payment"].values()
    assert [(one.fields["reference"], str(one.fields["amount"])) for one in paid] == [
        ("000017", "1000.00"),
        ("000017", "500.00"),
        ("000018", "99.90"),
    ]
    accounts = [one.fields for one in desk.world.crm.objects["account"].values()]
    assert [(one["name"], str(one["custom_fields.receivable"])) for one in accounts] == [
        ("ООО «Ёлка»", "250.50"),
        ("株式会社さくら", "0.10"),
    ]
    said = desk.syncd("doctor")
    assert "reads a file whole each time it has changed, and compares" in said.out
    rights = f"this user may read and write files in {desk.folder}/exports"
    assert rights in " ".join(said.out.split())
    shop.save(desk, "payments.csv", b"<html>Session expired</html>")
    assert desk.syncd("run").code == 1
    said = desk.syncd("problems")
    assert "books has a file that cannot be read: payments.csv is a web page or XML" in said.out
    assert "documentation" not in said.out


def test_whose_row_cannot_be_read_is_read_all_the_same(desk: Desk) -> None:
    shop.lay(desk)
    shop.the_rest(desk)
    shop.in_euro(desk)
    text = shop.shown("yaml mapping exports")
    section = text[text.index("balance:\n") :].split("\n\n")[0]
    desk.mapping("exports", text.replace(section, "balance: {from: documents, currency: EUR}\n"))
    assert desk.syncd("connections", "setup", "crm").code == 0
    said = desk.syncd("run", "--go-live")
    doubt = "1 document cannot be read: the figures of 1 customer are without them (#1)"
    assert (said.code, f"doubtful: {doubt}" in said.out) == (1, True)
    accounts = [one.fields for one in desk.world.crm.objects["account"].values()]
    lines = [str(one["custom_fields.line"]) for one in accounts]
    assert "not proven" not in lines[0] and ", not proven: 000019 cannot be read, " in lines[1]
    said = desk.syncd("status")
    assert f"doubtful  {doubt}" in said.out and "(added up)" in said.out
    assert "never" not in said.out
    assert doubt in " ".join(desk.syncd("doctor").out.split())


def test_the_settings_of_a_connection_to_files(desk: Desk) -> None:
    shop.lay(desk)
    good = desk.config.read_text(encoding="utf-8")
    for old, new, told in (
        ("company:", "firm:", "a exports connection needs the setting company"),
        ("file:///", "ftp:///", "begins with https:// or http://, or is a folder: file:///"),
    ):
        desk.config.write_text(good.replace(old, new), encoding="utf-8")
        said = desk.syncd("connections", "test", "books")
        assert (said.code, told in said.text) == (78, True), said.text


def test_a_system_of_the_web_has_no_folder(desk: Desk) -> None:
    desk.configure(books={"url": f"file://{desk.folder}"})
    said = desk.syncd("connections", "test", "books")
    assert said.code == 78
    assert "is a folder; expected https://host/path" in said.text


def test_a_file_of_either_kind_is_found_by_its_kind(desk: Desk) -> None:
    shop.lay(desk)
    facts = registry.facts("exports", desk.folder / "connectors")
    assert facts.folders
    assert not registry.facts("memory_books").folders
