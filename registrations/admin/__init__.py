"""Registrations and grades at the registrar's desk."""

from registrations.admin import (
    actions,
    changes,
    dashboard,
    grade_sheet,
    latest,
    listing,
    offerings,
    publishing,
    records,
    roster,
    student,
    terms,
)

__all__ = [
    "actions",
    "changes",
    "dashboard",
    "grade_sheet",
    "latest",
    "listing",
    "offerings",
    "publishing",
    "records",
    "roster",
    "student",
    "terms",
]
