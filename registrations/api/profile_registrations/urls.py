from config.rest.routes import endpoint
from registrations.api.profile_registrations.views import (
    GradesView,
    HistoryView,
    ProfileView,
    RosterView,
)

urlpatterns = [
    *endpoint(
        "apis/registrations/profiles/<str:profile_id>/registrations",
        ProfileView,
        get="list",
        post="create",
        patch="partial_update",
    ),
    *endpoint(
        "apis/registrations/units/<str:unit_id>/registrations",
        RosterView,
        get="list",
        patch="partial_update",
    ),
    *endpoint("apis/units/units/<str:unit_id>/grades", GradesView, post="create"),
    *endpoint(
        "apis/registrations/registrations/<str:pk>/history", HistoryView, get="list"
    ),
]
