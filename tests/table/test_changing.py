"""Files that change, grow, are being written, or are not there."""

from __future__ import annotations

import datetime as dt
import os

import pytest

from syncd.domain import Kind
from syncd.errors import AccessError, ProtocolError, RateLimitedError, UnavailableError
from syncd.port import All, Keys, Since
from syncd.table.source import AGAIN
from tests.table.conftest import Make
from tests.table.exports import (
    COLUMNS,
    PAYMENTS,
    READ,
    ROWS,
    Exports,
    csv_of,
    plain,
    wrong,
    xlsx_of,
)

# ------------------------------------------------------------------- files that change, or do not


def test_a_file_that_did_not_change_is_only_looked_at(exports: Exports) -> None:
    exports.put("payments.csv", csv_of([COLUMNS, *ROWS]))
    records = exports.records()
    before = exports.transport.calls
    [page] = exports.again(Kind.PAYMENT, records)
    assert (page.records, page.next, exports.transport.calls - before) == ((), None, 1)
    # Saved again within the same second, with as many bytes.
    exports.put("payments.csv", csv_of([COLUMNS, ROWS[1], ROWS[0]]))
    assert [one.key for page in exports.again(Kind.PAYMENT, records) for one in page.records] == [
        "000018",
        "000017",
    ]


@pytest.mark.parametrize("name", ["payments.csv", "payments.xlsx"])
def test_a_file_that_is_being_written_is_left_alone_until_it_rests(make: Make, name: str) -> None:
    exports = make(PAYMENTS.replace("payments.csv", name))
    whole = csv_of([COLUMNS, *ROWS])
    if name.endswith("xlsx"):
        whole = xlsx_of({"A": [COLUMNS, *ROWS]})
    exports.put(name, whole[:-40], ago=3)
    for scope in (All(), Since(None), Keys(("000017",))):
        with pytest.raises(RateLimitedError) as error:
            exports.page(Kind.PAYMENT, scope)
        assert str(error.value) == (
            f"{name} is being written: it was changed 3 s ago, and is read when it has rested for "
            "10 s"
        )
        assert error.value.retry_after == 7
    exports.put(name, whole, ago=0)
    exports.clock.advance(10)
    assert len(exports.records()) == 2


def test_a_time_that_is_still_to_come(exports: Exports) -> None:
    exports.put("payments.csv", csv_of([COLUMNS, *ROWS]), ago=-3 * 86400)
    with pytest.raises(ProtocolError, match="was changed on 2026-11-21, which is still to come"):
        exports.records()


def test_a_log_that_grows_is_read_at_once_as_far_as_its_last_whole_line(make: Make) -> None:
    exports = make(PAYMENTS + "    grows: true\n", part=100)
    exports.put("payments.csv", csv_of([COLUMNS, *ROWS]) + b"19;1.12.2026;\xc0", ago=0)
    assert plain(exports) == READ
    first = exports.page(Kind.PAYMENT, All())
    assert first.next is not None
    exports.append("payments.csv", b"\xc1;5\r\n20;1.12.2026;b;6\r\n")
    rest = exports.records(scope=All(first.next))  # as far as it went when the pass began
    assert [one.key for one in (*first.records, *rest)] == ["000017", "000018"]
    assert [one.key for one in exports.records()] == ["000017", "000018", "19", "20"]


def test_a_pass_begins_again_where_the_file_is_replaced_meanwhile(make: Make) -> None:
    exports = make(part=150)
    rows = [(str(n), "1.12.2026", "x", "5") for n in range(30)]
    exports.put("payments.csv", csv_of([COLUMNS, *rows]))
    first = exports.page(Kind.PAYMENT, All())
    exports.put("payments.csv", csv_of([COLUMNS, *rows[5:]]), ago=59)
    page = exports.page(Kind.PAYMENT, All(first.next))
    assert (page.records, page.next) == ((), AGAIN)
    rest = exports.records(scope=All(AGAIN))
    assert [one.key for one in rest] == [str(n) for n in range(5, 30)]
    assert wrong(exports) == []


def test_a_folder_with_a_file_a_day(make: Make) -> None:
    exports = make(PAYMENTS.replace("payments.csv", '"days/*.csv"'))
    (exports.folder / "days").mkdir()
    for day in (16, 17, 18):
        rows = [COLUMNS, (str(day), f"{day}.11.2026", "x", "5")]
        exports.put(f"days-{day}.csv", csv_of(rows), ago=(18 - day) * 86400 + 60)
        os.rename(exports.folder / f"days-{day}.csv", exports.folder / "days" / f"{day}.csv")
    (exports.folder / "days" / "~$18.csv").write_bytes(b"locked")
    records = exports.records()
    assert [one.key for one in records] == ["18", "17", "16"]
    assert len(exports.again(Kind.PAYMENT, records)) == 1
    exports.clock.advance(3600)
    exports.put("19.csv", csv_of([COLUMNS, ("19", "19.11.2026", "x", "5")]))
    os.rename(exports.folder / "19.csv", exports.folder / "days" / "19.csv")
    before = exports.transport.calls
    found = [one.key for page in exports.again(Kind.PAYMENT, records) for one in page.records]
    assert found == ["19", "18"]  # what lies within the overlap, and what came
    assert exports.transport.calls - before < 7
    exports.clock.advance(3600)
    assert [one.key for one in exports.records(scope=Keys(("16", "7")))] == ["16"]


def test_where_files_of_a_folder_overlap_the_last_one_counts(make: Make) -> None:
    exports = make('  customer: {file: "c-*.csv", key: id}\n')
    exports.put("c-1.csv", b"id;name\n1;old\n2;same\n3;gone from the next\n")
    exports.put("c-2.csv", b"id;name\n1;new\n2;same\n1;twice in one file\n")
    assert wrong(exports, Kind.CUSTOMER) == [
        "c-2.csv, column id: row 4: 1 stands in a row before too; a key is there once"
    ]
    found = [(one.key, one.data.get("name")) for one in exports.records(Kind.CUSTOMER)]
    assert found == [("1", "new"), ("2", "same"), ("1", None), ("3", "gone from the next")]


def test_a_list_of_won_deals_is_read_whole_each_time(make: Make) -> None:
    """It is asked for by the day that people typed, and not by when the file was saved."""
    exports = make('  deal: {file: "deals-*.csv", key: id}\n')
    for name in ("deals-1.csv", "deals-2.csv"):
        exports.put(name, f"id;stage\n{name[6]};won\n".encode(), ago=90 * 86400)
    since = Since(exports.clock.now - dt.timedelta(days=30))
    assert [one.key for one in exports.records(Kind.DEAL, since)] == ["2", "1"]


# ------------------------------------------------------------------------ files that are not there


def test_what_is_missing_or_forbidden_is_no_empty_list(make: Make) -> None:
    exports = make()
    with pytest.raises(UnavailableError, match="is not there"):
        exports.records()
    with pytest.raises(UnavailableError, match="is not there"):
        exports.transport.run(exports.connector.identity())
    exports = make(PAYMENTS.replace("payments.csv", '"p-*.csv"'))
    with pytest.raises(UnavailableError, match=r"no file is called like p-\*.csv"):
        exports.records()
    (exports.folder / "outside.csv").symlink_to("/etc/hostname")
    exports = make(PAYMENTS.replace("payments.csv", "outside.csv"))
    with pytest.raises(AccessError, match="HTTP 403"):
        exports.records()


def test_the_company_is_that_of_the_settings(exports: Exports) -> None:
    exports.put("payments.csv", csv_of([COLUMNS]))
    identity = exports.transport.run(exports.connector.identity())
    assert (identity.id, identity.label) == ("ООО «Ромашка»", "ООО «Ромашка»")
    assert exports.records() == []


def test_the_columns_are_what_a_mapping_may_name(make: Make) -> None:
    exports = make("  payment: {file: p.csv, key: id, lines: [inv, part]}\n")
    exports.put("p.csv", b"id;Due date;inv;part\n")

    def run(object: str) -> dict[str, str]:
        return dict(exports.transport.run(exports.connector.fields(object)))

    assert run("payment") == {"id": "", "Due_date": "", "lines": "payment/lines"}
    assert run("payment/lines") == {"inv": "", "part": ""}
    assert run("invoice") == {}
