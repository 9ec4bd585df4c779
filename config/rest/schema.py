"""The OpenAPI document: what every endpoint has in common is said here once.

A leaf view says the rest on its actions with `@extend_schema(request=...,
responses={...})`, in plain JSON schemas; one that has a `title` becomes a
component of the document.
"""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from config.rest.faults import REASONS, Fault
from config.rest.queries import FLAG, Schema

HEADER = OpenApiParameter.HEADER
KINDS_OF_SCHEMA = {"type", "oneOf", "anyOf"}
READ_FAULTS = (400, 401, 403, 404, 429, 503)
WRITE_FAULTS = (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503)

NOT_MODIFIED = {"description": "What you hold is current."}

REQUEST_ID = OpenApiParameter(
    "X-Request-Id", str, HEADER, description="Echoed in the answer and kept in logs."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, HEADER, description="The ETag you hold: 304 if it is current."
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, HEADER, description="Write only at this version, else 412."
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    HEADER,
    description="The same request with the same key is done once, for 24 hours.",
)
REASON = OpenApiParameter(
    "X-Change-Reason",
    {"type": "string", "minLength": 1, "maxLength": 500},
    HEADER,
    description="Why: kept in the change history.",
)
DRY_RUN = OpenApiParameter(
    "dry_run",
    FLAG,
    description="true: answer as if it was done, and change nothing.",
)


class InterfaceSchema(AutoSchema):
    """Documents an InterfaceView from what it declares at its top."""

    def is_excluded(self) -> bool:
        return not hasattr(self.view, "dialect")

    def get_tags(self) -> list[str]:
        return [self.view.dialect.name]

    def get_operation_id(self) -> str:
        words = self.path.replace("{", "").replace("}", "").strip("/")
        return f"{self.method.lower()} {words}".translate(
            str.maketrans({" ": "_", "/": "_", "-": "_", ".": "_"})
        )

    def get_auth(self) -> list[dict[str, Any]]:
        if self.view.is_public:
            return []
        scopes = [*getattr(self.view, "required_scopes", {}).get(self.view.action, ())]
        header = [{"FF-Auth": scopes}] if self.path.startswith("/apis/") else []
        return [*header, {"Bearer": scopes}]

    def get_override_parameters(self) -> list[OpenApiParameter]:
        schemas = self.view.query.get(self.view.action, {})
        query = [_query(name, schemas[name]) for name in sorted(schemas)]
        return [*query, REQUEST_ID, *self._conditional(), *self._write_parameters()]

    def _is_list_view(self, serializer: Any = None) -> bool:
        """A list is documented as the object or array that it is, not as many."""
        return False

    def get_request_serializer(self) -> Any:
        return None

    def get_response_serializers(self) -> Any:
        return {200: {"type": "object"}}

    def _is_conditional_read(self) -> bool:
        return self.method == "GET" and self.view.action == "retrieve"

    def _conditional(self) -> list[OpenApiParameter]:
        if self._is_conditional_read():
            return [IF_NONE_MATCH]
        return [IF_MATCH] if self.view.action in self.view.if_match else []

    def _write_parameters(self) -> list[OpenApiParameter]:
        if self.method == "GET" or not self.view.writes:
            return []
        key = [] if self.method == "DELETE" else [IDEMPOTENCY_KEY]
        return [*key, REASON, DRY_RUN]

    def _get_response_bodies(self, direction="response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        statuses = READ_FAULTS if self.method == "GET" else WRITE_FAULTS
        faults = {
            str(status): _fault_response(self.view.dialect, status)
            for status in statuses
        }
        unchanged = {"304": NOT_MODIFIED} if self._is_conditional_read() else {}
        return {**faults, **unchanged, **bodies}


def _query(name: str, schema: Schema) -> OpenApiParameter:
    """A parameter of the query; a list has commas between its words."""
    more: dict[str, Any] = {"description": schema.get("description", "")}
    if schema.get("type") == "array":
        more |= {"style": "form", "explode": False}
    # Pages that show the document show what is said of the parameter itself.
    bare = {key: value for key, value in schema.items() if key != "description"}
    return OpenApiParameter(name, bare, **more)


def _fault_response(dialect: Any, status: int) -> dict[str, Any]:
    fault = Fault(status, "code", f"{REASONS[status]}, and what to do about it.")
    content = {"schema": dialect.schema, "example": dialect.body(fault)}
    return {"description": REASONS[status], "content": {"application/json": content}}


def without_slashes(endpoints: list[tuple]) -> list[tuple]:
    """Every URL works with a slash as well; the document shows it without."""
    return [endpoint for endpoint in endpoints if not endpoint[0].endswith("/")]


def with_components(result: dict, generator: Any, request: Any, public: bool) -> dict:
    """Move each schema that has a title to the components, and refer to it."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    result["paths"] = _referred(result["paths"], schemas)
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result


def _referred(node: Any, schemas: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_referred(below, schemas) for below in node]
    if not isinstance(node, dict):
        return node
    below = dict(_items(node, schemas))
    if isinstance(below.get("title"), str) and KINDS_OF_SCHEMA & below.keys():
        schemas[below["title"]] = below
        return {"$ref": f"#/components/schemas/{below['title']}"}
    return below


def _items(node: dict, schemas: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in node.items():
        is_data = name in ("example", "examples", "default", "enum")
        yield name, value if is_data else _referred(value, schemas)
