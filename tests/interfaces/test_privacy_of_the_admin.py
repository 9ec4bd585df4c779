"""No page of the desk shows a trace of a person under hold to who may not know.

Every address that the site has is asked for twice: with such a person in the record,
and with all of that person's rows gone. Whoever may not know gets the same page both
times, and it names nothing of theirs. What there is to be asked is read from the site:
a model, a screen or a parameter that is not known here is an error.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import product
from typing import NamedTuple
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.handlers import wsgi
from django.db import transaction
from django.http import QueryDict
from django.test import Client as Http
from django.urls import reverse
from django.utils import timezone

from access.models import Key
from config.admin.screens import screens
from config.demo import record
from jobs.models import Job
from offerings.models import GradeColumn
from students.models import Profile
from tests.interfaces import held
from tests.staff import make_staff, signed_in
from transfer.models import ExportFile, Import

pytestmark = pytest.mark.django_db

TRACES = [held.NETID, held.PROFILE, "Hollis", "Dale", held.REGISTRATION, held.TASK]
TRACES += [str(held.COUNT), f"{held.COUNT:,}"]
WORDS = [held.NETID, "hol", held.PROFILE, held.REGISTRATION, held.LANE]

# What a part of an address may be, by its name.
ARGUMENTS = {
    "profile_id": lambda: [held.PROFILE, held.NETID, record.F002QT1],
    "registration_id": lambda: [held.REGISTRATION],
    "enrollment_id": lambda: [held.ENROLLMENT],
    "offering_id": lambda: [record.SECTION],
    "unit_id": lambda: [record.STRATEGY, record.MARKETING],
    "intake_id": lambda: [record.BUSINESS_INTAKE],
    "column_id": lambda: ids(GradeColumn.objects.filter(unit=record.STRATEGY)),
    "term_id": lambda: [record.PAST_TERMS["202001"]],
    "task_id": lambda: [held.TASK, held.FAILED],
    "client_id": lambda: [held.THEIR_CLIENT],
    "key_id": lambda: ids(Key.objects.order_by("pk")[:1]),
    "job_id": lambda: ids(Job.objects.all()),
    "import_id": lambda: ids(Import.objects.all()),
    "export_id": lambda: ids(ExportFile.objects.all()),
    "suffix": lambda: ["csv", "xlsx"],
}

# What an address may be asked besides, by the name of the parameter.
PARAMETERS = {
    "q": [held.NETID, "hol"],
    "student": WORDS,
    "key": [held.LANE],
    "term": [record.PAST_TERMS["202001"]],
    "offering": [held.SECTION_ID],
    "offerings": [held.SECTION_ID],
    "lecturer": [record.INSTRUCTOR],
    "course": ["BUS"],
    "intake": ["Class"],
    "state": ["registered", "conditional"],
    "final": ["missing", "waiting", "published"],
    "grade_state": ["none", "pass"],
    "held": ["on"],
    "with_held": ["on"],
    "columns": ["all"],
    "actor": ["ada", held.NETID],
    "door": ["admin"],
    "format": ["csv"],
    "page": ["2"],
    "before": ["2030-01-01T00:00:00Z"],
    "task": [held.TASK],
    "show": ["new"],
    "after": ["0"],
}

# Accounts of staff are no part of the record.
RECORDS = [model for model in admin.site._registry if model._meta.app_label != "auth"]


def ids(rows) -> list[str]:
    return [str(row.pk) for row in rows]


# --- What there is to be asked --------------------------------------------------


def addresses() -> list[str]:
    """Every address of the desk, of whatever may lead to the person."""
    return [*of_screens(), *of_models(), *of_choices()]


def of_screens() -> Iterator[str]:
    yield with_query(reverse("admin:index"), UNKNOWN, "")
    yield reverse("admin:records")
    for screen in screens():
        names = re.findall(r"<str:(\w+)>", screen.route)
        for arguments in product(*(ARGUMENTS[name]() for name in names)):
            address = reverse(f"admin:{screen.name}", args=arguments)
            yield with_query(address, UNKNOWN, "")


def of_models() -> Iterator[str]:
    for model in RECORDS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_add")
        for pk in rows_of(model):
            for page in ("change", "history", "delete"):
                yield reverse(f"{name}_{page}", args=[pk])


MOST_ROWS = 1


def rows_of(model) -> list[str]:
    """The first rows of a model, and those of the person."""
    rows = model._default_manager.order_by("pk")
    owners = {
        "students.profile": {"pk": held.PROFILE},
        "tasks.task": {"about": held.PROFILE},
        "tasks.lane": {"pk": held.LANE},
        "tasks.intervention": {"lane_id": held.LANE},
    }
    names = {field.name for field in model._meta.fields}
    of_them = owners.get(model._meta.label_lower) or {"profile": held.PROFILE}
    found = rows.filter(**of_them) if {*of_them} <= {*names, "pk"} else rows.none()
    return [*dict.fromkeys([*ids(found), *ids(rows[:MOST_ROWS])])]


def of_choices() -> Iterator[str]:
    """Every choice of a related row that a form looks up."""
    for model in RECORDS:
        for field in model._meta.fields:
            related = admin.site._registry.get(field.related_model)
            if related and related.search_fields:
                asked = {
                    "app_label": model._meta.app_label,
                    "model_name": model._meta.model_name,
                    "field_name": field.name,
                }
                yield f"{reverse('admin:autocomplete')}?{urlencode(asked)}"


class Watched(QueryDict):
    """The parameters of an address, which tell by what names they were asked."""

    asked: set[str] = set()

    def get(self, key, default=None):
        self.asked.add(key)
        return super().get(key, default)

    def getlist(self, key, default=None):
        self.asked.add(key)
        return super().getlist(key, default)

    def __getitem__(self, key):
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key):
        self.asked.add(key)
        return super().__contains__(key)


UNKNOWN = "unknown"  # a parameter that nothing asks for
# What Django asks for itself.
OF_DJANGO = {"p", "o", "e", "all", "_popup", "_to_field", "_facets", UNKNOWN}
OF_DJANGO |= {"app_label", "model_name", "field_name", "_changelist_filters"}


def with_query(address: str, name: str, value: str) -> str:
    mark = "&" if "?" in address else "?"
    return f"{address}{mark}{urlencode({name: value})}"


def queries_of(address: str, names: set[str]) -> list[str]:
    """The address with each that it asked for."""
    asked = sorted(names - OF_DJANGO)
    return [
        with_query(address, name, each) for name in asked for each in PARAMETERS[name]
    ]


# --- Asking ---------------------------------------------------------------------


class Page(NamedTuple):
    status: int
    place: str  # where it sends to
    text: str


# What differs between two looks at one page: tokens of forms, and moments.
PASSING = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"'
    r"|\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)?"
    r"|\d?\d \w{3} \d{4},? \d\d:\d\d(:\d\d)?"
)


def ask(http: Http, address: str) -> Page:
    response = http.get(address)
    body = b"".join(response) if response.streaming else response.content
    text = (unpacked(body) if body.startswith(b"PK") else body).decode()
    place = response.headers.get("Location", "")
    return Page(response.status_code, place, PASSING.sub("", text))


def unpacked(workbook: bytes) -> bytes:
    """What is in a workbook, without the moments at which its parts were packed."""
    with ZipFile(BytesIO(workbook)) as parts:
        return b"".join(map(parts.read, parts.namelist()))


Pages = dict[str, Page]


@contextmanager
def unseen() -> Iterator[None]:
    """Look, and leave no trace of having looked."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def walk(http: Http, addresses: list[str]) -> Pages:
    """Every page that there is, and what of it can be asked for."""
    pages = {}
    with unseen():
        for address in addresses:
            Watched.asked = set()
            pages[address] = ask(http, address)
            if pages[address].status == 200:
                queries = queries_of(address, Watched.asked)
                pages |= {query: ask(http, query) for query in queries}
    return pages


def walk_again(http: Http, addresses: Iterable[str]) -> Pages:
    with unseen():
        return {address: ask(http, address) for address in addresses}


def clerk(name: str = "clerk"):
    """Somebody who may do everything, but not see people under hold."""
    user = make_staff(username=name)
    user.user_permissions.set(
        Permission.objects.exclude(codename__in=["see_held", "grade_own"])
    )
    return user


def member_of(group: str):
    user = make_staff(username=group.lower())
    user.groups.add(Group.objects.get(name=group))
    return user


STAFF = {
    "clerk": clerk,
    "Operator": lambda: member_of("Operator"),
    "Lecturer": lambda: member_of("Lecturer"),
}


@pytest.fixture(scope="module")
def world(demo_record, django_db_blocker) -> Profile:
    with django_db_blocker.unblock():
        return held.make_held()


class Walks(NamedTuple):
    """All pages, by who looks, with the person in the record and without."""

    present: dict[str, Pages]
    absent: dict[str, Pages]
    acting: Pages  # the clerk's, where the person wrote the records of others


@pytest.fixture(scope="module")
def walks(world, django_db_blocker) -> Walks:
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as monkeypatch,
        time_machine.travel(timezone.now(), tick=False),
    ):
        monkeypatch.setattr(wsgi, "QueryDict", Watched)
        asked = addresses()
        https = {name: signed_in(make()) for name, make in STAFF.items()}
        present = {name: walk(http, asked) for name, http in https.items()}
        with unseen():
            held.erase(world)
            absent = {n: walk_again(http, present[n]) for n, http in https.items()}
        with unseen():
            held.make_actor(world)
            acting = walk(https["clerk"], asked)
    return Walks(present, absent, acting)


# What rows of people under hold need cannot be deleted, and says so.
NEEDED = re.compile(r"/(offerings|registrations|students)/\w+/[^/]+/delete/")


@pytest.mark.parametrize("name", STAFF)
def test_every_page_is_the_same_where_there_is_no_such_person(walks, name):
    present, absent = walks.present[name], walks.absent[name]
    other = [each for each in present if present[each] != absent[each]]
    assert [address for address in other if not NEEDED.search(address)] == []


@pytest.mark.parametrize("name", STAFF)
def test_no_page_names_them(walks, name):
    assert traces_in(walks.present[name]) == {}


def test_no_page_names_them_as_who_did_something(walks):
    assert traces_in(walks.acting) == {}


def traces_in(pages: Pages) -> dict[str, list[str]]:
    """What pages tell of them, and were not asked for by that very name."""
    told = {
        address: [
            trace
            for trace in TRACES
            if trace in page.text + page.place and trace not in address
        ]
        for address, page in pages.items()
    }
    return {address: traces for address, traces in told.items() if traces}


@pytest.mark.parametrize("name", STAFF)
def test_every_page_is_answered(walks, name):
    statuses = {page.status for page in walks.present[name].values()}
    assert statuses <= {200, 302, 403, 404}


OTHERS = held.OTHERS_REGISTRATION
SEEN = json.dumps([[each, 1, {"final": ""}] for each in (held.REGISTRATION, OTHERS)])
FINAL = "6385baad976a7719120008e6"
REASON = {"reason": "So", "version": "1"}
ASSESSMENT = f"/admin/student/{held.PROFILE}/assessment/{held.ENROLLMENT}/"

POSTS = [
    (f"/admin/class-lists/{record.SECTION}/add/", {"netids": "f0hold1 f0027k4"}),
    (
        "/admin/registration-actions/",
        {"action": "withdraw", "_selected_action": [held.REGISTRATION, OTHERS]},
    ),
    (
        "/admin/registrations/registration/",
        {"action": "move", "_selected_action": [held.REGISTRATION]},
    ),
    (
        f"/admin/grade-sheets/offering/{record.SECTION}/",
        {"seen": SEEN, "value.0.final": "50", "value.1.final": "51"},
    ),
    (f"/admin/registrations/{held.REGISTRATION}/unpublish/{FINAL}/", REASON),
    (f"/admin/student/{held.PROFILE}/dplans/", {"term": "202301", **REASON}),
    (f"/admin/student/{held.PROFILE}/legal-hold/", {"lift": "on", **REASON}),
    (ASSESSMENT, {"state": "nothing", **REASON}),
    (f"/admin/task-board/lane/?key={held.LANE}", {"do": "resume", **REASON}),
    (f"/admin/task-board/failures/{held.FAILED}/", {"all": "", **REASON}),
    (
        "/admin/tasks/task/",
        {"action": "retry", "_selected_action": [held.FAILED], **REASON},
    ),
    (
        "/admin/tasks/lane/",
        {"action": "hold", "_selected_action": [held.LANE], **REASON},
    ),
    (
        "/admin/publish/",
        {"term": record.PAST_TERMS["202001"], "with_held": "on", "columns": "all"},
    ),
    ("/admin/access/client/add/", {"name": "A client", "acts_as": held.NETID}),
]


def post(http: Http, address: str, form: dict) -> tuple[int, str]:
    with unseen():
        response = http.post(address, form, follow=True)
    return response.status_code, PASSING.sub("", response.content.decode())


@pytest.mark.parametrize(("address", "form"), POSTS)
def test_what_is_sent_in_is_answered_the_same(world, db, address, form):
    with time_machine.travel(timezone.now(), tick=False):
        http = signed_in(clerk("another"))
        present = post(http, address, form)
        with unseen():
            held.erase(world)
            absent = post(http, address, form)
    assert present == absent


SHOWN = [
    f"/admin/student/{held.PROFILE}/",
    f"/admin/find/?q={held.NETID}",
    f"/admin/grade-sheets/offering/{record.SECTION}/",
    f"/admin/class-lists/{record.SECTION}/class-list.csv",
    "/admin/registrations/",
    "/admin/grade-changes/",
    "/admin/task-board/",
    "/admin/publish/",
    f"/admin/students/profile/{held.PROFILE}/change/",
    f"/admin/tasks/task/{held.TASK}/change/",
    "/admin/tasks/lane/",
    "/admin/tasks/intervention/",
    "/admin/jobs/job/",
    "/admin/transfer/import/",
]


@pytest.mark.parametrize("address", SHOWN)
def test_it_shows_them_to_who_may_see_them(world, db, address):
    user = make_staff(username="registrar", is_superuser=True)
    page = ask(signed_in(user), address)
    assert traces_in({"": page}) != {}


ASKED = [(model, field.name) for model in RECORDS for field in model._meta.get_fields()]


@pytest.mark.parametrize(("model", "name"), ASKED)
def test_no_list_is_narrowed_by_a_column_that_it_does_not_offer(rf, model, name):
    model_admin = admin.site._registry[model]
    request = rf.get("/")
    offered = model_admin._offered(request)
    is_allowed = model_admin.lookup_allowed(f"{name}__isnull", "0", request)
    assert not is_allowed or name in offered
