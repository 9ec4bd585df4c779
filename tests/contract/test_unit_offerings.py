"""The samples of the unit offerings page, replayed as printed.

The printed curl leaves out the credentials that its own 401 asks for.
"""

from tests.contract.samples import as_printed, printed

URL = "/api/v1/unit-offerings/unit-offering-uuid"
BODY = (
    '{"unitVersionId":"uuid-string-here","courseIntakeId":"uuid-string-here",'
    '"lecturerId":"uuid-string-here","semesterId":"uuid-string-here",'
    '"Code":"CS101-2024-1",'
    '"personalizedOutline":"Modified outline with additional topics...",'
    '"studentGroupingsEnabled":false}'
)
UPDATED = {
    "message": "Unit offering updated successfully",
    "success": True,
    "offering": {
        "id": "unit-offering-uuid",
        "Code": "CS101-2024-1",
        "unitVersionId": "uuid-string-here",
        "courseIntakeId": "uuid-string-here",
        "lecturerId": "uuid-string-here",
        "semesterId": "uuid-string-here",
        "personalizedOutline": "Modified outline with additional topics...",
        "studentGroupingsEnabled": False,
        "createdAt": "2024-09-01T00:00:00Z",
        "updatedAt": "2024-09-15T14:30:00Z",
        "studentsCount": 0,
    },
}
NO_UPDATE = {
    "error": "Bad Request",
    "message": "Failed to update unit offering",
    "statusCode": 400,
}
NOT_FOUND = {
    "error": "Not Found",
    "message": "Unit offering not found",
    "statusCode": 404,
}
TAKEN = {
    "error": "Conflict",
    "message": "Unit offering with code 'CS101-2024-1' already exists",
    "statusCode": 409,
}


def patch(registry, url, body):
    return registry.ask(
        "PATCH",
        url,
        data=body,
        headers={
            **registry.with_key("unit-offerings"),
            "Content-Type": "application/json",
        },
    )


def test_it_updates_the_printed_offering(registry):
    response = patch(registry, URL, BODY)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    shown = as_printed(response.json(), UPDATED, "createdAt", "updatedAt")
    assert shown == printed(UPDATED)


def test_it_refuses_what_is_no_update_as_printed(registry):
    response = patch(registry, URL, "Modified outline")
    assert (response.status_code, response.json()) == (400, NO_UPDATE)


def test_it_does_not_find_as_printed(registry):
    response = patch(registry, "/api/v1/unit-offerings/offering-uuid", BODY)
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


def test_it_refuses_a_code_that_is_taken_as_printed(registry):
    response = patch(registry, "/api/v1/unit-offerings/unit-offering-2", BODY)
    assert (response.status_code, response.json()) == (409, TAKEN)


def test_it_wants_credentials(registry):
    response = registry.ask(
        "PATCH", URL, data=BODY, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 401
    assert response.json() == {
        "error": "Unauthorized",
        "message": "Authentication required",
        "statusCode": 401,
    }
