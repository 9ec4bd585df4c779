"""No page of the admin shows a trace of a person under hold to who may not know."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse

from enrollments.models import Enrollment
from offerings.models import UnitOffering
from registrations.models import Registration
from students.models import Profile
from tests.staff import make_staff, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

NETID = "f0hold1"
TRACES = [NETID, "Hollis", "65e6e5aaf398a642a7022ab7"]
MODELS = sorted(model._meta.label_lower for model in admin.site._registry)
SECTION = "5cddb466b68a450c3b10aaaa"


@pytest.fixture
def clerk():
    """Somebody who may do everything, but not see people under hold."""
    user = make_staff()
    user.user_permissions.set(
        Permission.objects.exclude(codename__in=["see_held", "grade_own"])
    )
    return signed_in(user)


def traces_in(response) -> list[str]:
    page = response.content.decode()
    shown = [*TRACES, Profile.objects.get(netid=NETID).pk]
    return [trace for trace in shown if trace in page]


@pytest.mark.parametrize("model", MODELS)
def test_no_list_has_them(clerk, model):
    url = reverse(f"admin:{model.replace('.', '_')}_changelist")
    assert traces_in(clerk.get(url)) == []


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("words", ["f0h", "hol", "dale"])
def test_no_search_finds_them(clerk, model, words):
    url = reverse(f"admin:{model.replace('.', '_')}_changelist")
    assert traces_in(clerk.get(url, {"q": words})) == []


@pytest.mark.parametrize("page", ["change", "history", "delete"])
@pytest.mark.parametrize("model", [Profile, Registration, Enrollment])
def test_their_pages_are_as_if_absent(clerk, page, model):
    name = f"admin:{model._meta.label_lower.replace('.', '_')}_{page}"
    who = {Profile: "netid"}.get(model, "profile__netid")
    held = model.objects.get(**{who: NETID})
    response = clerk.get(reverse(name, args=[held.pk]))
    absent = clerk.get(reverse(name, args=["absent"]))
    assert response.status_code == absent.status_code
    assert response.status_code in (403, 404)
    assert traces_in(response) == []


@pytest.mark.parametrize("page", ["change", "history"])
def test_the_page_of_their_offering_does_not_tell(clerk, page):
    url = reverse(f"admin:offerings_unitoffering_{page}", args=[SECTION])
    assert UnitOffering.objects.filter(pk=SECTION).exists()
    assert traces_in(clerk.get(url)) == []
