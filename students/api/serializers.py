from rest_framework import serializers

from config.rest.serializers import StrictSerializer

MOST_DPLANS = 200


class DplanObject(serializers.Field):
    """An object; what it holds is the task's to judge."""

    default_error_messages = {"invalid": "Must be an object."}

    def to_internal_value(self, data):
        if not isinstance(data, dict):
            self.fail("invalid")
        return data


class StudentSerializer(StrictSerializer):
    """All that can be changed of a student, as far as a task can make sense of it."""

    dplans = serializers.ListField(
        child=DplanObject(), allow_empty=False, max_length=MOST_DPLANS
    )
