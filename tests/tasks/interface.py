"""An interface of its own for testing what is accepted: effects that are counted."""

from django.urls import include, path

from access.scopes import ENROLLMENTS_WRITE
from config.rest.dialects import Dialect
from config.rest.queries import TEXT
from config.rest.routes import endpoint
from config.rest.views import unknown_url
from tasks.api.accepting import AcceptingView
from tests.tasks import handlers  # noqa: F401 (registers them)


class EffectsDialect(Dialect):
    name = "effects"
    prefixes = ("/effects",)


class EffectView(AcceptingView):
    """PATCH /effects/{id}, with the action to do as `?action=`."""

    dialect = EffectsDialect()
    required_scopes = {"partial_update": (ENROLLMENTS_WRITE,)}
    query = {"partial_update": {"action": TEXT}}

    def partial_update(self, request, pk):
        action = request.query_params.get("action", "PATCH")
        return self.accept(
            resource="effects", action=action, resource_id=pk, about=f"p-{pk}"
        )


urlpatterns = [
    *endpoint("effects/<str:pk>", EffectView, patch="partial_update"),
    path("", include("tasks.api.urls")),
    path("<path:rest>", unknown_url),
]
