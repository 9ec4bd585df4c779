import json
import subprocess
import sys

import jsonschema_rs
import pytest
from django.conf import settings
from django.test import Client as Http
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from access.endpoints import endpoints
from config.openapi import document


def test_it_is_committed_as_the_code_says_it():
    """By a process of its own: here, tests have registered tasks of theirs."""
    command = [sys.executable, "manage.py", "openapi", "--check"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_it_is_served_to_anybody():
    response = Http().get("/openapi.json")
    assert response.status_code == 200
    assert json.loads(response.content)["openapi"] == "3.1.0"


def test_the_page_that_shows_it_runs_no_inline_script():
    page = Http().get("/docs").content.decode()
    assert "<script>" not in page
    assert 'data-document="/openapi.json"' in page


DOCUMENT = document()
ENDPOINTS = [
    pytest.param(operation, id=f"{method} {path}")
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
SHOWN = [
    pytest.param(media, id=f"{method} {path} {status}")
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    for status, response in operation["responses"].items()
    for media in response.get("content", {}).values()
    if "example" in media
]


def test_it_is_a_document_of_openapi_3_1():
    assert OPENAPI_31_VALIDATOR.is_valid(DOCUMENT)


def test_it_has_every_endpoint_that_there_is_and_no_other():
    documented = {
        f"{method.upper()} {path}"
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
    }

    assert documented == {str(each).replace("{pk}", "{id}") for each in endpoints()}


def test_it_names_each_operation_once():
    names = [each.values[0]["operationId"] for each in ENDPOINTS]

    assert len({*names}) == len(names)


@pytest.mark.parametrize("operation", ENDPOINTS)
def test_it_shows_every_fault_with_an_example(operation):
    faults = {
        status: response
        for status, response in operation["responses"].items()
        if status >= "400"
    }

    assert {"400", "401", "403", "404", "429", "503"} <= faults.keys()
    assert all(
        "example" in response["content"]["application/json"]
        for response in faults.values()
    )


@pytest.mark.parametrize("media", SHOWN)
def test_its_examples_are_of_the_shape_that_it_says(media):
    schema = {**media["schema"], "components": DOCUMENT["components"]}

    assert [*jsonschema_rs.validator_for(schema).iter_errors(media["example"])] == []


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_it_is_only_read(path, method):
    response = Http(enforce_csrf_checks=True).generic(method, path, b"{}")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert response.json() == {"message": "Method Not Allowed"}


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_it_answers_head_and_options(path):
    shown, asked = Http().head(path), Http().options(path)
    assert (shown.status_code, asked.status_code) == (200, 204)
    assert asked["Allow"] == "GET, HEAD, OPTIONS"
