"""The sample of the profile registrations page, replayed as printed.

The answer shows the profile whose URL was called, where the page printed another.
"""

from tests.contract.samples import as_printed, printed

URL = "/apis/registrations/profiles/507f1f77bcf86cd799439011/registrations"
BODY = """{
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
            "updated_at": 1712100000,
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
            "updated_at": 1712100000,
        },
    },
]


def test_it_updates_the_printed_registrations(registry):
    response = registry.ask(
        "PATCH",
        URL,
        data=BODY,
        headers={
            "Content-Type": "application/json",
            "FF-Auth": registry.keys["profile-registrations"],
        },
    )
    assert response.status_code == 200
    assert as_printed(response.json(), ANSWER, "updated_at") == printed(ANSWER)


def test_it_answers_207_where_an_item_has_no_registration(registry):
    item = (
        '{"unit_id": "6385baad976a7719120008f1",'
        ' "context_id": "6385baad976a7719120008cb"}'
    )
    response = registry.ask(
        "PATCH",
        URL,
        data=f'{{"registrations": [{item}]}}',
        headers={
            "Content-Type": "application/json",
            "FF-Auth": registry.keys["profile-registrations"],
        },
    )
    assert response.status_code == 207
    assert [item["status"] for item in response.json()] == [404]
