from datetime import UTC, datetime
from decimal import Decimal

import pytest
from rest_framework.exceptions import ValidationError

from config.rest import fields
from config.rest.fields import parse_timestamp, timestamp
from config.rest.serializers import StrictSerializer


class PersonSerializer(StrictSerializer):
    name = fields.StrictString()
    is_here = fields.StrictBoolean(required=False)
    score = fields.Score(required=False)
    seen_at = fields.Timestamp(required=False, allow_null=True)


def errors(data):
    serializer = PersonSerializer(data=data)
    serializer.is_valid()
    return serializer.errors


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-03-05T17:53:46Z", datetime(2020, 3, 5, 17, 53, 46, tzinfo=UTC)),
        ("2020-03-05T17:53:46.999Z", datetime(2020, 3, 5, 17, 53, 46, tzinfo=UTC)),
        ("2020-03-05T17:53:46+02:00", datetime(2020, 3, 5, 15, 53, 46, tzinfo=UTC)),
    ],
)
def test_it_reads_a_timestamp(text, moment):
    assert parse_timestamp(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2020-03-05",
        "2020-03-05 17:53:46Z",
        "2020-03-05T17:53:46",
        "2020-02-30T17:53:46Z",
        "2020-03-05T24:53:46Z",
        "2020-03-05T17:53:46+25:00",
        "0000-03-05T17:53:46Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "٢٠٢٠-03-05T17:53:46Z",
        "",
    ],
)
def test_it_refuses_what_is_no_timestamp(text):
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_timestamp(text)


def test_it_shows_a_timestamp_in_utc_to_the_second():
    assert timestamp(datetime(20, 3, 5, 1, 2, 3, 999, UTC)) == "0020-03-05T01:02:03Z"


def test_it_reads_an_object_of_declared_attributes():
    serializer = PersonSerializer(data={"name": " A ", "score": Decimal("99.70")})
    serializer.is_valid(raise_exception=True)
    assert serializer.validated_data == {"name": " A ", "score": Decimal("99.70")}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({}, "name"),
        ({"name": None}, "name"),
        ({"name": 7}, "name"),
        ({"name": "A", "is_here": "true"}, "is_here"),
        ({"name": "A", "is_here": 1}, "is_here"),
        ({"name": "A", "score": True}, "score"),
        ({"name": "A", "score": "7"}, "score"),
        ({"name": "A", "score": Decimal("100.000001")}, "score"),
        ({"name": "A", "score": -1}, "score"),
        ({"name": "A", "seen_at": 7}, "seen_at"),
        ({"name": "A", "nmae": "B"}, "nmae"),
        ([], "non_field_errors"),
        ("name", "non_field_errors"),
    ],
)
def test_it_names_the_attribute_at_fault(data, path):
    assert [*errors(data)] == [path]


def test_it_refuses_null_for_an_object():
    with pytest.raises(ValidationError):
        PersonSerializer(data=None).run_validation(None)
