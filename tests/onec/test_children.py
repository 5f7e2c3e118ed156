"""What hangs on a won customer in 1C: its persons, the address goods go to, and its contract; each
once, whatever happens on the way."""

from __future__ import annotations

import copy
import dataclasses
import functools
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.memory import MemoryCrm
from connectors.onec.values import chosen_key
from syncd.mapping import CrmMapping, load_crm
from syncd.store.tables import part
from syncd.sync.pair import Pair
from tests.onec.office import Office
from tests.onec.pair import Company

OVERLAY = """
extends: memory_crm
won.delivery_street: custom_fields.delivery_street | trim
won.delivery_city: custom_fields.delivery_city | trim
won.organisation: custom_fields.organisation | trim
"""
OPT = "ООО «Пример-Опт»"
PERSONS = {"ut": "Catalog_КонтактныеЛицаПартнеров"}
CONTRACTS = "Catalog_ДоговорыКонтрагентов"


class Killed(BaseException):
    pass


class Winning(Company):
    """A company whose cards say where goods go, and which organisation sells."""

    def build(self, checkpoint: Callable[[str], None] = lambda _name: None) -> Pair:
        pair = super().build(checkpoint)
        self.pair = dataclasses.replace(pair, writing=writing(self.folder))
        return self.pair


@functools.cache
def _writing(text: str, folder: Path) -> CrmMapping:
    file = folder / "own_crm.yaml"
    file.write_text(text, encoding="utf-8")
    return load_crm(file, MemoryCrm({}).facts)


def writing(folder: Path) -> CrmMapping:
    return _writing(OVERLAY, folder)


def live(folder: Path, configuration: str = "ut") -> Winning:
    company = Winning(folder, Office(configuration))
    company.set_up()
    company.run()
    company.later()
    return company


def win(company: Winning, **fields: object) -> tuple[str, str]:
    """A card with two persons, an address of delivery and an organisation; and the first person."""
    crm = company.world.crm
    told = {
        "custom_fields__delivery_street": "ул. Ленина, 1",
        "custom_fields__delivery_city": "Москва",
        "custom_fields__organisation": OPT,
    }
    account = crm.add_account("株式会社サンプル商事", email="sales@example.jp", **(told | fields))
    anna = crm.add_person(
        account, "Анна Иванова", role="Бухгалтер", phone="+7 495 100", email="anna@example.ru"
    )
    crm.add_person(account, "鈴木 花子")
    crm.win(crm.open_deal(account, "Order", "900", "EUR"))
    return account, anna


def rows(company: Winning, name: str) -> list[Mapping[str, Any]]:
    return list(company.office.sandbox.base.objects[name].values())


def customer(company: Winning, account: str) -> Mapping[str, Any]:
    [found] = [
        one
        for one in rows(company, "Catalog_Контрагенты")
        if f"CRM-{account}" in (one.get("ДополнительнаяИнформация"), one.get("Комментарий"))
    ]
    return found


def persons(company: Winning, account: str) -> dict[str, Mapping[str, Any]]:
    name = PERSONS.get(company.office.name, "Catalog_КонтактныеЛица")
    mine = [
        one
        for one in rows(company, name)
        if f"CRM-{account}/" in one["Комментарий"] + one.get("ДополнительнаяИнформация", "")
    ]
    assert len({one["Description"] for one in mine}) == len(mine), "made twice"
    return {str(one["Description"]): one for one in mine}


def delivery(company: Winning, account: str) -> list[str]:
    """Addresses of the partner, else of the counterparty."""
    holder = customer(company, account)
    if company.office.name == "ut":
        holder = company.office.sandbox.base.get("Catalog_Партнеры", holder["Партнер_Key"])
    return [one["Представление"] for one in holder["КонтактнаяИнформация"] if one["Тип"] == "Адрес"]


def refusals(company: Winning) -> str:
    """What 1C, or its connector, said to what waits."""
    with company.pair.store.reading() as tx:
        return "\n".join(filter(None, tx.scalars(sa.select(part.c.error))))


def contracts(company: Winning, account: str) -> list[Mapping[str, Any]]:
    key = customer(company, account)["Ref_Key"]
    return [
        one
        for one in rows(company, CONTRACTS)
        if key in (one.get("Owner_Key"), one.get("Контрагент_Key"))
    ]


def complete(company: Winning, account: str) -> None:
    """All of it is there, once, and nothing is left to do."""
    assert set(persons(company, account)) == {"Анна Иванова", "鈴木 花子"}
    assert delivery(company, account) == ["Москва, ул. Ленина, 1"]
    assert len(contracts(company, account)) == 1
    assert company.problems() == []
    assert company.states() == {}
    assert company.later().writes == 0


@pytest.mark.parametrize("configuration", ["ut", "bp", "unf"])
def test_persons_address_and_contract_are_made_with_the_customer(
    tmp_path: Path, configuration: str
) -> None:
    company = live(tmp_path, configuration)
    account, anna = win(company)
    company.later()
    complete(company, account)
    made = customer(company, account)
    person = persons(company, account)["Анна Иванова"]
    marker = f"CRM-{account}/{anna}"
    name = PERSONS.get(configuration, "Catalog_КонтактныеЛица")
    assert person["Ref_Key"] == chosen_key(marker, name)
    role = "ДолжностьПоВизитке" if configuration == "ut" else "Должность"
    assert person[role] == "Бухгалтер"
    ways = {one["Тип"]: one["Представление"] for one in person["КонтактнаяИнформация"]}
    assert ways == {"Телефон": "+7 495 100", "АдресЭлектроннойПочты": "anna@example.ru"}
    owner = {
        "ut": ("Owner_Key", made.get("Партнер_Key")),
        "bp": ("ОбъектВладелец", made["Ref_Key"]),
        "unf": ("Owner_Key", made["Ref_Key"]),
    }[configuration]
    assert person[owner[0]] == owner[1]
    [contract] = contracts(company, account)
    firms = {one["Ref_Key"]: one["Description"] for one in rows(company, "Catalog_Организации")}
    assert firms[contract["Организация_Key"]] == OPT
    buyer = "ТипДоговора" if configuration == "ut" else "ВидДоговора"
    assert contract[buyer] == "СПокупателем"


def test_an_address_is_found_by_its_id_alone(tmp_path: Path, begun: tuple[Winning, str]) -> None:
    """As it is asked for when a system seems to be emptied."""
    company, account = again(begun[0], tmp_path), begun[1]
    company.later()
    with company.pair.store.reading() as tx:
        query = sa.select(part.c.remote_id).where(part.c.target == "books.address")
        [remote_id] = tx.scalars(query)
    assert company.pair.find("books.address", {"id": remote_id}, {})
    assert not company.pair.find("books.address", {"id": customer(company, account)["Ref_Key"]}, {})


# -- killed on the way ---------------------------------------------------------------------------

STEPS = 6
"""Partner, counterparty, address, contract and two persons, in whatever order."""


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Winning, str]:
    """A card was won, and nothing of it was read yet."""
    company = live(tmp_path_factory.mktemp("begun"))
    account, _ = win(company)
    company.pair.store.close()
    company.office.restart()  # of the process that ended nothing is left
    return company, account


def again(begun: Winning, folder: Path, **options: str) -> Winning:
    """The same company once more, as it was then."""
    found = copy.copy(begun)
    del found.pair
    found.office, found.world = copy.deepcopy((begun.office, begun.world))
    found.office.options |= options
    found.clock, found.folder = found.office.clock, folder
    shutil.copyfile(begun.folder / "state.sqlite", folder / "state.sqlite")
    found.build()
    return found


def kill_at(company: Winning, nth: int) -> None:
    """The process dies when 1C has carried out its nth write."""
    sandbox, left = company.office.transport.sandbox, [nth]
    answered = sandbox.answer

    def dying(asked: Any) -> Any:
        done = answered(asked)
        left[0] -= asked.method in ("POST", "PATCH")
        if left[0] == 0:
            raise Killed
        return done

    sandbox.answer = dying  # type: ignore[method-assign]  # the line behind which it dies
    with pytest.raises(Killed):
        company.later()
    sandbox.answer = answered  # type: ignore[method-assign]  # as it was
    company.build()


@pytest.mark.parametrize("nth", range(2, STEPS + 1))
def test_killed_after_any_step_the_rest_follows_and_nothing_is_doubled(
    tmp_path: Path, begun: tuple[Winning, str], nth: int
) -> None:
    company, account = again(begun[0], tmp_path), begun[1]
    kill_at(company, nth)
    company.later()
    complete(company, account)


def test_without_chosen_keys_a_person_is_found_by_its_marker(
    tmp_path: Path, begun: tuple[Winning, str]
) -> None:
    company, account = again(begun[0], tmp_path, chosen_keys="no"), begun[1]
    kill_at(company, 3)
    company.later()
    complete(company, account)


# -- what may be otherwise -----------------------------------------------------------------------


def test_one_who_joins_later_is_added_and_nothing_else_changes(
    tmp_path: Path, begun: tuple[Winning, str]
) -> None:
    company, account = again(begun[0], tmp_path), begun[1]
    company.later()
    crm = company.world.crm
    anna = crm.persons[account][0]["id"]
    crm.edit_person(account, anna, email="anna.new@example.ru")
    crm.remove_person(account, crm.persons[account][1]["id"])
    crm.add_person(account, "Grace")
    company.later(90_000)
    found = persons(company, account)
    assert set(found) == {"Анна Иванова", "鈴木 花子", "Grace"}
    ways = [one["Представление"] for one in found["Анна Иванова"]["КонтактнаяИнформация"]]
    assert "anna@example.ru" in ways, "what is in the books is the books'"
    assert company.later().writes == 0


def test_what_the_base_does_not_publish_waits_alone_and_says_what_to_do(
    tmp_path: Path, begun: tuple[Winning, str]
) -> None:
    company, account = again(begun[0], tmp_path), begun[1]
    company.office.sandbox.switches.unpublished = "Catalog_КонтактныеЛицаПартнеров"
    company.build()
    company.later()
    assert customer(company, account)
    assert delivery(company, account) and contracts(company, account)
    assert persons(company, account) == {}
    assert len(company.problems()) == 1
    said = refusals(company)
    assert "does not publish Catalog_КонтактныеЛицаПартнеров" in said
    assert "won.people: none" in said


def test_an_organisation_that_is_none_is_refused_by_its_name(
    tmp_path: Path, begun: tuple[Winning, str]
) -> None:
    company, account = again(begun[0], tmp_path), begun[1]
    company.world.crm.edit("account", account, custom_fields__organisation="ООО «Никто»")
    company.later()
    assert contracts(company, account) == []
    assert "ООО «Никто»" in refusals(company)
