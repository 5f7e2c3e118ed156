"""Zoho's answers: what each status means, and what a refusal names.

A refusal of the whole request is {code, details, message, status}; in a write each record has one
of its own inside `data`, in the order of the request, whatever the status of the answer is. No rows
are 204, nothing newer is 304, both without a body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from syncd.errors import (
    AccessError,
    DoubtError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
)
from syncd.port import Flow, Request, Response

from .facts import CUSTOM, FACTS, PARENTS, SCOPES

API = "/crm/v8"

_ROOTS = ("data", "fields", "modules")
"""Under which records, or what is set up, are judged one by one."""
_JUDGED = frozenset({200, 201, 202, 207, 400})
_TOP = re.compile(r"^\$\.data\[\d+\]\.([^.\[]+)")
_WORDS = {
    "MANDATORY_NOT_FOUND": "is mandatory there, and the books say nothing",
    "RECORD_LOCKED": "the record is locked in Zoho",
    "RECORD_IN_BLUEPRINT": "the record is in a blueprint, which alone may change it",
    "NOT_APPROVED": "the record waits for an approval in Zoho",
}


class ScopeError(AccessError):
    """The token lacks a scope, whatever its user may do."""

    scope = SCOPES[0]


class NoModuleError(AccessError):
    """The organisation has no such module, or this user may not see it."""


def ask(
    method: str,
    path: str,
    query: Mapping[str, str] | None = None,
    body: object = None,
    *,
    write: bool = False,
    cost: int = 1,
) -> Flow[Any]:
    """One request, and its credits; the decoded body of its answer, None for no rows."""
    request = Request(method, API + path, query or {}, body, write=write, cost=cost)
    response = yield request
    return accepted(request, response)


def accepted(request: Request, response: Response) -> Any:
    """The body to be looked at, None where there is none.

    Raises AccessError (401, 403, and a module that is not there), RejectedError for the request as
    a whole, ProtocolError, and DoubtError for a write whose answer cannot be read.
    """
    if response.status in (204, 304):
        return None
    body = _body(request, response)
    if response.status in _JUDGED and any(isinstance(body.get(root), list) for root in _ROOTS):
        return body
    if response.status < 300 and body.get("status") != "error":
        return body
    raise _refusal(request, response.status, body)


def _body(request: Request, response: Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ProtocolError as unreadable:
        if request.write and response.status < 300:
            raise DoubtError(f"Zoho took a write: {unreadable}") from None
        raise
    if not isinstance(body, dict):
        raise ProtocolError(f"HTTP {response.status} to {request.path}, and no JSON object")
    return body


def _refusal(request: Request, status: int, body: Mapping[str, Any]) -> Exception:
    code, said = str(body.get("code") or f"HTTP {status}"), str(body.get("message") or "")
    about = f"{request.method} {request.path}"
    if code == "OAUTH_SCOPE_MISMATCH":
        scope = _scope(request.path.removeprefix(API))
        lacking = ScopeError(
            f"the refresh token lacks the scope {scope} ({about}): make one with the scopes that "
            "docs/connectors/zoho_crm.md lists"
        )
        lacking.scope = scope
        return lacking
    if status == 401:
        return AccessError(f"Zoho refuses the access token: {code}")
    if code == "INVALID_MODULE":
        return NoModuleError(
            f"Zoho has no such module, or this user may not see it ({request.path}); "
            "syncd connections setup makes those of the books"
        )
    if status == 403:
        return AccessError(f"the profile of Zoho's user has no right to {about}: {code}")
    if status in (400, 202, 409, 412) or status < 300:
        return _of_record(code, said, _details(body), None)
    return ProtocolError(f"Zoho answered HTTP {status} ({code}) to {about}")


def _scope(path: str) -> str:
    """The one that a call needs, as the API console takes it."""
    area = path.lstrip("/").partition("/")[0]
    return next((one for one in SCOPES if one.split(".")[1] == area), SCOPES[0])


def elements(body: Any, root: str, count: int) -> Sequence[Mapping[str, Any]]:
    """One for each record of a write. DoubtError where they are not told apart."""
    found = body.get(root) if isinstance(body, dict) else None
    if not isinstance(found, list) or len(found) != count:
        said = len(found) if isinstance(found, list) else "no"
        raise DoubtError(f"Zoho took a write of {count} records, and answers for {said}")
    return found


def judged(element: Mapping[str, Any], target: str | None) -> RejectedError | None:
    """What became of one record; None: it was carried out."""
    if element.get("status") == "success" or element.get("code") == "SUCCESS":
        return None
    code, said = str(element.get("code")), str(element.get("message") or "")
    details = _details(element)
    several = details.get("errors")
    if code == "MULTIPLE_OR_MULTI_ERRORS" and isinstance(several, list) and several:
        return judged(several[0], target)
    return _of_record(code, said, details, target)


def _of_record(
    code: str, said: str, details: Mapping[str, Any], target: str | None
) -> RejectedError:
    top = _top(details)
    field = _path(top, target) if top and target else top
    if code == "DUPLICATE_DATA":
        other = (details.get("duplicate_record") or {}).get("id") or details.get("id")
        by = f" by record {other}" if other else ""
        return DuplicateError(f"{top or 'a unique value'} is taken{by}", field)
    if code == "INVALID_DATA" and (top == "id" or "resource_path_index" in details):
        return NotFoundError(f"Zoho has no such record: {said or code}")
    text = _WORDS.get(code) or f"{code}: {said}" + _expected(details)
    if top and field in PARENTS:
        text = f"what its {top} leads to is not there ({code})"
    return RejectedError(f"{top}: {text}" if top and field not in PARENTS else text, field)


def _details(body: Mapping[str, Any]) -> Mapping[str, Any]:
    details = body.get("details")
    return details if isinstance(details, dict) else {}


def _top(details: Mapping[str, Any]) -> str | None:
    """The field of the record that is meant: `$.data[0].Account.id` is about the lookup."""
    found = _TOP.match(str(details.get("json_path") or ""))
    name = found[1] if found else details.get("api_name")
    return str(name) if name else None


def _path(name: str, target: str) -> str:
    """As a mapping writes it; a lookup to a parent is that parent's word."""
    for word, lookup in PARENTS.items():
        if lookup == name:
            return word
    declared = FACTS.targets.get(target)
    known = declared is not None and (name in declared.fields or name == declared.owner)
    return name if known else CUSTOM + name


def _expected(details: Mapping[str, Any]) -> str:
    wanted = []
    if details.get("expected_data_type"):
        wanted.append(f"expected {details['expected_data_type']}")
    if details.get("maximum_length"):
        wanted.append(f"at most {details['maximum_length']} characters")
    return f" ({', '.join(wanted)})" if wanted else ""
