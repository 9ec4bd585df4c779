"""The published sample of profile registrations, against the demo record."""

import pytest
from django.test import Client

from access.scopes import REGISTRATIONS_WRITE
from config.demo import load
from tests.access.factories import make_secret

pytestmark = pytest.mark.django_db

URL = "/apis/registrations/profiles/507f1f77bcf86cd799439011/registrations"

REQUEST = """{
  "registrations": [
    {
      "unit_id": "6385baad976a7719120008e3",
      "context_id": "6385baad976a7719120008ca",
      "grade_state_name": "pass",
      "grades": [
        {
          "name": "__coursework",
          "value": "82",
          "published": true
        },
        {
          "name": "final",
          "value": "85",
          "published": true
        }
      ]
    },
    {
      "unit_id": "6385baa7976a7719120005dc",
      "context_id": "6385bcf1976a77191200ba5d",
      "grades": [
        {
          "name": "final",
          "value": "74",
          "published": false
        }
      ]
    }
  ]
}"""

ANSWER = [
    {
        "status": 200,
        "json": {
            "id": "65e6e5aaf398a642a7022ab5",
            "unit_id": "6385baad976a7719120008e3",
            "course_id": "6385bcf1976a77191200ba5d",
            "transcript_subject_id": "6385bcf1976a77191200ba5d",
            "profile_id": "507f1f77bcf86cd799439011",
            "registration_state": "registered",
            "state_name": "pass",
            "grade_state_name": "pass",
            "awarded": True,
            "published": True,
            "grade_notes": "",
            "grade_feedback": "",
            "grades": [
                {
                    "id": "667ae7cb6ab728271421708e",
                    "label": "Coursework",
                    "name": "__coursework",
                    "value": "82",
                    "published": True,
                    "comment": None,
                    "resit_value": None,
                    "resit_justification": None,
                },
                {
                    "id": "6385baad976a7719120008e6",
                    "label": "Final grade",
                    "name": "final",
                    "value": "85",
                    "published": True,
                    "comment": None,
                    "resit_value": None,
                    "resit_justification": None,
                },
            ],
            "created_at": 1709630890,
        },
    },
    {
        "status": 200,
        "json": {
            "id": "65e6e5aaf398a642a7022ab6",
            "unit_id": "6385baa7976a7719120005dc",
            "course_id": "6385bcf1976a77191200ba5d",
            "transcript_subject_id": "6385bcf1976a77191200ba5d",
            "profile_id": "507f1f77bcf86cd799439011",
            "registration_state": "registered",
            "state_name": None,
            "grade_state_name": None,
            "awarded": False,
            "published": False,
            "grade_notes": "",
            "grade_feedback": "",
            "grades": [
                {
                    "id": "6385baa7976a7719120005df",
                    "label": "Final grade",
                    "name": "final",
                    "value": "74",
                    "published": False,
                    "comment": None,
                    "resit_value": None,
                    "resit_justification": None,
                }
            ],
            "created_at": 1709630895,
        },
    },
]


@pytest.fixture
def key():
    load()
    return make_secret(client__scopes=[REGISTRATIONS_WRITE])


def test_it_grades_two_units_as_published(key):
    response = Client().patch(
        URL, REQUEST, content_type="application/json", headers={"FF-Auth": key}
    )
    assert response.status_code == 200
    answer = response.json()
    keys = [[*item["json"]] for item in answer]
    updated = [item["json"].pop("updated_at") for item in answer]
    assert answer == ANSWER
    assert keys == [[*item["json"], "updated_at"] for item in ANSWER]
    assert updated[0] == updated[1] > 1709630895


def test_it_refuses_the_sample_without_its_credentials(key):
    response = Client().patch(URL, REQUEST, content_type="application/json")
    assert response.status_code == 401
    assert response.json()["error"] == "not_authenticated"
