import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config.proxies import TrustedProxyMiddleware

PROXY = "10.0.0.1"
CLIENT = "192.0.2.7"


@pytest.fixture
def seen(settings):
    """Return what a view sees of a request that came from the proxy's address."""
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    settings.ALLOWED_HOSTS = ["*"]
    return lambda **headers: pass_on(PROXY, headers)


def pass_on(address, headers):
    request = RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)
    TrustedProxyMiddleware(lambda _: HttpResponse())(request)
    return request


def test_it_believes_a_trusted_proxy(seen):
    request = seen(
        x_forwarded_for=CLIENT,
        x_forwarded_proto="https",
        x_forwarded_host="registry.example",
    )

    assert request.META["REMOTE_ADDR"] == CLIENT
    assert request.build_absolute_uri() == "https://registry.example/"


def test_it_reads_the_chain_backwards_to_the_first_stranger(seen):
    request = seen(x_forwarded_for=f"127.0.0.1, {CLIENT}, 10.0.0.2")

    assert request.META["REMOTE_ADDR"] == CLIENT


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("", PROXY),
        ("unknown", PROXY),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        (f"{CLIENT}, nonsense, 10.0.0.2", "10.0.0.2"),
        ("2001:db8::7", "2001:db8::7"),
    ],
)
def test_it_keeps_to_what_a_proxy_of_ours_can_know(seen, chain, address):
    assert seen(x_forwarded_for=chain).META["REMOTE_ADDR"] == address


def test_it_keeps_the_scheme_where_the_proxy_says_another_than_http(seen):
    assert seen(x_forwarded_proto="gopher").scheme == "http"


def test_it_drops_what_a_stranger_says(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    settings.ALLOWED_HOSTS = ["*"]

    request = pass_on(
        CLIENT,
        {
            "x-forwarded-for": "10.0.0.9",
            "x-forwarded-proto": "https",
            "x-forwarded-host": "evil.example",
        },
    )

    assert request.META["REMOTE_ADDR"] == CLIENT
    assert request.build_absolute_uri() == "http://testserver/"
    assert "HTTP_X_FORWARDED_FOR" not in request.META
    assert request.was_forwarded is True


def test_it_trusts_nobody_by_default(settings):
    request = pass_on("127.0.0.1", {"x-forwarded-for": CLIENT})

    assert settings.TRUSTED_PROXIES == []
    assert request.META["REMOTE_ADDR"] == "127.0.0.1"
