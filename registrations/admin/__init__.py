"""Registrations and grades at the registrar's desk."""

from registrations.admin import (
    actions,
    changes,
    dashboard,
    grade_sheet,
    latest,
    offerings,
    publishing,
    records,
    student,
    terms,
)

__all__ = [
    "actions",
    "changes",
    "dashboard",
    "grade_sheet",
    "latest",
    "offerings",
    "publishing",
    "records",
    "student",
    "terms",
]
