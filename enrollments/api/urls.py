from config.rest.routes import endpoint
from enrollments.api.views import EnrollmentsView, EnrollmentView

urlpatterns = [
    *endpoint("api/academic/enrollments", EnrollmentsView, get="list"),
    *endpoint(
        "api/academic/enrollments/<str:pk>",
        EnrollmentView,
        get="retrieve",
        patch="partial_update",
    ),
]
