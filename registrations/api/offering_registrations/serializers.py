from rest_framework.serializers import ValidationError

from config.rest.fields import Id, Score, StrictString
from config.rest.serializers import StrictSerializer
from offerings.models.catalogue import FINAL
from registrations.changes import Change, GradeChange, Target
from registrations.rows import State, Status

PERCENTAGES = ("grade", "gradePercentage")
ONLY_ACTIVE = frozenset({Status.ACTIVE})


class NewRegistrationSerializer(StrictSerializer):
    """Who is registered, and into which offering."""

    userId = Id(source="profile_id")
    offeringId = Id(source="offering_id")


class RegistrationChangeSerializer(StrictSerializer):
    """A grade, in percent, with a comment; or an ejection."""

    default_error_messages = {
        "nothing": "Give a grade, or the status ejected.",
        "both": "Give either a grade or a status, not both.",
        "differ": "grade and gradePercentage are the same thing, but differ.",
        "status": "Only ejected can be set; a grade sets passed or failed.",
        "comment": "A comment is of a grade: give one with it.",
    }

    grade = Score(required=False)
    gradePercentage = Score(required=False)
    graderComment = StrictString(required=False, allow_null=True, allow_blank=True)
    status = StrictString(required=False)

    def validate(self, attrs):
        percentages = {attrs[name] for name in PERCENTAGES if name in attrs}
        if percentages and "status" in attrs:
            self.fail("both")
        if len(percentages) > 1:
            self.fail("differ")
        if "status" in attrs and attrs["status"] != Status.EJECTED:
            raise ValidationError({"status": self.error_messages["status"]})
        if "graderComment" in attrs and not percentages:
            raise ValidationError({"graderComment": self.error_messages["comment"]})
        if not attrs:
            self.fail("nothing")
        return attrs

    def change(
        self, registration_id: str, expected_versions: frozenset[int] | None
    ) -> Change:
        """What this asks of one registration."""
        target = Target(registration_id=registration_id)
        given = self.validated_data
        if "status" in given:
            return Change(
                target=target,
                registration_state=State.REJECTED,
                only_from=ONLY_ACTIVE,
                expected_versions=expected_versions,
            )
        percentage = next(given[name] for name in PERCENTAGES if name in given)
        comments = [given["graderComment"]] if "graderComment" in given else []
        return Change(
            target=target,
            registration_state=State.REGISTERED,  # a grade ends an ejection
            percentage=percentage,
            grades=[GradeChange(FINAL, comment=comment) for comment in comments],
            expected_versions=expected_versions,
        )
