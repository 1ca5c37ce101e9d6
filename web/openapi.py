"""What a client may ask by plain GET, described by OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from codes.access import Purpose
from resolvers.execution.signature import Parameter, Signature
from store.documents import TrustedDocument

_ERRORS: Mapping[str, Any] = {
    "type": "array",
    "description": "What is missing from data, and why: see the code in extensions.",
    "items": {
        "type": "object",
        "required": ["message"],
        "properties": {
            "message": {"type": "string"},
            "path": {"type": "array", "items": {"type": ["string", "integer"]}},
            "extensions": {"type": "object", "properties": {"code": {"type": "string"}}},
        },
    },
}
_REFUSED = {
    "description": "Refused as a whole; the code says why.",
    "content": {"application/json": {"schema": {"type": "object", "properties": {"errors": _ERRORS}}}},
}
_HEADERS = [
    {
        "name": "Hub-Purpose",
        "in": "header",
        "description": "What the answer is for, where it depends on that.",
        "schema": {"type": "string", "enum": [purpose.value for purpose in Purpose]},
    },
    {
        "name": "Hub-Reference",
        "in": "header",
        "description": "The reader's own reference, such as a case number; kept in the audit.",
        "schema": {"type": "string"},
    },
]


def description(documents: Sequence[tuple[TrustedDocument, Signature]], address: str | None) -> Mapping[str, Any]:
    """Return the description of these documents; with the hub's public address if it is known."""
    found = {
        "openapi": "3.1.0",
        "info": {
            "title": "innograph",
            "version": "1",
            "description": "Documents that were registered for this client, each as a plain GET.",
        },
        "paths": {f"/rest/{one.name}": {"get": _operation(one, told)} for one, told in documents},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}, {}],
    }
    return {**found, "servers": [{"url": address}]} if address else found


def _operation(one: TrustedDocument, told: Signature) -> Mapping[str, Any]:
    answer = {
        "type": "object",
        "required": ["data"],
        "properties": {"data": told.data, "errors": _ERRORS, "extensions": {"type": "object"}},
    }
    return {
        "operationId": one.name,
        "description": f"The document sha256:{one.hash}:\n\n```graphql\n{one.text.strip()}\n```",
        "parameters": [*(_parameter(each) for each in told.parameters), *_HEADERS],
        "responses": {
            "200": {"description": "Answered, perhaps in part.", "content": {"application/json": {"schema": answer}}},
            **dict.fromkeys(("400", "401", "404", "429", "503"), _REFUSED),
        },
    }


def _parameter(each: Parameter) -> Mapping[str, Any]:
    found = {"name": each.name, "in": "query", "required": each.required}
    if each.schema["type"] == "object":
        return {**found, "content": {"application/json": {"schema": each.schema}}}
    return {**found, "schema": each.schema}
