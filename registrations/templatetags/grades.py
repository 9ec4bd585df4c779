"""Grades and outcomes as the desk writes them."""

import json

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from offerings.models import GradeColumn
from registrations.admin import sheets
from registrations.models import Outcome, Registration

register = template.Library()

LOOKS: dict[str, str] = {Outcome.PASSED: "is-good", Outcome.FAILED: "is-bad"}


@register.filter
def allowed_json(column: GradeColumn) -> str:
    """What may be typed into the column, for the script of the sheet."""
    return json.dumps(sheets.allowed_values(column))


@register.filter
def scale_in_words(column: GradeColumn) -> str:
    return sheets.scale_in_words(column)


@register.simple_tag
def outcome(registration: Registration) -> SafeString | str:
    """The grade state of a registration, in the colour of its outcome."""
    state = registration.grade_state
    if state is None:
        return ""
    look = LOOKS.get(state.outcome, "")
    return format_html('<span class="badge {}">{}</span>', look, state.label)
