from rest_framework.serializers import ValidationError

from config.rest.fields import Id, StrictBoolean, StrictString
from config.rest.serializers import StrictSerializer
from offerings.changes import OfferingChange


def not_only_space(text: str) -> None:
    if not text.strip():
        raise ValidationError("Must be more than space.")


class OfferingSerializer(StrictSerializer):
    """The seven attributes that can be written. An attribute left out stays."""

    unitVersionId = Id(source="unit_version_id")
    courseIntakeId = Id(source="course_intake_id")
    lecturerId = Id(source="lecturer_id")
    semesterId = Id(source="semester_id")
    Code = StrictString(source="code", max_length=255, validators=[not_only_space])
    personalizedOutline = StrictString(
        source="personalized_outline",
        required=False,
        allow_null=True,
        allow_blank=True,
    )
    studentGroupingsEnabled = StrictBoolean(
        source="student_groupings_enabled", required=False
    )

    @property
    def change(self) -> OfferingChange:
        return OfferingChange(**self.validated_data)
