"""Every kind of record, in the order in which an empty registry is filled."""

from transfer.kind import Kind
from transfer.kinds.calendar import TERMS
from transfer.kinds.catalogue import (
    COURSES,
    GRADE_COLUMNS,
    INTAKES,
    LECTURERS,
    UNIT_VERSIONS,
    UNITS,
)
from transfer.kinds.enrollments import ENROLLMENTS
from transfer.kinds.grades import GRADES
from transfer.kinds.offerings import OFFERINGS
from transfer.kinds.people import DPLAN_CODES, DPLAN_SOURCES, DPLANS, PROFILES
from transfer.kinds.registrations import GRADE_STATES, REGISTRATIONS

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        TERMS,
        COURSES,
        INTAKES,
        LECTURERS,
        UNITS,
        GRADE_COLUMNS,
        UNIT_VERSIONS,
        OFFERINGS,
        DPLAN_CODES,
        DPLAN_SOURCES,
        PROFILES,
        DPLANS,
        GRADE_STATES,
        REGISTRATIONS,
        GRADES,
        ENROLLMENTS,
    )
}
