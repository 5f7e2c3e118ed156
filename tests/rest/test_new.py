"""`syncd connector new`: a file to begin with, which loads, and says what a person has to check."""

from __future__ import annotations

import copy
import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from syncd.__main__ import execute
from syncd.domain import Invoice, Kind, Money, State
from syncd.mapping import load_books
from syncd.mapping.document import Problems
from syncd.port import Op, Record, Write
from syncd.rest.connector import Description
from syncd.rest.files import compiled
from syncd.rest.new.document import Document
from syncd.rest.new.mapping import mapping_of
from syncd.rest.new.openapi import outline_of
from syncd.rest.new.outline import WAYS, Credential, Listing, Outline, Pages, Reading, Writing
from syncd.rest.new.text import text_of
from tests.cli.desk import Desk
from tests.docs.kontor import KEY, Kontor
from tests.server import LocalServer

KONTOR = Path(__file__).parents[2] / "docs" / "examples" / "kontor.openapi.json"


def loaded(text: str, name: str = "shop") -> Description:
    return compiled(text, name, Problems(f"{name}.yaml"))


def drafted(document: Mapping[str, Any], *, crm: bool = False, **chosen: str) -> dict[str, Any]:
    """The file as YAML has it; it loads."""
    text = text_of(outline_of("shop", Document(document), "a document", crm, chosen))
    loaded(text)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def rows(**fields: Any) -> dict[str, Any]:
    """The schema of a list of such records."""
    properties = {"id": {"type": "integer"}, **fields}
    return {"type": "array", "items": {"type": "object", "properties": properties}}


def api(
    answer: Any, query: tuple[str, ...] = (), *, path: str = "/invoices", **more: Any
) -> dict[str, Any]:
    """A document of OpenAPI 3 with one collection."""
    parameters = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in query]
    content = {"application/json": {"schema": answer}}
    responses = {"200": {"description": "", "content": content}}
    operation = {"parameters": parameters, "responses": responses}
    paths = {path: {"get": operation}, f"{path}/{{id}}": {"get": {"responses": {}}}}
    return {"openapi": "3.1.0", "info": {"title": "Shop"}, "paths": paths, **more}


# -- out of a document ---------------------------------------------------------------------------


def test_the_file_reads_and_writes_the_system_as_it_is(desk: Desk) -> None:
    kontor = Kontor(desk.clock.utc)
    customer = kontor.customer("K-1", "ООО «Пример»")
    for number in range(201):
        kontor.invoice(customer, f"RE-{number}", "10.00", "2026-11-02", "2026-11-16")
    assert desk.syncd("connector", "new", "kontor", "--books", "--openapi", str(KONTOR)).code == 0
    desk.secret("kontor", KEY, name="key")
    with LocalServer(kontor) as server:
        desk.add({"connections": {"kontor": {"system": "kontor", "url": server.url}}})
        file = str(desk.folder / "connectors" / "kontor.yaml")
        said = desk.syncd("connector", "try", file, "invoice", "--send", "--pages", "3")
        assert "page 1: 200 records\n" in said.out and "page 2: 1 record\n" in said.out, said.err
        said = desk.syncd("connector", "try", file, "invoice", "--send", "--since", "2026-11-18")
        assert "updated_after=2026-11-1" in said.out and "page 1: 200 records" in said.out
        assert (
            "page 1: 1 record"
            in desk.syncd("connector", "try", file, "invoice", "--send", "--key", "7").out
        )
        from syncd.app import build
        from syncd.settings import load

        write = Write(Op.CREATE, "customers", "7", None, {}, {"name": "Neu", "external_ref": "7"})
        with build(load(desk.config), desk.clock).connected("kontor") as side:
            [outcome] = side.ask(side.connector.push([write]))
            [found] = side.ask(side.connector.find("customers", {"marker": "7"}, {}))
    assert outcome.remote_id == found.remote_id == "2"


def test_a_guess_is_marked_and_what_the_document_says_is_not() -> None:
    text = text_of(outline_of("shop", Document(json.loads(KONTOR.read_text())), "it", False))
    marked = [line.strip() for line in text.splitlines() if "CHECK: " in line]
    assert "# CHECK: is that the company, and does its id never change?" in marked
    assert "records: data                   # where they stand in the answer" in text
    assert "name: text                    # a new one must have it" in text


def test_the_mapping_is_begun_by_what_names_mean_everywhere(tmp_path: Path) -> None:
    outline = outline_of("kontor", Document(json.loads(KONTOR.read_text())), "it", False)
    facts = loaded(text_of(outline), "kontor").facts
    file = tmp_path / "kontor.yaml"
    file.write_text(mapping_of(outline), encoding="utf-8")
    mapping = load_books(file, facts)
    assert mapping.owed_in == "EUR"
    row = {
        "customer": {"id": 7},
        "number": "RE-1",
        "date": "2026-11-02",
        "due_date": "2026-11-16",
        "total": "119.00",
        "currency": "EUR",
        "status": "void",
    }
    invoice = mapping.inbound[Kind.INVOICE](Record("1", row))
    assert isinstance(invoice, Invoice) and invoice.state is State.VOID
    assert (invoice.customer, invoice.total) == ("7", Money.of("119.00", "EUR"))
    text = file.read_text(encoding="utf-8")
    assert "# not used: cancelled, updated_at" in text, "a person sees what is left"
    assert "allocations: {each: lines, invoice: invoice_id | text" in text


def test_what_a_mapping_needs_and_no_field_is_called_like_is_left_to_a_person() -> None:
    fields = {"amount": {"type": "number"}, "paid_on": {"type": "string", "format": "date"}}
    document = Document(api(rows(**fields), path="/payments"))
    text = mapping_of(outline_of("shop", document, "it", False))
    assert (
        "# customer: FIELD               # CHECK: the document shows nothing like customer" in text
    )
    assert "# CHECK: the document shows no field for the currency" in text
    assert yaml.safe_load(text)["payment"]["fields"]["date"] == "paid_on | date"


def test_swagger_2_says_the_same_in_other_words() -> None:
    three = json.loads(KONTOR.read_text())
    two = copy.deepcopy(three) | {"swagger": "2.0", "host": "kontor.example.com", "basePath": "/v2"}
    del two["openapi"], two["servers"]
    parts = two.pop("components")
    two |= {"definitions": parts["schemas"], "securityDefinitions": parts["securitySchemes"]}
    for item in two["paths"].values():
        for operation in (one for name, one in item.items() if name != "parameters"):
            for response in operation["responses"].values():
                response |= {"schema": response.pop("content")["application/json"]["schema"]}
            if body := operation.pop("requestBody", None):
                schema = body["content"]["application/json"]["schema"]
                operation["parameters"] = [{"in": "body", "name": "it", "schema": schema}]
    two = json.loads(json.dumps(two).replace("#/components/schemas/", "#/definitions/"))
    assert drafted(two) == drafted(three)


@pytest.mark.parametrize(
    ("answer", "query", "paging", "asked"),
    [
        (rows(), (), {"type": "none"}, {}),
        (rows(), ("limit", "offset"), {"type": "offset", "size": 100}, {"offset": "{offset}"}),
        (
            rows(),
            ("starting_after",),
            {"type": "keyset", "by": "id"},
            {"starting_after": "{after}"},
        ),
        (
            {"properties": {"items": rows(), "next_cursor": {"type": "string"}}},
            ("cursor", "limit"),
            {"type": "cursor", "size": 100, "at": "next_cursor"},
            {"cursor": "{cursor}", "limit": "{size}"},
        ),
        (
            {
                "properties": {
                    "value": rows(),
                    "links": {"properties": {"next": {"type": "string"}}},
                }
            },
            (),
            {"type": "next_link", "at": "links.next"},
            {},
        ),
        (
            {"properties": {"data": rows(), "meta": {"properties": {"has_more": {}}}}},
            ("page", "per_page"),
            {"type": "page", "size": 100, "more": "meta.has_more"},
            {"page": "{page}"},
        ),
    ],
)
def test_pages_are_told_by_parameters_and_answers(
    answer: Any, query: tuple[str, ...], paging: dict[str, Any], asked: dict[str, str]
) -> None:
    invoice = drafted(api(answer, query))["read"]["invoice"]
    assert invoice["paging"] == paging
    call = invoice["list"]
    assert asked.items() <= (call["query"] if isinstance(call, dict) else {}).items()


@pytest.mark.parametrize(
    ("scheme", "auth"),
    [
        ({"type": "http", "scheme": "basic"}, {"basic"}),
        ({"type": "http", "scheme": "bearer"}, {"bearer"}),
        ({"type": "apiKey", "in": "query", "name": "api-key"}, {"query"}),
        (
            {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://a.example/t"}}},
            {"client_credentials"},
        ),
        (
            {"type": "oauth2", "flows": {"authorizationCode": {"tokenUrl": "/oauth2/token"}}},
            {"refresh_token"},
        ),
        ({"type": "openIdConnect"}, {"bearer"}),
    ],
)
def test_the_credential_is_that_of_the_document(scheme: dict[str, Any], auth: set[str]) -> None:
    document = api(rows(), components={"securitySchemes": {"one": scheme}})
    assert drafted(document)["auth"].keys() == auth


def test_what_stands_in_every_address_is_a_setting_of_the_connection() -> None:
    found = drafted(api(rows(), path="/companies/{company}/invoices"))
    assert found["read"]["invoice"]["list"] == "/companies/{option.company}/invoices"
    assert found["read"]["invoice"]["by_key"] == "/companies/{option.company}/invoices/{key}"
    assert set(found["options"]) == {"company"}


def test_references_in_a_circle_come_to_an_end() -> None:
    node = {"properties": {"next": {"$ref": "#/components/schemas/Node"}}, "allOf": [{}]}
    node["allOf"] = [{"$ref": "#/components/schemas/Node"}]
    document = api(
        rows(more={"$ref": "#/components/schemas/Node"}), components={"schemas": {"Node": node}}
    )
    assert drafted(document)["read"]["invoice"]["object"] == "invoices"


def test_a_crm_gets_its_cards_its_documents_below_them_and_its_deals() -> None:
    text = {"type": "string"}
    body: dict[str, Any] = {"properties": {"name": text, "external_id": text}, "required": ["name"]}
    paths: dict[str, Any] = {}
    for name in ("accounts", "invoices", "deals"):
        fields = {**body["properties"], "account_id": text} if name == "invoices" else None
        sent = {
            "content": {"application/json": {"schema": {"properties": fields} if fields else body}}
        }
        one = api(rows(name=text), path=f"/{name}")["paths"]
        one[f"/{name}"]["post"] = {"requestBody": sent, "responses": {}}
        one[f"/{name}/{{id}}"]["put"] = {"requestBody": sent, "responses": {}}
        paths |= one
    found = drafted({"openapi": "3.0.0", "paths": paths}, crm=True)
    assert found["read"].keys() == {"won", "deal"}
    assert found["write"].keys() == {"accounts", "invoices", "deals"}
    assert found["write"]["invoices"]["parents"] == {"accounts": "account_id"}
    assert found["write"]["accounts"]["marker"] == "external_id"
    assert found["write"]["deals"]["made"] is False and found["write"]["accounts"]["whole"] is True


# -- whatever is in an outline, the file loads ---------------------------------------------------

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
words = names.filter(lambda name: not set(name) & set("{}./") and name.strip() == name)
listings = st.builds(
    lambda path, records, key, pages: Listing(f"/{path}", records, f"/{path}/{{}}", key, pages),
    st.text("abcö-_0", min_size=1, max_size=9),
    words | st.just(""),
    words,
    st.builds(
        lambda word, size: Pages("page", word, "limit", size), words, st.integers(1, 500)
    ) | st.just(Pages()),
)  # fmt: skip


@given(
    st.sampled_from([way for way in WAYS if way != "none"]),
    words,
    listings,
    words | st.just(""),
    st.dictionaries(words, st.sampled_from(["text", "number", "date", "flag"]), min_size=1),
)
def test_every_outline_makes_a_file_that_loads(
    way: str, word: str, listing: Listing, stamp: str, fields: dict[str, str]
) -> None:
    credential = Credential(way, word, "/token", "token")
    since = word if stamp else ""
    known = dict.fromkeys((*fields, word), "text")
    choices = {word: (word, stamp)}
    reading = Reading("invoice", listing, "", stamp, since, known=known, choices=choices)
    writing = Writing("cards", listing, fields)
    outline = Outline("shop", "a test", "/v1", credential, reads=(reading,), writes=(writing,))
    assert isinstance(yaml.safe_load(mapping_of(outline)), dict)
    found = loaded(text_of(outline))
    assert set(found.facts.targets["cards"].fields) == set(fields)


# -- out of answers ------------------------------------------------------------------------------


def test_answers_make_a_file_and_a_command_that_makes_it_again(desk: Desk, tmp_path: Path) -> None:
    typed = ["books", "/api", "header", "X-Key", "", "", "", "invoice", "", "rows", "", "", ""]
    typed += ["offset", "", "", "", "changed_at", "since"]
    out = tmp_path / "one" / "shop.yaml"
    with CliRunner().isolation(input="".join(f"{one}\n" for one in typed)) as (printed, _, _):
        code = execute(["connector", "new", "shop", "--out", str(out)], desk.clock)
        said = printed.getvalue().decode()
    assert code == 0, said
    found = yaml.safe_load(out.read_text(encoding="utf-8"))
    assert found["auth"] == {"headers": {"X-Key": "{secret.key}"}}
    assert found["read"]["invoice"]["list"]["query"] == {"offset": "{offset}", "limit": "{size}"}
    assert found["read"]["invoice"]["changes"]["query"] == {"since": "{since}"}
    before = out.read_text(encoding="utf-8")
    out.unlink()
    [again] = [line for line in said.splitlines() if line.startswith("the same once more: ")]
    words = shlex.split(again.removeprefix("the same once more: syncd "))
    assert desk.syncd(*words).code == 0
    assert out.read_text(encoding="utf-8") == before


def test_who_stops_in_between_is_told_how_to_go_on(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "shop.yaml"
    with CliRunner().isolation(input="books\n/api v2\n") as (_, errors, _):
        code = execute(["connector", "new", "shop", "--out", str(out)], desk.clock)
        said = errors.getvalue().decode()
    assert (code, out.exists()) == (130, False)
    assert "nothing was written" in said
    assert said.rstrip().endswith("--answer side=books --answer 'base=/api v2'")


def test_what_cannot_be_a_file_is_told(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"paths": {}}', encoding="utf-8")
    (tmp_path / "b.json").write_text("{", encoding="utf-8")
    (tmp_path / "shop.yaml").write_text("", encoding="utf-8")
    new = ("connector", "new", "shop", "--books")
    for arguments, told in (
        ((*new, "--openapi", "none.json"), "none.json: No such file"),
        ((*new, "--openapi", str(tmp_path / "a.json")), "no OpenAPI document of version 2 or 3"),
        ((*new, "--openapi", str(tmp_path / "b.json")), "neither JSON nor YAML"),
        ((*new, "--openapi", str(KONTOR), "--list", "deal=/x"), "--list deal: expected one of"),
        (
            (*new, "--openapi", str(KONTOR), "--list", "order=/x"),
            "order: the document lists nothing",
        ),
        ((*new, "--out", str(tmp_path / "shop.yaml")), "is there already"),
        ((*new, "--out", str(tmp_path / "other.yaml")), "the file of shop is called shop.yaml"),
        (("connector", "new", "My Shop", "--books"), "a connector is called by small letters"),
        ((*new, "--yes", "--answer", "auth=magic"), "'magic': expected one of header"),
        ((*new, "--yes", "--answer", "auth"), "--answer auth: expected NAME=TEXT"),
    ):
        said = desk.syncd(*arguments)
        assert said.code == 2 and told in said.err, said.text
