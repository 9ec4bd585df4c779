"""What the registrations of a profile can be narrowed down to."""

from collections.abc import Mapping

from config.errors import Invalid
from config.rest.queries import TEXT, Schema, comma_list, one_of
from offerings.models import Course, CourseIntake
from registrations.models import Registration, RegistrationQuerySet

MOST_WORDS = 1000  # in one comma list

PARAMETERS: dict[str, Schema] = {
    "registration_states": comma_list(one_of(*Registration.State.values)),
    "context_ids": comma_list(TEXT),
    "include": one_of("courses"),
}


def narrowed(
    registrations: RegistrationQuerySet, query: Mapping[str, str]
) -> RegistrationQuerySet:
    """The registrations that all given parameters fit. Raises Invalid."""
    if "registration_states" in query:
        registrations = registrations.filter(state__in=_states(query))
    if "context_ids" in query:
        registrations = registrations.of_context(*_contexts(query))
    return registrations


def shows_courses(query: Mapping[str, str]) -> bool:
    """Whether the course of each unit is asked for. Raises Invalid."""
    if query.get("include", "courses") != "courses":
        raise Invalid("Only courses can be included.", field="include")
    return "include" in query


def _states(query: Mapping[str, str]) -> list[str]:
    states = _words(query, "registration_states")
    if not set(states) <= set(Registration.State.values):
        raise Invalid(
            f"Must be of {', '.join(Registration.State.values)}.",
            field="registration_states",
        )
    return states


def _contexts(query: Mapping[str, str]) -> list[str]:
    ids = _words(query, "context_ids")
    intakes = CourseIntake.objects.filter(pk__in=ids).values_list("pk")
    courses = Course.objects.filter(pk__in=ids).values_list("pk")
    known = {id for (id,) in intakes.union(courses)}
    if not set(ids) <= known:
        raise Invalid(
            "Each must be the id of an intake or course.", field="context_ids"
        )
    return ids


def _words(query: Mapping[str, str], name: str) -> list[str]:
    words = query[name].split(",")
    if len(words) > MOST_WORDS:
        raise Invalid(f"At most {MOST_WORDS} are taken at once.", field=name)
    return words
