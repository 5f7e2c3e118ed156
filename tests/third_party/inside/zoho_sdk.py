"""Zoho's own client against the sandbox: prints what it saw, as one object of JSON.

    python zoho_sdk.py HELLO FOLDER

HELLO is the line that `syncd sandbox zoho_crm` prints; FOLDER is for the client's own files.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from zoho_client import body, error, headers, initialise, listed, params, plain, record, results
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.coql import BodyWrapper as Query
from zohocrmsdk.src.com.zoho.crm.api.coql import CoqlOperations
from zohocrmsdk.src.com.zoho.crm.api.currencies import CurrenciesOperations
from zohocrmsdk.src.com.zoho.crm.api.fields import (
    BodyWrapper as NewFields,
)
from zohocrmsdk.src.com.zoho.crm.api.fields import (
    CreateFieldParam,
    Fields,
    FieldsOperations,
    GetFieldsParam,
)
from zohocrmsdk.src.com.zoho.crm.api.modules import ModulesOperations
from zohocrmsdk.src.com.zoho.crm.api.org import OrgOperations
from zohocrmsdk.src.com.zoho.crm.api.record import (
    DeleteRecordsParam,
    GetDeletedRecordsHeader,
    GetDeletedRecordsParam,
    GetRecordsHeader,
    GetRecordsParam,
    GetRecordUsingExternalIDHeader,
    Record,
    RecordOperations,
    SearchRecordsParam,
)
from zohocrmsdk.src.com.zoho.crm.api.related_records import (
    GetRelatedRecordsParam,
    RelatedRecordsOperations,
)
from zohocrmsdk.src.com.zoho.crm.api.users import GetUsersParam, UsersOperations

seen = {}
initialise()
accounts = RecordOperations("Accounts")

# Reads and pages
fields = "id,Account_Name,Phone,Modified_Time,Owner"
seen["list"] = listed(accounts.get_records(params(f=(GetRecordsParam.fields, fields)), HeaderMap()))
pages, token = [], None
while True:
    asked = params(f=(GetRecordsParam.fields, "id"), p=(GetRecordsParam.per_page, 4))
    if token:
        asked.add(GetRecordsParam.page_token, token)
    page = accounts.get_records(asked, HeaderMap()).get_object()
    pages.append([str(one.get_id()) for one in page.get_data()])
    token = page.get_info().get_next_page_token()
    if not page.get_info().get_more_records():
        break
seen["pages"] = pages
later = datetime.now(UTC) + timedelta(days=300)
seen["not_modified"] = accounts.get_records(
    params(f=(GetRecordsParam.fields, "id")), headers((GetRecordsHeader.if_modified_since, later))
).get_status_code()
earlier = datetime(2020, 1, 1, tzinfo=UTC)
seen["modified"] = len(
    listed(
        accounts.get_records(
            params(f=(GetRecordsParam.fields, "id")),
            headers((GetRecordsHeader.if_modified_since, earlier)),
        )
    )["rows"]
)
seen["no_fields"] = error(accounts.get_records(ParameterMap(), HeaderMap()))

# Writes
seen["upsert_new"] = results(
    accounts.upsert_records(
        body(record(Account_Name="ООО «Клиент SDK»", ERP_ID="sdk-1"), checks=["ERP_ID"]),
        HeaderMap(),
    )
)
id = int(seen["upsert_new"]["elements"][0]["id"])
seen["upsert_same"] = results(
    accounts.upsert_records(
        body(
            record(ERP_ID="SDK-1", Receivable_Balance=48200.01),
            record(Account_Name="長" * 201, ERP_ID="sdk-2"),
            checks=["ERP_ID"],
        ),
        HeaderMap(),
    )
)
seen["insert"] = results(
    accounts.create_records(body(record(Account_Name="株式会社サンプル二")), HeaderMap())
)
seen["insert_bad"] = results(accounts.create_records(body(record(Phone="1")), HeaderMap()))
seen["insert_double"] = results(
    accounts.create_records(body(record(Account_Name="B", ERP_ID="sdk-1")), HeaderMap())
)
changed = record(Phone="+7 495 000-00-77")
changed.set_id(id)
seen["update"] = results(accounts.update_records(body(changed), HeaderMap()))
orders = RecordOperations("ERP_Orders")
parent = Record()
parent.set_id(id)
seen["order"] = results(
    orders.create_records(
        body(record(Name="ТДЦБ-000311", ERP_ID="o1", Account=parent, Amount=120000.0)),
        HeaderMap(),
    )
)
seen["related"] = listed(
    RelatedRecordsOperations("ERP_Orders", "Accounts").get_related_records(
        id, params(f=(GetRelatedRecordsParam.fields, "Name,Amount,Account")), HeaderMap()
    )
)
seen["record"] = listed(accounts.get_record(id, ParameterMap(), HeaderMap()))
seen["external"] = listed(
    accounts.get_record_using_external_id(
        "sdk-1",
        ParameterMap(),
        headers((GetRecordUsingExternalIDHeader.x_external, "Accounts.ERP_ID")),
    )
)

# Queries
query = Query()
query.set_select_query(
    "select Account_Name, Receivable_Balance from Accounts "
    "where (ERP_ID = 'sdk-1' and Receivable_Balance > 48200)"
)
seen["coql"] = listed(CoqlOperations().get_records(query))
query.set_select_query("select Account_Name from Accounts")
seen["coql_wrong"] = error(CoqlOperations().get_records(query))
person = record(Last_Name="山田", Email="hanako@example.jp", Account_Name=parent)
seen["person"] = results(RecordOperations("Contacts").create_records(body(person), HeaderMap()))
asked = params(f=(GetRelatedRecordsParam.fields, "Last_Name,Email"))
persons = RelatedRecordsOperations("Contacts", "Accounts").get_related_records(
    id, asked, HeaderMap()
)
seen["persons"] = listed(persons)
query.set_select_query(f"select Email from Contacts where Account_Name in ('{id}', '1')")
seen["coql_persons"] = listed(CoqlOperations().get_records(query))
seen["search_new"] = accounts.search_records(
    params(c=(SearchRecordsParam.criteria, "(ERP_ID:equals:sdk-1)")), HeaderMap()
).get_status_code()
seen["search_old"] = listed(
    accounts.search_records(
        params(c=(SearchRecordsParam.criteria, "(Account_Name:starts_with:ООО)")), HeaderMap()
    )
)

# Settings
seen["modules"] = [
    one.get_api_name() for one in ModulesOperations().get_modules().get_object().get_modules()
]
made = Fields()
made.set_field_label("Credit limit SDK")
made.set_data_type("currency")
wrapper = NewFields()
wrapper.set_fields([made])
answer = FieldsOperations().create_field(wrapper, params(m=(CreateFieldParam.module, "Accounts")))
seen["field"] = {
    "status": answer.get_status_code(),
    "codes": [plain(one.get_code()) for one in answer.get_object().get_fields()],
}
known = FieldsOperations().get_fields(params(m=(GetFieldsParam.module, "Accounts")))
seen["fields"] = {
    one.get_api_name(): [one.get_data_type(), one.get_custom_field(), one.get_length()]
    for one in known.get_object().get_fields()
}
organisation = OrgOperations().get_organization().get_object().get_org()[0]
seen["org"] = organisation.get_iso_code()
licence = organisation.get_license_details()
seen["licence"] = [
    licence.get_paid(),
    licence.get_paid_type(),
    str(licence.get_users_license_purchased()),
]
seen["currencies"] = [
    one.get_iso_code()
    for one in CurrenciesOperations().get_currencies().get_object().get_currencies()
]
seen["user"] = (
    UsersOperations()
    .get_users(params(t=(GetUsersParam.type, "CurrentUser")))
    .get_object()
    .get_users()[0]
    .get_email()
)

# Deletes
seen["delete"] = results(
    accounts.delete_records(params(i=(DeleteRecordsParam.ids, f"{id},{id + 99999}")), HeaderMap())
)
gone = accounts.get_deleted_records(
    params(t=(GetDeletedRecordsParam.type, "all")),
    headers((GetDeletedRecordsHeader.if_modified_since, earlier)),
).get_object()
seen["deleted"] = [[str(one.get_id()), one.get_type()] for one in gone.get_data()]
last = accounts.get_record(id, ParameterMap(), HeaderMap())
seen["gone"] = last.get_status_code()
seen["credits_left"] = {name.lower(): one for name, one in last.get_headers().items()}.get(
    "x-api-credits-remaining"
)

print(json.dumps({"id": str(id), **seen}, ensure_ascii=False))
