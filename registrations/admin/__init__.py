"""Registrations and grades at the registrar's desk."""

from registrations.admin import (
    changes,
    grade_sheet,
    offerings,
    publishing,
    records,
    student,
)

__all__ = ["changes", "grade_sheet", "offerings", "publishing", "records", "student"]
