"""The page of a student: all that the record holds about one person."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import release
from config.admin.staff import Staff
from students.admin.panels import panels_of
from students.admin.waiting import SECONDS_BETWEEN_LOOKS, task_waited_for
from students.models import Profile

VIEW = "students.view_profile"


def may_see_students(staff: Staff) -> bool:
    return staff.user.has_perm(VIEW)


def reached_profile(request: DeskRequest, profile_id: str) -> Profile:
    """The person, if they exist for who is signed in; else it is a 404."""
    profiles = Profile.objects.visible_to(request.staff).select_related(
        "intake__course"
    )
    profile = get_object_or_404(profiles, pk=profile_id)
    release(request, [profile.pk])
    return profile


@screen("student/<str:profile_id>/", name="student", allowed=may_see_students)
def student(request: DeskRequest, profile_id: str) -> HttpResponse:
    """Where a change was just asked for, it waits a little for the change."""
    profile = reached_profile(request, profile_id)
    task = task_waited_for(request, profile)
    answer = page(
        request,
        "admin/students/student.html",
        title=f"{profile.first_name} {profile.last_name}",
        profile=profile,
        task=task,
        panels=panels_of(request, profile),
    )
    if task and not task.has_ended:
        answer.headers["Refresh"] = SECONDS_BETWEEN_LOOKS
    return answer
