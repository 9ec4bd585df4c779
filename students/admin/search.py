"""The quick search: a student by netid, name or id, from every page."""

from django.http import HttpResponse
from django.shortcuts import redirect

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import STUDENT_SEARCH, release
from students.admin.page import may_see_students
from students.models import Profile

MOST_FOUND = 50


@screen("find/", name=STUDENT_SEARCH, allowed=may_see_students)
def find(request: DeskRequest) -> HttpResponse:
    """One who is found is shown at once; of several, the list."""
    words = request.GET.get("q", "").strip()[:200]
    visible = Profile.objects.visible_to(request.staff)
    found = [*visible.matching(words).select_related("intake")[: MOST_FOUND + 1]]
    exact = [each for each in found if words in (each.pk, each.netid)]
    if words and len(exact or found) == 1:
        return redirect("admin:student", (exact or found)[0].pk)
    release(request, [each.pk for each in found[:MOST_FOUND]] if words else [])
    return page(
        request,
        "admin/students/search.html",
        title=f"Students: {words}" if words else "Find a student",
        words=words,
        found=found[:MOST_FOUND] if words else [],
        is_cut=len(found) > MOST_FOUND,
    )
