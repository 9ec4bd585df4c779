from config.rest.routes import endpoint
from offerings.api.views import LecturersOfferingsView, OfferingsView

PATH = "api/v1/unit-offerings"

urlpatterns = [
    *endpoint(PATH, OfferingsView, get="list", post="create"),
    *endpoint(
        f"{PATH}/by-lecturer/<str:lecturer_id>", LecturersOfferingsView, get="list"
    ),
    *endpoint(
        f"{PATH}/<str:pk>",
        OfferingsView,
        get="retrieve",
        patch="partial_update",
        delete="destroy",
    ),
]
