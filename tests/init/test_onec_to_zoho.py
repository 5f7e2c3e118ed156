"""From pasted addresses and a one-time code to a plan whose documents add up; and what is said
where something is wrong."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from syncd.assembly import Assembly
from syncd.domain import Kind
from syncd.sandbox.onec.odata.metadata import sets
from syncd.sandbox.zoho_crm.oauth import CLIENT_ID, CLIENT_SECRET, GRANT
from syncd.sandbox.zoho_crm.schema import Field
from syncd.settings import load
from tests.init.onec_to_zoho import ZOHO_SECRETS, Morning, morning


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Morning]:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "SYNCD_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    with morning(tmp_path) as day:
        yield day


def test_from_two_pasted_addresses_to_a_plan_that_adds_up(day: Morning) -> None:
    zoho = ["zoho_crm", f"{day.zoho_url}/crm/org20071998001/tab/Home/begin", *ZOHO_SECRETS]
    books = day.onec("geheim", "", "sandbox", "Europe/Moscow", "", "none")
    said = day.init(
        answers=[*books, *zoho, "y", "", "2", "ru", "", "", "all", "propose", "", "", "", ""]
    )

    assert said.code == 0, said.text
    assert said.out.index("Have ready") < said.out.index("\nThe books")
    assert not {"geheim", "sandbox", *ZOHO_SECRETS} & set(said.text.split())
    assert "Switched off by `match: none` in the CRM's mapping" in said.out
    assert day.writes() == []
    pair = load(day.config).pairs["main"]
    assert (pair.books_mapping, pair.books.options["zone"]) == ("onec_ut", "Europe/Moscow")

    plan = said.out[said.out.index("\nPlan ") :]
    rows = re.findall(
        r"^([a-z_]+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$", plan, re.M
    )
    read = {kind: [int(one) for one in counts] for kind, *counts in rows}
    for kind, (whole, *parts) in read.items():
        assert whole == sum(parts), kind
    published = day.books.sandbox.base.objects
    layout = day.books.layout
    for kind in (Kind.ORDER, Kind.INVOICE, Kind.CREDIT_NOTE):
        there = sum(len(published[name]) for name in layout.of(kind))
        assert read[kind][0] == there > 0, kind
    money = re.findall(r"^(receivable|paid ahead) +([A-Z]+) +(\S+) +(\S+) +(\S+)$", plan, re.M)
    assert {(word, currency) for word, currency, *_ in money} == {
        *(("receivable", one) for one in ("RUB", "EUR", "JPY")),
        ("paid ahead", "RUB"),
    }
    nothing = {"RUB": "0.00", "EUR": "0.00", "JPY": "0"}
    assert [row for row in money if row[2] != row[3] or row[4] != nothing[row[1]]] == []


def test_of_several_organisations_those_chosen_are_in_the_plan(day: Morning) -> None:
    """By number; what each answer means is told at once."""
    accounts = day.zoho.crm.module("Accounts")
    day.zoho.crm.add_field(accounts, Field("INN", "text", 100, custom=True))
    for name, tax in (("ООО «С ИНН»", "7700000009"), ("ООО «Без ИНН»", None)):
        account = day.zoho.add("Accounts", Account_Name=name, INN=tax)
        closed = day.clock.utc().date().isoformat()
        deal = {"Deal_Name": name, "Stage": "Closed Won", "Closing_Date": closed}
        day.zoho.add("Deals", Account_Name=account, **deal)
    zoho = ["zoho_crm", day.zoho_url, *ZOHO_SECRETS]
    books = day.onec("sandbox", "Europe/Moscow", "ООО «Нет»", "2,7", "2", "none")
    crm = [*zoho, "y", "", "2026-10-20", "ru", "", "", "all", "propose", "", "", "", ""]
    said = day.init(answers=[*books, *crm])
    assert said.code == 0, said.text
    assert re.search(r"^  1  ООО «Пример-Опт» +4\n  2  ООО «Пример-Торг» +29$", said.out, re.M)
    assert "! 1C has no organisation ООО «Нет», which the setting organisations" in said.out
    assert "! 7: expected numbers from 1 to 2, or all" in said.out
    assert "books of    ООО «Пример-Торг» (1 of 2), УТ 11 / КА 2 / ERP 2\n" in said.out
    assert re.search(r"sessions +1 for \d+ requests, and it is closed again", said.out)
    assert (
        "the balances of 2026-10-20 can be read; open was of 6 customers: 11,600 EUR owed, "
        "82,950 RUB owed, 5,000 RUB paid ahead\n"
    ) in said.out
    assert "Closed Won: 2 deals in the last 30 days, 1 of them without a tax id\n" in said.out
    assert "--books-organisations 'ООО «Пример-Торг»' --books-changes none" in said.out
    assert load(day.config).pairs["main"].books.options["organisations"] == "ООО «Пример-Торг»"
    plan = said.out[said.out.index("\nPlan ") :]
    assert "onec ООО «Пример-Торг» (1 of 2), УТ 11 / КА 2 / ERP 2 -> zoho_crm" in plan
    assert re.search(r"^receivable +RUB +98,399.25 +98,399.25 +0.00$", plan, re.M), "less 64,000"
    assert "JPY" not in plan
    assert day.writes() == []


def test_the_printed_command_gives_the_same_files_without_a_code(day: Morning) -> None:
    crm = files(day, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code=GRANT)
    said = day.init(*flags(day), *crm, "--yes", "--books-changes", "CRM/CRM")
    assert said.code == 0, said.text
    line = next(line for line in said.out.splitlines() if line.startswith("  syncd --config"))
    before = day.config.read_bytes()
    again = day.syncd(*shlex.split(line)[3:], "--replace", "y")
    assert again.code == 0, again.text
    assert day.config.read_bytes() == before
    assert day.zoho.zoho.oauth.spent and "a code is good once" not in again.text


# -- Zoho's login ----------------------------------------------------------------------------------


def flags(day: Morning, *more: str) -> list[str]:
    """All of 1C, and Zoho's address."""
    (day.folder / "given").mkdir(parents=True, exist_ok=True)
    password = day.folder / "given" / "books"
    password.write_text("sandbox\n", encoding="utf-8")
    books = ["--books-system", "onec", "--books-url", day.books.address, "--books-login", "Обмен"]
    books += ["--books-password-file", str(password), "--books-zone", "Europe/Moscow"]
    books += ["--books-organisations", "all", "--books-changes", "none"]
    return [*books, "--crm-system", "zoho_crm", "--crm-url", day.zoho_url, *more]


def files(day: Morning, **texts: str) -> list[str]:
    words = []
    for name, text in texts.items():
        file = day.folder / "given" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        words += [f"--crm-{name.replace('_', '-')}-file", str(file)]
    return words


def test_a_code_is_exchanged_once_and_what_it_gave_is_kept_at_once(day: Morning) -> None:
    """The organisation cannot be read at first: the second try needs no second code."""
    day.zoho.zoho.switches.scopes = "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL"
    said = day.init(*flags(day), answers=ZOHO_SECRETS)
    assert "Generate Code, 10 minutes, with\n  ZohoCRM.modules.ALL," in said.out
    assert "! the refresh token lacks the scopes ZohoCRM.coql.READ, ZohoCRM.org.READ." in said.out
    lasting = day.zoho.zoho.refresh_token()
    assert day.secret("crm.refresh_token") == lasting
    assert not {*ZOHO_SECRETS, lasting} & set(said.text.split()), "nothing of it is shown"

    day.zoho.zoho.switches.scopes += ",ZohoCRM.coql.READ,ZohoCRM.org.READ,ZohoCRM.users.READ"
    said = day.init(*flags(day), answers=["y"])
    assert "edition     enterprise, 14 licences\n" in said.out
    assert "allows      64000 credits in 24 hours" in said.out
    assert "One-time code" not in said.out


def test_a_used_code_is_told_and_enter_keeps_what_was_right(day: Morning) -> None:
    day.zoho.zoho.oauth.spent = True
    wrong = [CLIENT_ID, "not-the-secret", GRANT, "", CLIENT_SECRET, ""]
    said = day.init(*flags(day), answers=[*wrong, "", "", day.zoho.zoho.refresh_token()])
    assert "! the secret client_secret does not belong to this client id." in said.out
    assert "! Zoho takes this neither as a code nor as a refresh token: a code is good" in said.out
    assert "company     Торговый дом «Пример»" in said.out, "a refresh token is taken too"
    assert day.secret("crm.client_secret") == CLIENT_SECRET


def test_a_code_may_be_a_file_and_the_second_time_it_is_spent(day: Morning) -> None:
    words = flags(day, *files(day, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code=GRANT))
    for spent in (False, True):
        said = day.init(*words, "--yes", *(["--replace", "y"] if spent else []))
        assert said.code == 0, said.text
        assert ("a code is good once" in said.out) is spent
        assert "--crm-refresh-token-file" in said.out and "--crm-code-file" not in said.out
        assert GRANT not in said.text


def test_the_organisation_says_that_it_is_a_sandbox(day: Morning) -> None:
    day.zoho.zoho.switches.organisation_type = "sandbox"
    said = day.init(*flags(day), answers=[*ZOHO_SECRETS, ""])
    assert "Is Торговый дом «Пример» the production organisation [y/n] [n]" in said.out


# -- 1C --------------------------------------------------------------------------------------------


def test_the_web_client_without_odata_is_told_from_an_address_where_nothing_is(
    day: Morning,
) -> None:
    day.books.sandbox.switches.odata = False
    host = day.books.address.removeprefix("http://").partition("/")[0]
    said = day.init(answers=["onec", f"http://{host}/trade/ru_RU/#e1cib/app", f"http://{host}/x"])
    assert "! 1C is published here, but its OData is off. In the configurator:" in said.out
    assert "! HTTP 404 at /odata/standard.odata/: nothing of 1C is published here" in said.out


def test_a_refused_login_names_what_it_may_be(day: Morning) -> None:
    said = day.init(answers=day.onec("geheim", "", "sandbox", ""))
    assert "! 1C refuses the login: not this password, or no right «Удаленный" in said.out
    assert "or its web server reads no Cyrillic letters (sent as UTF-8)" in said.out
    assert "company     ООО «Пример-Опт», ООО «Пример-Торг»" in said.out


def test_what_is_not_published_is_one_text_for_who_publishes_it(day: Morning) -> None:
    hidden = "Catalog_Валюты,AccumulationRegister_ЗаказыКлиентов,Document_ВозвратТоваровОтКлиента"
    switches = day.books.sandbox.switches
    switches.unpublished = hidden
    said = day.init(answers=day.onec("sandbox", ""))
    head = "«Состав стандартного интерфейса OData», добавить:\n"
    assert f"{head}      Справочник.Валюты\nEnter tries again" in said.out, "the needed ones alone"

    switches.unpublished = hidden.partition(",")[2]
    said = day.init(answers=["sandbox", ""])
    optional = said.out[said.out.index("optional ") :]
    assert "\n      РегистрНакопления.ЗаказыКлиентов\n" in optional
    assert "\n      Документ.ВозвратТоваровОтКлиента\n" in optional
    assert "Time zone of its server" in said.out, "it goes on"


@pytest.mark.parametrize(
    ("published", "says"),
    [
        ("Catalog_Партнеры", "for УТ 11 / КА 2 / ERP 2. For the 1C specialist"),
        ("", "for УТ 11 / КА 2 / ERP 2, УНФ, БП 3.0. For the 1C specialist"),
    ],
)
def test_without_a_known_configuration_it_says_what_the_likeliest_needs(
    day: Morning, published: str, says: str
) -> None:
    names = [one for one in sets(day.books.sandbox.base) if one != published]
    day.books.sandbox.switches.unpublished = ",".join(names)
    said = day.init(answers=day.onec("sandbox"))
    assert f"! 1C publishes too little by OData {says}" in said.out
    assert "Документ.ЗаказКлиента\n" in said.out
    assert ("Документ.РасходнаяНакладная" in said.out) is (published == "")


def test_an_order_of_the_future_tells_that_the_zone_is_another(day: Morning) -> None:
    """The server is in Екатеринбург, and an order was typed a minute ago."""
    day.books.sandbox.switches.zone = "Asia/Yekaterinburg"
    orders = day.books.sandbox.base.objects["Document_ЗаказКлиента"]
    next(iter(orders.values()))["Date"] = "2026-11-18T16:59:30"
    typed = ["sandbox", "Europe/London", "n", "Europe/London", "y"]
    said = day.init(answers=day.onec(*typed))
    assert "newest      order of 2026-11-18 16:59 there; it is 2026-11-18 12:00 UTC" in said.out
    assert "Time zone of its server [Asia/Yekaterinburg]" in said.out
    assert said.out.count("! in Europe/London the newest order would be made 5.0 h from now") == 2


def test_an_exchange_plan_is_named_and_taken_only_when_somebody_says_so(day: Morning) -> None:
    crm = files(day, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code=GRANT)
    words = flags(day, *crm, "--yes")
    said = day.init(*words)
    assert "changes     CRM/CRM: exchange plan CRM, node CRM “CRM”" in said.out
    assert "exchange_plan" not in day.config.read_text(encoding="utf-8")

    said = day.init(*words, "--replace", "y", "--books-changes", "CRM/CRM")
    text = day.config.read_text(encoding="utf-8")
    assert "exchange_plan: CRM" in text and "--books-changes CRM/CRM" in said.out


# -- links that are there already ------------------------------------------------------------------


def left_by_an_earlier_integration(
    day: Morning, *, unique: bool, module: str = "Accounts", name: str = "Account_Name"
) -> list[str]:
    """A field of cards with the keys of 1C; the ids of the cards."""
    crm, customers = day.zoho.crm, day.books.sandbox.base.objects["Catalog_Контрагенты"]
    for field, only in (("Key_1C", unique), ("INN", False)):
        crm.add_field(crm.module(module), Field(field, "text", 100, unique=only, custom=True))
    rows = [(key, row) for key, row in customers.items() if not row.get("IsFolder")][:3]
    return [
        day.zoho.add(module, **{name: f"Карточка {key}"}, Key_1C=key, INN=row["ИНН"])
        for key, row in rows
    ]


def test_a_field_with_the_keys_of_the_books_is_adopted_as_links(day: Morning) -> None:
    cards = left_by_an_earlier_integration(day, unique=True)
    crm = files(day, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code=GRANT)
    said = day.init(*flags(day), *crm, "--yes")
    assert said.code == 0, said.text
    assert "custom_fields.Key_1C (“Key 1C”) is filled on 3 of 3 cards" in said.out
    assert "of 3 looked at, 3 are the key of a customer of the books" in said.out
    assert "tax ids agree on 3 of the 3 that both sides have" in said.out
    assert "--crm-adopt custom_fields.Key_1C" in said.out
    assert re.search(r"^customer +12 +9 +3 +0 ", said.out, re.M), "three cards are found, not made"

    setup = day.syncd("connections", "setup", "crm")
    assert setup.code == 0, setup.text
    plan = re.search(r"^Plan (\w+)", day.syncd("plan").out, re.M)
    assert plan and day.syncd("apply", plan[1]).code == 0
    assert {row.id for row in day.zoho.rows("Accounts")} >= set(cards)
    assert len(day.zoho.rows("Accounts")) == 12, "no card is made twice"


def test_a_field_that_two_cards_may_share_is_not_adopted(day: Morning) -> None:
    left_by_an_earlier_integration(day, unique=False)
    crm = files(day, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code=GRANT)
    said = day.init(*flags(day), *crm, "--yes")
    assert "! custom_fields.Key_1C (“Key 1C”) is not unique in the CRM: make it so" in said.out
    assert "id_field" not in day.config.read_text(encoding="utf-8")


# -- the contact as the card -----------------------------------------------------------------------


def test_where_won_deals_name_contacts_these_are_the_cards(day: Morning) -> None:
    cards = left_by_an_earlier_integration(day, unique=True, module="Contacts", name="Last_Name")
    account = day.zoho.add("Accounts", Account_Name="株式会社サンプル")
    won = {"Stage": "Closed Won", "Closing_Date": day.clock.utc().date().isoformat()}
    for card in cards[:2]:
        day.zoho.add("Deals", Deal_Name="D", Contact_Name=card, **won)
    day.zoho.add("Deals", Deal_Name="D", Account_Name=account, **won)
    crm = files(day, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code=GRANT)
    said = day.init(*flags(day), *crm, "--yes", "--won-by", "leads", "--language", "ru")
    assert said.code == 0, said.text
    assert "Accounts: 1 there, named by 1 deal of those won in the last 30 days" in said.out
    assert "Contacts: 3 there, named by 2 deals of those won in the last 30 days" in said.out
    assert "--crm-card Contacts --crm-adopt custom_fields.Key_1C" in said.out
    assert load(day.config).pairs["main"].crm_mapping == "zoho_crm_persons"
    inbound = Assembly(load(day.config), day.clock).mappings("main")[1].inbound
    lead = inbound[Kind.LEAD].read
    assert lead.object == "Leads" and "Converted_Contact.id" in lead.paths
    assert Kind.DEAL not in inbound
    assert re.search(r"^customer +12 +9 +3 +0 ", said.out, re.M), "three cards are found, not made"

    setup = day.syncd("connections", "setup", "crm")
    assert setup.code == 0, setup.text
    plan = re.search(r"^Plan (\w+)", day.syncd("plan").out, re.M)
    assert plan and day.syncd("apply", plan[1]).code == 0
    assert len(day.zoho.rows("Contacts")) == 12, "no card is made twice"
    assert [row.id for row in day.zoho.rows("Accounts")] == [account]
    pasted = f"https://crm.zoho.eu/crm/org20071998001/tab/Contacts/{cards[0]}"
    assert cards[0] in day.syncd("links", "--customer", pasted).out
    assert "Receivable_Balance" in day.syncd("why", "card", pasted, "receivable").out


def test_accounts_are_the_cards_where_somebody_says_so(day: Morning) -> None:
    day.zoho.add("Contacts", Last_Name="山田")
    crm = files(day, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code=GRANT)
    said = day.init(*flags(day), *crm, "--yes", "--crm-card", "Accounts")
    assert said.code == 0, said.text
    assert "Contacts: 1 there, named by 0 deals" in said.out
    assert load(day.config).pairs["main"].crm_mapping == "zoho_crm"


# -- what makes a customer -------------------------------------------------------------------------


LABEL = "custom_fields.Customer_Status=Client"


@pytest.mark.parametrize(
    ("by", "reads"),
    [
        ("deals", {Kind.DEAL: "Stage"}),
        ("leads", {Kind.LEAD: "Converted_Account"}),
        (LABEL, {Kind.LABEL: "custom_fields.Customer_Status"}),
        (f"deals,leads, {LABEL}", {Kind.DEAL: "Stage", Kind.LEAD: "Conv", Kind.LABEL: "custom"}),
    ],
)
def test_won_may_be_a_deal_a_lead_a_value_of_a_list_or_several_of_them(
    day: Morning, by: str, reads: Mapping[Kind, str]
) -> None:
    day.zoho.add("Accounts", Account_Name="株式会社サンプル", Customer_Status="Client")
    crm = files(day, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code=GRANT)
    said = day.init(*flags(day), *crm, "--yes", "--won-by", by)
    assert said.code == 0, said.text
    assert "deals: won (Closed Won)\n  leads: 0 converted in the last 30 days\n" in said.out
    assert "Customer_Status=Client: 1 cards have it" in said.out
    assert ("Closed Won: 0 deals in" in said.out) is (Kind.DEAL in reads), "stages are of deals"
    assert day.syncd("check").code == 0
    inbound = Assembly(load(day.config), day.clock).mappings("main")[1].inbound
    assert {*inbound} == {*reads, Kind.WON}
    for kind, path in reads.items():
        assert any(one.startswith(path) for one in inbound[kind].read.paths)


# -- sellers ---------------------------------------------------------------------------------------

ANNA, KENTA = "5725767000000411002", "5725767000000411003"


def hired(day: Morning) -> None:
    """One is known by the e-mail alone, one by the name, one has left; orders name all three."""
    base = day.books.sandbox.base
    users, orders = base.objects["Catalog_Пользователи"], base.objects["Document_ЗаказКлиента"]
    first, second, third = sorted(users, key=lambda key: str(users[key]["Description"]))
    mail = {"LineNumber": 1, "Тип": "АдресЭлектроннойПочты", "АдресЭП": "Anna@example.com"}
    base.change("Catalog_Пользователи", first, {"КонтактнаяИнформация": [mail]})
    base.change("Catalog_Пользователи", second, {"Description": "Сато Кэнта: опт"})
    base.change("Catalog_Пользователи", third, {"Description": "Бывший Петр"})
    for number, key in enumerate(list(orders)[:3]):
        base.change("Document_ЗаказКлиента", key, {"Менеджер_Key": (first, second, third)[number]})
    partner = next(iter(base.objects["Catalog_Партнеры"]))
    base.change("Catalog_Партнеры", partner, {"ОсновнойМенеджер_Key": third})


def test_sellers_are_compared_with_users_and_who_is_called_otherwise_is_written_down(
    day: Morning,
) -> None:
    hired(day)
    crm = files(day, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code=GRANT)
    asked = ["y", "", "2", "en", "", "", "all", "propose"]
    given = ["y", "", "nobody@example.com", "kenta@example.com", "integration@example.com"]
    said = day.init(*flags(day), *crm, answers=[*asked, *given, "", "", ""])
    assert said.code == 0, said.text
    told = said.out[said.out.index("\nSellers\n") :]
    assert "  1 of 3 who sold of late have a user in the CRM\n" in told
    assert "  ! Бывший Петр: the user is inactive\n  ! Сато Кэнта: опт: no user\n" in told
    assert "! there is no user nobody@example.com" in told
    own = (day.folder / "mappings" / "zoho_crm.yaml").read_text(encoding="utf-8")
    assert 'customer.owner: "Owner"\npeople.fallback: "5725767000000411001"\n' in own
    assert f'"people.is.Продавец 1": "{ANNA}"\n' in own
    assert f'"people.is.Сато Кэнта: опт": "{KENTA}"\n' in own
    reads = (day.folder / "mappings" / "onec_ut.yaml").read_text(encoding="utf-8")
    assert 'customer.seller: "seller | trim"\n' in reads
    assert day.syncd("check").code == 0

    doctor = day.syncd("doctor")
    assert "2 of 3 have a user in crm; not: Бывший Петр (the user is inactive)" in doctor.out
    line = next(line for line in said.out.splitlines() if line.startswith("  syncd --config"))
    again = day.syncd(*shlex.split(line)[3:], "--replace", "y")
    assert again.code == 0, again.text
    assert (day.folder / "mappings" / "zoho_crm.yaml").read_text(encoding="utf-8") == own
