"""Examples in a mapping run as tests: only what matters is given, only what is named compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.errors import ConfigError
from syncd.mapping import failing, load_books, load_crm
from syncd.mapping_files import load_file

from .systems import BOOKS, SHIPPED, crm_facts


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_example_that_is_shipped_holds(file: Path) -> None:
    mapping = load_file(file)
    assert mapping.examples
    assert failing(mapping.examples) == []


READ = """\
extends: memory_books
customer.rating: rating | number
customer.phone: {first_of: [contacts(type=phone).value | first, {expr: mobile or tel, as: trim}]}
customer.email: none
invoice.due: {first_of: [due | date, terms(nr=1).due | first | date]}
customer.examples:
  - says: holds
    given: {name: " ООО «Пример» ", rating: 7.50, contacts: [{type: fax, value: "1"}, {type: phone, value: "2"}]}
    expect: {name: ООО «Пример», rating: 7.5, phone: "2", email: none}
  - {says: falls back, given: {mobile: "", tel: " 3 "}, expect: {phone: "3"}}
  - {says: out, given: {in_scope: false}, expect: none}
  - {says: the first phone wins, given: {contacts: [{type: phone, value: "2"}]}, expect: {phone: "+2"}}
  - {says: not out, given: {in_scope: true}, expect: none}
  - {says: two things, given: {name: 株, code: K}, expect: {name: 株式, code: none}}
  - {says: cannot, given: {name: none}, expect: {name: 株}}
invoice.examples:
  - {says: by its meaning, given: {state: =void}, expect: {state: void}}
  - {says: day, given: {terms: [{nr: 1, due: 2026-11-18}]}, expect: {due: 2026-11-19}}
  - {says: money, given: {total: 50500.00, currency: RUB}, expect: {total: "50,500.00 RUB"}}
  - {says: other money, given: {total: 50500.00, currency: RUB}, expect: {total: 50500.00 EUR}}
payment.examples:
  - says: rows
    given: {currency: EUR, allocations: [{invoice: 7, amount: 5}, {invoice: 8, amount: 6}]}
    expect: {allocations: [{invoice: 7}, {amount: 6.50 EUR}]}
  - {says: fewer, given: {allocations: []}, expect: {allocations: [{invoice: 7}]}}
"""  # noqa: E501
READ_TOLD = """\
memory_books.yaml:12:98 example "the first phone wins": phone is 2, expected +2
memory_books.yaml:13:54 example "not out": it is read, expected to be left out
memory_books.yaml:14:66 example "two things": name is 株, expected 株式
memory_books.yaml:14:76 example "two things": code is K, expected nothing
memory_books.yaml:15:56 example "cannot": name is held: shipped/memory_books.yaml:13:15 name is empty, and it is required
memory_books.yaml:18:75 example "day": due is 2026-11-18, expected 2026-11-19
memory_books.yaml:20:82 example "other money": total is 50500.00 RUB, expected 50500.00 EUR
memory_books.yaml:24:27 example "rows": amount of allocations 2 is 6.00 EUR, expected 6.50 EUR
memory_books.yaml:25:67 example "fewer": allocations has 0 rows, expected 1
"""  # noqa: E501  # as it is told


def test_what_differs_is_told_with_its_place_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "memory_books.yaml").write_text(READ, "utf-8")
    found = failing(load_books(tmp_path / "memory_books.yaml", BOOKS).examples)
    assert found == READ_TOLD.splitlines()


WRITTEN = """\
extends: memory_crm
lookups.label: {top: Ключевой, default: Прочий}
customer.rating: custom_fields.rating
card.stage: custom_fields.stage | lookup label
customer.examples:
  - says: holds
    given: {name: 株式会社, rating: 5.00, tax_id: "077"}
    expect: {custom_fields.rating: 5, tax_id: "077", email: none, books_id: 1, contact: {name: 株式会社}}
  - {says: part, given: {name: A}, expect: {contact: {name: B}}}
invoice.examples:
  - {says: state, given: {state: void, total: 5.00 EUR}, expect: {amount: 5.00, state: cancelled}}
  - {says: draft, given: {state: draft}, expect: none}
  - {says: date, given: {due: 2026-11-18}, expect: {due: 2026-11-19}}
  - {says: draft too, given: {state: draft}, expect: {state: open}}
payment.examples:
  - says: one each
    given: {allocations: [{invoice: 7, amount: 5.00 EUR}, {invoice: 8, amount: 6.00 EUR}]}
    expect: [{amount: 5.00}, {amount: 6}]
  - {says: none, given: {allocations: []}, expect: [{amount: 5.00}]}
card.examples:
  - says: figures
    given: {currency: RUB, receivable: [48200.00 RUB, 7.00 EUR], prepaid: 5000.00 RUB, sales_12m: 100000.00 RUB, orders_count: 1, proven: 2026-11-18}
    expect: {receivable: 48200.00, custom_fields.prepaid: 5000, stage: Ключевой, line: "Owes EUR 7.00 and RUB 48,200.00, paid ahead RUB 5,000.00, proven 18 Nov"}
  - {says: not read yet, given: {complete: false, overdue: 1.00 EUR}, expect: {overdue: 1.00}}
  - {says: stage, given: {orders_count: 1}, expect: {stage: Первый}}
  - {says: when, given: {changed: 2026-11-18T16:40+01:00}, expect: {line: "Owes nothing, changed 18 Nov 16:40"}}
won.examples:
  - {says: trims, given: {name: " A ", email: A@B.example}, expect: {name: A, email: a@b.example}}
"""  # noqa: E501
WRITTEN_TOLD = """\
memory_crm.yaml:9:61 example "part": name is A, expected B
memory_crm.yaml:13:58 example "date": due_date is 2026-11-18, expected 2026-11-19
memory_crm.yaml:14:62 example "draft too": nothing is written, expected state open
memory_crm.yaml:19:52 example "none": payment is written 0 times, expected 1
memory_crm.yaml:24:89 example "not read yet": custom_fields.overdue is left as it is, expected 1.00
memory_crm.yaml:25:61 example "stage": custom_fields.stage is Прочий, expected Первый
"""


def test_what_is_written_and_the_card_have_examples_too(tmp_path: Path) -> None:
    (tmp_path / "memory_crm.yaml").write_text(WRITTEN, "utf-8")
    loaded = load_crm(tmp_path / "memory_crm.yaml", crm_facts())
    assert len(loaded.examples) == 13
    found = failing(loaded.examples)
    assert found == WRITTEN_TOLD.splitlines()


def test_examples_mean_nothing_and_those_of_the_file_below_are_about_that_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "memory_books.yaml"
    file.write_text("extends: memory_books\ncustomer.name: title\n", "utf-8")
    over = load_books(file, BOOKS)
    assert over.examples == ()
    file.write_text("extends: memory_books\ncustomer.name: title\ncustomer.examples: []\n", "utf-8")
    assert load_books(file, BOOKS).version == over.version


MISTAKES = """\
extends: memory_books
customer.examples:
  - {given: {nmae: A}, expect: {nmae: A}}
  - {says: b, given: {contacts: [{typ: x}]}, expect: [A], when: x}
  - {says: c, given: {name: =A}, expect: {name: [A]}}
  - just text
invoice.examples:
  - {says: d, given: {state: =gone}, expect: {date: 18.11.2026, total: 5, state: posted}}
  - {says: e, given: [state], expect: {terms: {due: x}}}
  - {says: f, given: {number: A}, expect: {terms: [{due: soon, amuont: 5.00 EUR}, x]}}
won.examples:
  - {says: g, given: {nme: A, name: {a: b}}, expect: {nme: A}}
"""
MISTAKES_TOLD = """\
memory_books.yaml:3:5 `says:` is missing in the example
memory_books.yaml:4:23 nothing reads contacts; known: code, currency, email, in_scope, merged_into, name, phone, tax_id
memory_books.yaml:4:35 nothing reads contacts.typ; known: code, currency, email, in_scope, merged_into, name, phone, tax_id
memory_books.yaml:4:54 expect is a table of words, or none
memory_books.yaml:4:59 unknown key when; known: expect, given, says
memory_books.yaml:5:29 no line looks name up in a table
memory_books.yaml:5:49 name is one value
memory_books.yaml:6:5 an example is `{says: ..., given: ..., expect: ...}`
memory_books.yaml:8:30 lookup state gives no gone; known: draft, effective, void
memory_books.yaml:8:53 date is written as a day like 2026-11-18
memory_books.yaml:8:72 total is written as an amount like 50500.00 EUR
memory_books.yaml:8:82 unknown state posted; known: draft, effective, void
memory_books.yaml:9:22 given is a table of what matters
memory_books.yaml:10:58 due is written as a day like 2026-11-18
memory_books.yaml:10:64 unknown word amuont; did you mean amount?
memory_books.yaml:10:83 a row of terms is a table
memory_books.yaml:12:23 unknown word nme; did you mean name?
memory_books.yaml:12:37 name is one value
memory_books.yaml:12:55 unknown path that is written nme; did you mean name?
"""  # noqa: E501


def test_mistakes_of_examples_are_told_with_the_others(tmp_path: Path) -> None:
    file = tmp_path / "memory_books.yaml"
    file.write_text(MISTAKES, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_books(file, BOOKS)
    assert list(refused.value.problems) == MISTAKES_TOLD.splitlines()
