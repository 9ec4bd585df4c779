from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from access import tokens
from access.api.errors import TOKENS
from access.api.schemas import KEY_SET, TOKEN
from access.authentication import BearerKeyAuthentication, RawKeyAuthentication
from access.models import Key
from access.signing import published_keys
from config.rest.queries import TEXT
from config.rest.views import InterfaceView


class TokenView(InterfaceView):
    """A key is exchanged for a token with some of its client's scopes."""

    dialect = TOKENS
    required_scopes = {"create": ()}
    query = {"create": {"scope": TEXT}}
    authentication_classes = [RawKeyAuthentication, BearerKeyAuthentication]
    takes_body = False
    writes = False

    @extend_schema(
        auth=[{"Key": []}, {"Bearer": []}], request=None, responses={200: TOKEN}
    )
    def create(self, request) -> Response:
        prefix = request.auth.key_prefix
        key = Key.objects.select_related("client").get(prefix=prefix)
        asked = tokens.split_scopes(request.query_params.get("scope", ""))
        issued = tokens.issue(key, asked)
        return Response(
            {
                "jwt": issued.jwt,
                "payload": issued.payload,
                "accepted_scopes": issued.accepted_scopes,
            },
            headers={"Cache-Control": "no-store"},
        )

    def _idempotency_key(self, request) -> None:
        """No answer is kept: a token lies stored nowhere."""


class KeySetView(InterfaceView):
    """The public keys that verify our tokens."""

    is_public = True

    @extend_schema(responses={200: KEY_SET})
    def retrieve(self, request) -> Response:
        headers = {"Cache-Control": "public, max-age=300"}
        return Response(published_keys(), headers=headers)
