from offerings.models.calendar import Term
from offerings.models.catalogue import (
    Course,
    CourseIntake,
    GradeColumn,
    Lecturer,
    Unit,
    UnitVersion,
)
from offerings.models.offering import UnitOffering, UnitOfferingQuerySet
from offerings.models.scales import Scale

__all__ = [
    "Course",
    "CourseIntake",
    "GradeColumn",
    "Lecturer",
    "Scale",
    "Term",
    "Unit",
    "UnitOffering",
    "UnitOfferingQuerySet",
    "UnitVersion",
]
