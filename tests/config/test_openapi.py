import json

from django.core.management import call_command
from django.test import Client as Http


def test_it_is_committed_as_the_code_says_it():
    call_command("openapi", check=True)


def test_it_is_served_to_anybody():
    response = Http().get("/openapi.json")
    assert response.status_code == 200
    assert json.loads(response.content)["openapi"] == "3.1.0"


def test_the_page_that_shows_it_runs_no_inline_script():
    page = Http().get("/docs").content.decode()
    assert "<script>" not in page
    assert 'data-document="/openapi.json"' in page
