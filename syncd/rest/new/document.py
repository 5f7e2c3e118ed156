"""An OpenAPI document (3.x, or Swagger 2.0) as far as a connector file needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

Node = Mapping[str, Any]
"""A table of the document; what is not one counts as an empty one."""

DEEP = 20
"""References and levels that are followed: documents have cycles."""
_PARTS = ("allOf", "oneOf", "anyOf")
METHODS = ("get", "post", "put", "patch", "delete")


class Document(msgspec.Struct, frozen=True):
    """https://spec.openapis.org/oas/v3.1.0 and https://spec.openapis.org/oas/v2.0"""

    root: Node

    @property
    def version(self) -> str:
        """As `3.1.0`; empty where this is no such document."""
        return str(self.root.get("openapi") or self.root.get("swagger") or "")

    @property
    def title(self) -> str:
        return str(table(self.root.get("info")).get("title") or "")

    def servers(self) -> list[str]:
        """Addresses, with the host where the document names one."""
        if "swagger" in self.root:
            host = str(self.root.get("host") or "")
            return [(f"https://{host}" if host else "") + str(self.root.get("basePath") or "")]
        found = []
        for one in listing(self.root.get("servers")):
            url = str(one.get("url") or "")
            for name, variable in table(one.get("variables")).items():
                url = url.replace(f"{{{name}}}", str(table(variable).get("default", "")))
            found.append(url)
        return found

    def operations(self) -> Iterator[tuple[str, str, Node]]:
        """(path, method, operation)"""
        for path, item in table(self.root.get("paths")).items():
            item = self.resolved(item)
            for method in METHODS:
                if method in item:
                    operation = table(item[method])
                    shared = listing(item.get("parameters"))
                    own = listing(operation.get("parameters"))
                    yield path, method, {**operation, "parameters": [*shared, *own]}

    def credentials(self) -> Iterator[Node]:
        """The schemes that the document asks for, else all that it has; its first before others."""
        schemes = table(table(self.root.get("components")).get("securitySchemes"))
        schemes = schemes or table(self.root.get("securityDefinitions"))
        asked = [*listing(self.root.get("security"))]
        for _, method, operation in self.operations():
            if method == "get":
                asked += listing(operation.get("security"))
        names = dict.fromkeys(name for one in asked for name in one if name in schemes)
        for name in names or schemes:
            yield self.resolved(schemes[name])

    def parameters(self, operation: Node) -> list[Node]:
        """Those in the address behind the question mark."""
        found = [self.resolved(one) for one in listing(operation.get("parameters"))]
        return [one for one in found if one.get("in") == "query" and one.get("name")]

    def answer(self, operation: Node) -> Node:
        """The schema of a good answer in JSON."""
        responses = table(operation.get("responses"))
        for status in ("200", "201", "202", "2XX", "default"):
            said = self.resolved(responses.get(status))
            if "schema" in said:
                return self.schema(said["schema"])
            if found := self._content(said):
                return self.schema(found)
        return {}

    def headers(self, operation: Node) -> set[str]:
        said = self.resolved(table(operation.get("responses")).get("200"))
        return {name.lower() for name in table(said.get("headers"))}

    def sent(self, operation: Node) -> Node:
        """The schema of the body that an operation takes, in JSON."""
        for one in listing(operation.get("parameters")):
            one = self.resolved(one)
            if one.get("in") == "body":
                return self.schema(one.get("schema"))
        return self.schema(self._content(self.resolved(operation.get("requestBody"))))

    def _content(self, node: Node) -> Node:
        for type, said in table(node.get("content")).items():
            if "json" in type or type == "*/*":
                return table(table(said).get("schema"))
        return {}

    def properties(self, schema: Any) -> dict[str, Node]:
        found = table(self.schema(schema).get("properties"))
        return {name: self.schema(one) for name, one in found.items()}

    def schema(self, node: Any, deep: int = DEEP) -> Node:
        """With what its parts have; of several choices the first that is not empty."""
        whole = self.resolved(node)
        parts = listing(whole.get("allOf"))
        for word in ("oneOf", "anyOf"):
            choices = [self.resolved(one) for one in listing(whole.get(word))]
            parts += [one for one in choices if one.get("type") != "null"][:1]
        if not parts or deep == 0:
            return whole
        own = {key: value for key, value in whole.items() if key not in _PARTS}
        whole = {}
        for one in [*(self.schema(part, deep - 1) for part in parts), own]:
            properties = {**table(whole.get("properties")), **table(one.get("properties"))}
            whole = {**whole, **one, **({"properties": properties} if properties else {})}
        return whole

    def resolved(self, node: Any) -> Node:
        """Behind references inside the document; one that leads out of it is nothing."""
        found = table(node)
        for _ in range(DEEP):
            at = found.get("$ref")
            if not isinstance(at, str):
                return found
            found = self.root if at.startswith("#/") else {}
            for name in at.removeprefix("#/").split("/"):
                found = table(found.get(name.replace("~1", "/").replace("~0", "~")))
        return {}


def table(node: Any) -> Node:
    return node if isinstance(node, Mapping) else {}


def listing(node: Any) -> list[Node]:
    return [table(one) for one in node] if isinstance(node, list) else []
