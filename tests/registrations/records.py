"""Registrations as they are stored, for whole comparisons."""

from registrations.models import Grade, Registration


def stored():
    """Return every registration and grade as it is, by its key."""
    rows = {row["id"]: row for row in Registration.objects.values()}
    grades = {
        (grade.pop("registration_id"), grade.pop("column_id")): grade
        for grade in Grade.objects.values()
    }
    return rows, grades


def grades_of(registration):
    """Return the values of a registration by the name of the column."""
    return dict(registration.grades.values_list("column__name", "value"))
