import pytest
from django.test import RequestFactory
from rest_framework.exceptions import ParseError

from config.errors import StaleVersion
from config.rest.conditional import etag, expected_versions, is_unchanged
from config.versions import check_version


def asking(**headers):
    return RequestFactory().get("/", headers=headers)


def test_it_tags_the_version_and_the_body():
    assert etag(3, {"a": 1}) == etag(3, {"a": 1})
    assert etag(3, {"a": 1}).startswith('"3-')
    assert etag(3, {"a": 1}) != etag(3, {"a": 2})


@pytest.mark.parametrize("header", ['"3-ab"', 'W/"3-ab"', '"1-aa", "3-ab"', "*"])
def test_it_knows_the_body_that_the_client_has(header):
    assert is_unchanged(asking(**{"If-None-Match": header}), '"3-ab"')


@pytest.mark.parametrize("header", ['"3-ac"', '"2-ab"', "3-ab"])
def test_it_sends_a_body_that_the_client_has_not(header):
    assert not is_unchanged(asking(**{"If-None-Match": header}), '"3-ab"')


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ('"3-ab"', {3}),
        ('"3-ab", "4-cd"', {3, 4}),
        ('W/"3-ab"', set()),
        ('"of-another-server"', set()),
    ],
)
def test_it_reads_the_versions_of_if_match(header, versions):
    assert expected_versions(asking(**{"If-Match": header})) == versions


@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}])
def test_it_takes_any_version_where_none_is_named(headers):
    assert expected_versions(asking(**headers)) is None


@pytest.mark.parametrize("header", ["3-ab", '"3-ab', '"a" b'])
def test_it_refuses_an_if_match_that_holds_no_tags(header):
    with pytest.raises(ParseError):
        expected_versions(asking(**{"If-Match": header}))


def test_it_refuses_a_version_that_was_not_named():
    check_version(3, None)
    check_version(3, frozenset({3}))
    with pytest.raises(StaleVersion, match="version 3"):
        check_version(3, frozenset({2}))
