"""What a list of registrations can be narrowed down to."""

from collections.abc import Mapping

from config.errors import Invalid
from config.rest.queries import CURSOR, TEXT, Schema, one_of, page_size, whole
from registrations.api.offering_registrations.dates import SPAN, read_span
from registrations.models import RegistrationQuerySet
from registrations.rows import Status

IDS = {"userId": "profile_id", "offeringId": "offering_id"}
DATES = {
    "createdDate": "created_at",
    "beginDate": "began_at",
    "lastActiveDate": "last_active_at",
    "endDate": "ended_at",
}
STATUSES = (Status.ACTIVE, Status.PASSED, Status.FAILED, Status.EJECTED)
UNINDEXED = (Status.PASSED, Status.FAILED)  # an index would cost each grade entry
DEFAULT_LIMIT, MOST, LARGEST_OFFSET = 15, 100, 100_000
PARAMETERS: dict[str, Schema] = {
    **dict.fromkeys(IDS, TEXT),
    **dict.fromkeys(DATES, SPAN),
    "status": one_of(*STATUSES),
    "limit": page_size(default=DEFAULT_LIMIT, most=MOST),
    "offset": whole(most=LARGEST_OFFSET, default=0),
    "cursor": CURSOR,
}


def narrowed(
    registrations: RegistrationQuerySet, query: Mapping[str, str]
) -> RegistrationQuerySet:
    """The registrations that all given parameters fit. Raises Invalid."""
    for name in IDS.keys() & query.keys():
        registrations = registrations.filter(**{IDS[name]: query[name]})
    for name in DATES.keys() & query.keys():
        registrations = _within(registrations, name, query[name])
    if "status" in query:
        registrations = registrations.of_status(_status(query))
    return registrations


def is_indexed(query: Mapping[str, str]) -> bool:
    """Whether some index leads to the rows, so that no time-out is needed."""
    narrowing = {*IDS, *DATES} & query.keys()
    return query.get("status") not in UNINDEXED or bool(narrowing)


def _status(query: Mapping[str, str]) -> Status:
    if query["status"] not in STATUSES:
        raise Invalid(f"Must be one of {', '.join(STATUSES)}.", field="status")
    return Status(query["status"])


def _within(
    registrations: RegistrationQuerySet, name: str, text: str
) -> RegistrationQuerySet:
    span = read_span(text, field=name)
    column = DATES[name]
    if span.start is not None:
        registrations = registrations.filter(**{f"{column}__gte": span.start})
    if span.end is not None:
        registrations = registrations.filter(**{f"{column}__lt": span.end})
    return registrations
