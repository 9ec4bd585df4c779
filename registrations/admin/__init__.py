"""Registrations and grades at the registrar's desk."""

from registrations.admin import (
    actions,
    changes,
    grade_sheet,
    offerings,
    publishing,
    records,
    student,
)

__all__ = [
    "actions",
    "changes",
    "grade_sheet",
    "offerings",
    "publishing",
    "records",
    "student",
]
