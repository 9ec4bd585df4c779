"""What the list of enrollments can be asked for, by attribute."""

import re
from decimal import Decimal

from django import forms
from django.db.models import (
    Case,
    CharField,
    DecimalField,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Collate, Concat
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from config.rest.attributes import (
    ANY_OR_NONE,
    Attribute,
    Choice,
    Flag,
    MomentByPrefix,
    Of,
    Text,
)
from config.rest.filters import AttributeFilterSet
from config.rest.queries import Schema
from enrollments.models import Enrollment
from offerings.models import Term, UnitOffering
from registrations.models import Grade
from students.models import Profile

NUMBER = r"^[0-9]{1,40}(\.[0-9]{1,6})?$"
PUBLISHED_FINAL_GRADE = Subquery(
    Grade.objects.filter(
        registration=OuterRef("registration"), column__name="final", published=True
    ).values(of_record=Coalesce("resit_value", "value"))[:1]
)


class TermId(Text):
    """`{sis_term_code}-{sis_ptrm_code}` of an offering, split from the right."""

    code = "semester__code"
    part = "part_of_term"

    def __init__(self) -> None:
        whole = Concat(F(self.code), Value("-"), F(self.part), output_field=CharField())
        super().__init__("term_id", expression=whole)

    def equal(self, value: str) -> Q:
        code, dash, part = value.rpartition("-")
        return Q(**{self.code: code, self.part: part}) if dash else Q(pk__in=())

    def prefix(self, value: str) -> Q:
        code, dash, part = value.rpartition("-")
        begins = Q(**{f"{self.code}__startswith": value})
        if not dash:
            return begins
        return begins | Q(**{self.code: code, f"{self.part}__startswith": part})

    def null(self) -> Q:
        return Q(**{f"{self.code}__isnull": True})


class FinalGrade(Text):
    """The published final grade; a number is compared with those that are numbers."""

    def __init__(self) -> None:
        of_record = Collate(PUBLISHED_FINAL_GRADE, "C")
        super().__init__("final_grade", expression=of_record, is_indexed=False)
        self.number = Case(
            When(
                final_grade__regex=NUMBER,
                then=Cast("final_grade", DecimalField(max_digits=60, decimal_places=6)),
            )
        )

    def at_most(self, value: str) -> Q:
        if not re.fullmatch(NUMBER, value):
            return super().at_most(value)
        return Q(LessThanOrEqual(self.number, Decimal(value)))

    def at_least(self, value: str) -> Q:
        if not re.fullmatch(NUMBER, value):
            return super().at_least(value)
        return Q(GreaterThanOrEqual(self.number, Decimal(value)))


class CourseAssessment(Attribute):
    """The object as a whole: null, or anything."""

    def __init__(self) -> None:
        super().__init__("pk", is_indexed=False)

    @property
    def schema(self) -> Schema:
        return ANY_OR_NONE

    def null(self) -> Q:
        return Q(assessment_submitted_at=None, assessment_opted_out_at=None)

    def equal(self, value: str) -> Q:
        raise forms.ValidationError("Must be null or *.")

    prefix = at_most = at_least = equal


def of_section(attribute: Attribute) -> Of:
    return Of("offering", UnitOffering, attribute)


class EnrollmentFilters(AttributeFilterSet):
    sensitive = frozenset(
        {
            "final_grade",
            "course_assessment",
            "course_assessment.submit_date",
            "course_assessment.opt_out_date",
        }
    )

    id = Text("id")
    netid = Of("profile", Profile, Text("netid"))
    section__id = of_section(Text("section_id"))
    role = Choice("role", Enrollment.Role.values)
    term__id = of_section(TermId())
    term__sis_term_code = of_section(Text("semester__code"))
    term__sis_ptrm_code = of_section(Text("part_of_term"))
    is_active = of_section(Flag(lambda: Q(semester__in=Term.objects.active())))
    is_in_session = of_section(Flag(lambda: Q(semester__in=Term.objects.in_session())))
    final_grade = FinalGrade()
    course_assessment = CourseAssessment()
    course_assessment__submit_date = MomentByPrefix("assessment_submitted_at")
    course_assessment__opt_out_date = MomentByPrefix("assessment_opted_out_at")
