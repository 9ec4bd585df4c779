from django.http import JsonResponse
from django.urls import path

from benchmarks.naive import views

urlpatterns = [
    path("healthz", lambda request: JsonResponse({})),
    path("page", views.EnrollmentList.as_view()),
    path("one/<str:pk>", views.EnrollmentDetail.as_view()),
    path("accept/<str:pk>", views.Accept.as_view()),
]
