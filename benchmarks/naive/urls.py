from django.http import JsonResponse
from django.urls import path

from benchmarks.naive import grades, views

urlpatterns = [
    path("healthz", lambda request: JsonResponse({})),
    path("page", views.EnrollmentList.as_view()),
    path("one/<str:pk>", views.EnrollmentDetail.as_view()),
    path("accept/<str:pk>", views.Accept.as_view()),
    path("grades/<str:unit_id>", grades.Grades.as_view()),
]
