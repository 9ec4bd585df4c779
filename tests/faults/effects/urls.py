from django.urls import include, path

from access.scopes import ENROLLMENTS_WRITE
from config.rest.dialects import Dialect
from config.rest.queries import TEXT
from config.rest.routes import endpoint
from config.rest.views import unknown_url
from tasks.api.accepting import AcceptingView


class AccountsDialect(Dialect):
    name = "accounts"
    prefixes = ("/accounts",)


class AccountView(AcceptingView):
    """PATCH /accounts/{id}, with the action to do as `?action=`."""

    dialect = AccountsDialect()
    required_scopes = {"partial_update": (ENROLLMENTS_WRITE,)}
    query = {"partial_update": {"action": TEXT}}

    def partial_update(self, request, pk):
        action = request.query_params.get("action", "PATCH")
        return self.accept(
            resource="accounts", action=action, resource_id=pk, about=None
        )


urlpatterns = [
    *endpoint("accounts/<str:pk>", AccountView, patch="partial_update"),
    path("", include("tasks.api.urls")),
    path("<path:rest>", unknown_url),
]
