from access.api.views import KeySetView, TokenView
from config.rest.routes import endpoint

urlpatterns = [
    *endpoint("api/jwt", TokenView, post="create"),
    *endpoint(".well-known/jwks.json", KeySetView, get="retrieve"),
]
