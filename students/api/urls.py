from config.rest.routes import endpoint
from students.api import views

urlpatterns = [
    *endpoint("api/students", views.StudentsView, get="list"),
    *endpoint(
        "api/students/<str:netid>",
        views.StudentView,
        get="retrieve",
        patch="partial_update",
    ),
    *endpoint("api/dplans", views.DplansView, get="list"),
    *endpoint("api/dplan_sources", views.DplanSourcesView, get="list"),
    *endpoint("api/academic/terms", views.TermsView, get="list"),
]
