import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/", "/nothing", "/nothing/", "/nothing/at/all"])
def test_it_says_not_found_whatever_is_asked_of_an_unknown_url(method, path):
    response = getattr(Client(enforce_csrf_checks=True), method)(path)

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/json"
    assert response.content in (b'{"message":"Not Found"}', b"")
