"""What holds for the list of every model in the admin, however many rows it has."""

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.filters import AllValuesFieldListFilter
from django.contrib.admin.widgets import AutocompleteSelect, ForeignKeyRawIdWidget
from django.contrib.auth.models import User
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.admin.paging import BoundedPaginator
from config.admin.staff import Staff
from tests.rows import ROWS
from tests.staff import make_admin

pytestmark = pytest.mark.django_db

MOST_QUERIES = 9  # session, user, count, rows, disclosure and what is looked up
# Few in any registry: staff accounts and their groups, with Django's own pages.
FEW = {"auth.user", "auth.group", "auth.permission"}


MODELS = {
    model._meta.label_lower: model_admin
    for model, model_admin in admin.site._registry.items()
}
OF_THE_RECORD = sorted(MODELS.keys() - FEW)


def test_every_model_is_tried():
    assert sorted(ROWS) == sorted(MODELS)


def listed(client, label):
    url = reverse(f"admin:{label.replace('.', '_')}_changelist")
    with CaptureQueriesContext(connection) as asked:
        response = client.get(url)
    assert response.status_code == 200
    return response, [query["sql"] or "" for query in asked]


@pytest.mark.parametrize("label", sorted(ROWS))
def test_it_asks_as_often_for_many_rows_as_for_one(label):
    client = make_admin()
    make = ROWS[label]
    make()
    listed(client, label)
    _, one = listed(client, label)
    for _ in range(10):
        make()
    response, many = listed(client, label)
    assert response.context_data["cl"].result_count >= 11
    assert len(many) == len(one)
    assert len(one) <= MOST_QUERIES


@pytest.mark.parametrize("label", OF_THE_RECORD)
def test_it_counts_no_further_than_anyone_would_page(label):
    ROWS[label]()
    _, asked = listed(make_admin(), label)
    unbounded = [sql for sql in asked if "COUNT(" in sql and "LIMIT" not in sql]
    assert unbounded == []
    assert MODELS[label].paginator is BoundedPaginator
    assert MODELS[label].show_full_result_count is False
    assert MODELS[label].show_facets is admin.ShowFacets.NEVER


@pytest.mark.parametrize("label", OF_THE_RECORD)
def test_no_filter_reads_the_whole_table_for_its_choices(label):
    ROWS[label]()
    response, _ = listed(make_admin(), label)
    filters = response.context_data["cl"].filter_specs
    reading = [
        each
        for each in filters
        if isinstance(each, (AllValuesFieldListFilter, admin.RelatedFieldListFilter))
    ]
    assert reading == []


def fields_of(model_admin):
    """The fields of its form, and of the forms within it."""
    request = RequestFactory().get("/")
    request.user = User(username="registrar", is_superuser=True, is_active=True)
    request.staff = Staff(request.user)
    yield from model_admin.get_form(request, change=True).base_fields.items()
    for inline in model_admin.get_inline_instances(request):
        formset = inline.get_formset(request)
        fields = formset.form.base_fields.items()
        yield from (each for each in fields if each[0] != formset.fk.name)


def is_unbounded(field) -> bool:
    """Whether it would write every row that there is into the page."""
    if not isinstance(field, forms.ModelChoiceField):
        return False
    widget = getattr(field.widget, "widget", field.widget)
    is_looked_up = isinstance(widget, (AutocompleteSelect, ForeignKeyRawIdWidget))
    is_one = isinstance(widget, forms.HiddenInput)
    model = field.queryset.model._meta.label_lower
    return not (is_looked_up or is_one or model in FEW)


@pytest.mark.parametrize("label", sorted(MODELS))
def test_no_form_offers_every_row_of_another_table(label):
    unbounded = {
        name for name, field in fields_of(MODELS[label]) if is_unbounded(field)
    }
    assert unbounded == set()
