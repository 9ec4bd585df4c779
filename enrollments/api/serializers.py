from config.rest.fields import Timestamp
from config.rest.serializers import StrictSerializer


class CourseAssessmentSerializer(StrictSerializer):
    """Both dates; at most one of them is to have a value, which the task checks."""

    submit_date = Timestamp(allow_null=True)
    opt_out_date = Timestamp(allow_null=True)


class AssessmentSerializer(StrictSerializer):
    """All that can be changed of an enrollment."""

    course_assessment = CourseAssessmentSerializer()
