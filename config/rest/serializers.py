"""Strict serializers: what is not declared is an error that names it."""

from collections.abc import Mapping

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty


class StrictSerializer(serializers.Serializer):
    """Reads a JSON object whose every attribute is declared as a field.

    Errors are DRF's, by attribute; an attribute that is unknown, or a value
    that is no object, is an error too. It reads or writes, and does no more.
    """

    default_error_messages = {
        "invalid": "Must be an object.",
        "unknown": "Is not an attribute that can be given here.",
    }

    def run_validation(self, data=empty):
        if data is None and not self.allow_null:
            raise self._no_object()
        return super().run_validation(data)

    def to_internal_value(self, data):
        if not isinstance(data, Mapping):
            raise self._no_object()
        unknown = {
            name: [self.error_messages["unknown"]]
            for name in data
            if name not in self.fields
        }
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**error.detail, **unknown}) from None
        if unknown:
            raise ValidationError(unknown)
        return value

    def _no_object(self) -> ValidationError:
        return ValidationError({"non_field_errors": [self.error_messages["invalid"]]})
