"""The interface lies under two prefixes; both are the same."""

from config.rest.routes import endpoint
from registrations.api.offering_registrations.views import OfferingRegistrationsView

PREFIXES = ("dc/api/v5", "api/v5")

urlpatterns = [
    url
    for prefix in PREFIXES
    for url in (
        *endpoint(
            f"{prefix}/registrations",
            OfferingRegistrationsView,
            get="list",
            post="create",
        ),
        *endpoint(
            f"{prefix}/registrations/<str:pk>",
            OfferingRegistrationsView,
            get="retrieve",
            put="update",
        ),
    )
]
