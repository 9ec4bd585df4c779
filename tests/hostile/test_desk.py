"""Whatever is asked of a page of the admin, or sent to it, is answered."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.interfaces.test_groups_at_the_desk import SCREENS, World, member_of
from tests.rows import ROWS
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db

DEEP = "[" * 50_000
NAMES = [
    *("action", "do", "seen", "version", "versions", "reason", "until", "checked_at"),
    *("_selected_action", "term", "code", "source", "state", "note", "overlap", "q"),
    *("value.0.final", "netids", "expires_at_0", "expires_at_1", "page", "p", "before"),
    *("name", "intake", "file", "kind", "key", "text", "status", "course", "offering"),
]


@pytest.fixture
def world():
    return World(member_of("Lecturer"))


@pytest.fixture
def addresses(world) -> list[str]:
    models = sorted(model._meta.label_lower for model in admin.site._registry)
    return [
        *(world.address(name) for name in SCREENS),
        *(
            reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)
            for label in models
            for pk in [ROWS[label]().pk]
            for page, args in {
                "changelist": [],
                "add": [],
                "change": [pk],
                "history": [pk],
                "delete": [pk],
            }.items()
        ),
    ]


@pytest.mark.parametrize(
    ("method", "value"),
    [("get", "\0"), ("post", ""), ("post", "\0"), ("post", DEEP)],
    ids=["get-nul", "post-nothing", "post-nul", "post-deep"],
)
def test_no_page_fails_whatever_it_is_sent(addresses, method, value):
    http = signed_in(make_staff(username="anybody", is_superuser=True))
    http.raise_request_exception = False
    sent = dict.fromkeys(NAMES, value)
    statuses = {url: getattr(http, method)(url, sent).status_code for url in addresses}
    assert {url: status for url, status in statuses.items() if status >= 500} == {}


@pytest.mark.parametrize("resource", ["students", "nonsense"])
def test_the_list_of_tasks_is_asked_by_its_filters_alone(resource):
    http = signed_in(make_staff(is_superuser=True))
    assert http.get("/admin/tasks/task/", {"resource": resource}).status_code == 200
    assert http.get("/admin/tasks/task/", {"payload": resource}).status_code == 400
