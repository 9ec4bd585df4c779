"""What a task on an enrollment does."""

from config.errors import DomainError
from config.rest.bodies import parse_json
from enrollments.api.serializers import AssessmentSerializer
from enrollments.operations import set_course_assessment
from tasks.models import Task
from tasks.registry import SHORT, handler


def as_published_list(refusal: DomainError) -> str:
    return f"['{refusal.message}']"


@handler(
    "enrollments",
    "PATCH",
    view=SHORT,
    path="/api/academic/enrollments/{}".format,
    path_on_error=True,
    refusal=as_published_list,
)
def patch_enrollment(task: Task) -> str:
    body = AssessmentSerializer(data=parse_json(task.payload.encode()))
    body.is_valid(raise_exception=True)
    dates = body.validated_data["course_assessment"]
    set_course_assessment(enrollment_id=task.resource_id, **dates)
    return "Enrollment updated successfully."
