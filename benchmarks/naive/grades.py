"""Grade entry as the framework's tutorials do it: item by item, with save()."""

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from registrations.models import Grade, GradeState, Registration


class GradeSerializer(serializers.Serializer):
    name = serializers.CharField()
    value = serializers.CharField()
    published = serializers.BooleanField()


class ItemSerializer(serializers.Serializer):
    registration_id = serializers.CharField()
    grade_state_name = serializers.CharField()
    grades = GradeSerializer(many=True)


class BodySerializer(serializers.Serializer):
    registrations = ItemSerializer(many=True)


class Grades(APIView):
    @transaction.atomic
    def patch(self, request, unit_id):
        body = BodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        items = body.validated_data["registrations"]
        return Response([{"status": 200, "json": graded(item)} for item in items])


def graded(item):
    rows = Registration.objects.select_for_update()
    registration = get_object_or_404(rows, pk=item["registration_id"])
    registration.grade_state = GradeState.objects.get(pk=item["grade_state_name"])
    registration.ended_at = registration.ended_at or timezone.now()
    registration.updated_at = timezone.now()
    registration.version += 1
    registration.save()
    for entry in item["grades"]:
        column = registration.unit.grade_columns.get(name=entry["name"])
        grade, _ = Grade.objects.get_or_create(registration=registration, column=column)
        grade.value, grade.published = entry["value"], entry["published"]
        grade.save()
    return shown(registration)


def shown(registration):
    columns = registration.unit.grade_columns.order_by("position", "id")
    columns = sorted(columns, key=lambda column: column.is_final)
    return {
        "id": registration.pk,
        "unit_id": registration.unit_id,
        "course_id": registration.context_id,
        "transcript_subject_id": registration.context_id,
        "profile_id": registration.profile_id,
        "registration_state": registration.state,
        "state_name": registration.grade_state_id,
        "grade_state_name": registration.grade_state_id,
        "awarded": registration.grade_state.outcome == "passed",
        "published": True,
        "grade_notes": registration.notes,
        "grade_feedback": registration.feedback,
        "grades": [grade_of(registration, column) for column in columns],
        "created_at": int(registration.created_at.timestamp()),
        "updated_at": int(registration.updated_at.timestamp()),
    }


def grade_of(registration, column):
    grade = registration.grades.get(column=column)
    return {
        "id": column.pk,
        "label": column.label,
        "name": column.name,
        "value": grade.value,
        "published": grade.published,
        "comment": grade.comment,
        "resit_value": grade.resit_value,
        "resit_justification": grade.resit_justification,
    }
