"""What a list of offerings can be narrowed down to."""

from collections.abc import Mapping

from config.errors import Invalid
from config.rest.queries import CURSOR, TEXT, Schema, one_of, page_size
from offerings.models import Term, UnitOfferingQuerySet

IDS = {
    "courseIntakeId": "course_intake_id",
    "lecturerId": "lecturer_id",
    "semesterId": "semester_id",
    "unitVersionId": "unit_version_id",
}
STATUSES = {
    "ACTIVE": Term.objects.in_session,
    "INACTIVE": Term.objects.upcoming,
    "COMPLETED": Term.objects.over,
}
DEFAULT_LIMIT, MOST = 100, 1_000
PARAMETERS: dict[str, Schema] = {
    **dict.fromkeys([*IDS, "codeSearch"], TEXT),
    "status": one_of(*STATUSES),
    "limit": page_size(default=DEFAULT_LIMIT, most=MOST),
    "cursor": CURSOR,
}


def narrowed(
    offerings: UnitOfferingQuerySet, query: Mapping[str, str]
) -> UnitOfferingQuerySet:
    """The offerings that all given parameters fit. Raises Invalid."""
    for name, column in IDS.items():
        if name in query:
            offerings = offerings.filter(**{column: query[name]})
    if query.get("codeSearch"):
        offerings = offerings.with_code_like(query["codeSearch"])
    if "status" in query:
        offerings = offerings.filter(semester__in=_terms(query["status"]))
    return offerings


def is_indexed(query: Mapping[str, str]) -> bool:
    """Whether no more than a few rows are looked at one by one."""
    return not query.get("codeSearch") or bool(IDS.keys() & query.keys())


def _terms(status: str):
    if status not in STATUSES:
        raise Invalid(f"Must be one of {', '.join(STATUSES)}.", field="status")
    return STATUSES[status]()
