"""`syncd connector try`: what a file asks is shown before anything is asked, and then what came."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.cli.desk import Desk
from tests.rest.shop import HEAD, INVOICES
from tests.rest.world import HERE


def file_of(desk: Desk, old: str = "", new: str = "") -> str:
    text = (HERE / "memory_books.yaml").read_text(encoding="utf-8")
    file = desk.config.parent / "memory_books.yaml"
    file.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    written = yaml.safe_load(desk.config.read_text(encoding="utf-8"))
    books = written["connections"]["books"]
    written["connections"]["books"] = {name: books[name] for name in ("system", "url")}
    desk.config.write_text(yaml.safe_dump(written), encoding="utf-8")
    return str(file)


def test_nothing_is_sent_without_send(desk: Desk) -> None:
    file, asked = file_of(desk), len(desk.world.requests)
    said = desk.syncd("connector", "try", file, "invoice", "--since", "2026-11-18T12:00Z")
    assert said.out.splitlines() == [
        "GET /books/invoices?order=stamp&limit=2&since=2026-11-18T12:00:00%2B00:00",
        "  authorization: ***",
        "nothing was sent; --send asks the system",
    ]
    assert len(desk.world.requests) == asked


def test_records_are_shown_page_by_page_without_the_credential(desk: Desk) -> None:
    desk.world.sides.books.token = "hidden-token-7"
    desk.secret("books", "hidden-token-7")
    file = file_of(desk)
    said = desk.syncd("connector", "try", file, "invoice", "--send", "--pages", "5")
    lines = said.out.splitlines()
    assert said.code == 0, said.err
    assert lines[0] == "GET /books/invoices?order=id&limit=2"
    assert [line for line in lines if line.startswith("page")] == [
        "page 1: 2 records",
        "page 2: 1 record",
    ]
    assert '"number": "' in said.out and lines[-1] == "that is the last page"
    assert "hidden-token-7" not in said.out + said.err
    said = desk.syncd("connector", "try", file, "invoice", "--send", "--key", "2")
    assert "GET /books/invoices?ids=2" in said.out and "page 1: 1 record" in said.out
    assert desk.world.writes() == 0


def test_few_records_of_a_page_are_shown_and_all_are_counted(desk: Desk) -> None:
    file = file_of(desk)
    said = desk.syncd("connector", "try", file, "invoice", "--send", "--records", "1")
    shown = said.out.partition("page 1: 2 records\n")[2].splitlines()
    assert shown[0].startswith("  1 of ") and shown[1] == "  and 1 more: --records"


def test_a_wrong_path_is_told_by_the_answer(desk: Desk) -> None:
    file = file_of(desk, "records: rows", "records: data")
    said = desk.syncd("connector", "try", file, "invoice", "--send")
    assert said.code == 1 and "the answer has no records at data" in said.err
    assert "HTTP 200" in said.out


def test_an_answer_that_is_an_error_is_shown_as_it_came(desk: Desk) -> None:
    """The sentence of a run has no word of it that could be about somebody."""
    file = file_of(desk, 'list: {get: "/{object}"', 'list: {get: "/none/{object}"')
    said = desk.syncd("connector", "try", file, "invoice", "--send")
    assert said.code == 1
    shown = said.out.splitlines()[-1]
    assert "HTTP 404" in said.out and shown.startswith("  {") and "error" in shown, said.text


def test_what_is_typed_wrongly_is_usage(desk: Desk) -> None:
    file = file_of(desk)
    for typed, told in (
        ((file, "invoce"), "memory_books reads no invoce; did you mean invoice?"),
        (("none.yaml", "invoice"), "none.yaml: there is no such file"),
        ((file, "invoice", "--since", "noon"), "--since noon: expected a moment"),
        ((file, "invoice", "--since", "2026-11-18", "--key", "1"), "not both"),
    ):
        said = desk.syncd("connector", "try", *typed)
        assert said.code == 2 and told in said.err


def test_a_login_is_shown_before_the_request(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    auth = "auth: {client_credentials: {post: /oauth/token}}\n"
    file.write_text(HEAD + auth + INVOICES, encoding="utf-8")
    assert desk.syncd("connector", "try", str(file), "invoice").out.splitlines() == [
        "POST /oauth/token",
        "  grant_type=client_credentials&client_id=***&client_secret=***",
        "  (its answer gives the credential, shown as *** from now on)",
        "GET /invoices",
        "nothing was sent; --send asks the system",
    ]
    said = desk.syncd("connector", "try", str(file), "invoice", "--send")
    assert said.code == 2 and "no connection is of the system shop" in said.err
