"""How many rows a long list is said to have: nothing is counted that is not paged."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.large import large_record
from tests.staff import make_admin, make_staff, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("large_record")]

__all__ = ["large_record"]
LIST = "/admin/registrations/registration/"


def said(client, address=LIST):
    """The line below the list, and what counted for it."""
    with CaptureQueriesContext(connection) as asked:
        page = client.get(address).content.decode()
    line = page.split('<p class="paginator">')[1].split("</p>")[0]
    counting = [query["sql"] for query in asked if "COUNT(" in (query["sql"] or "")]
    return " ".join(line.split()), counting


def test_it_says_about_how_many_there_are():
    line, counting = said(make_admin())
    told = "about 40,000 registrations; the first 10,000 can be paged through"
    assert told in line
    assert [sql for sql in counting if "LIMIT 10000" not in sql] == []


def test_it_says_about_how_many_exist_for_who_looks():
    client = signed_in(make_staff("registrations.view_registration"))
    line, counting = said(client)
    assert "about 40,000 registrations" in line
    assert [sql for sql in counting if "LIMIT 10000" not in sql] == []


def test_it_counts_what_a_search_finds():
    line, _ = said(make_admin(), f"{LIST}?q=b0000001")
    assert line.startswith("4 registrations")


def test_a_screen_of_ours_says_it_too():
    page = make_admin().get("/admin/grade-sheets/?term=").content.decode()
    assert "1,600 in all" in page


def test_it_pages_no_further_than_it_counted():
    response = make_admin().get(f"{LIST}?p=201")
    assert response.status_code == 302
