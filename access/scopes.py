"""Every scope and role there is: a constant, and a sentence for who grants it.

A scope that is not in `SCOPES` can be given to nobody and required by no view.
"""

PEOPLE_PRIVATE = "urn:dartmouth:people:private"

REGISTRATIONS_READ = "registrations:read"
REGISTRATIONS_WRITE = "registrations:write"
REGISTRATIONS_HISTORY = "registrations:history"
REGISTRATIONS_LATE = "registrations:late"

ENROLLMENTS_READ = "api:academic:enrollments:read"
ENROLLMENTS_READ_SENSITIVE = "api:academic:enrollments:read.sensitive"
ENROLLMENTS_WRITE = "api:academic:enrollments:write"

STUDENTS_READ_SENSITIVE = "urn:dartmouth:students:read.sensitive"
STUDENTS_WRITE_SENSITIVE = "urn:dartmouth:students:write.sensitive"

ENROLLMENTS_TASKS = "urn:dartmouth:tasks:enrollments:write"
STUDENTS_TASKS = "urn:dartmouth:tasks:students:write"

SCOPES = {
    REGISTRATIONS_READ: "Read registrations with their grades.",
    REGISTRATIONS_WRITE: "Register and eject students, and write their grades.",
    REGISTRATIONS_HISTORY: "Read who changed a registration, when and from what.",
    REGISTRATIONS_LATE: "Change grades of a term that is closed, with a reason.",
    ENROLLMENTS_READ: "Read who is enrolled in which section, in which role.",
    ENROLLMENTS_READ_SENSITIVE: (
        "Read the final grade and the course assessment of an enrollment."
    ),
    ENROLLMENTS_WRITE: "Set the course assessment dates of an enrollment.",
    STUDENTS_READ_SENSITIVE: "Read students with their D-Plans.",
    STUDENTS_WRITE_SENSITIVE: "Add and replace the D-Plans of students.",
    ENROLLMENTS_TASKS: "See every task on enrollments in full, whoever asked for it.",
    STUDENTS_TASKS: "See every task on students in full, whoever asked for it.",
    PEOPLE_PRIVATE: (
        "Reach people under privacy hold, who otherwise are as if absent."
    ),
}

ADMIN = "ADMIN"
LECTURER = "LECTURER"
STUDENT = "STUDENT"

ROLES = {
    ADMIN: "Reads, writes and deletes unit offerings.",
    LECTURER: (
        "Reads unit offerings and writes them; where it acts as a lecturer, "
        "it writes only that lecturer's."
    ),
    STUDENT: "Reads single unit offerings.",
}


def tasks_scope(resource: str) -> str:
    """The scope that shows every task of `resource` ("students") in full."""
    return f"urn:dartmouth:tasks:{resource}:write"
