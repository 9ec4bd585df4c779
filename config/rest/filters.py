"""The filters of a collection, by the dotted names of its attributes.

A FilterSet declares one attribute of its object per filter, `__` for the dot.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Func, Q, QuerySet
from django_filters import FilterSet
from rest_framework.exceptions import ValidationError

from config.rest.attributes import Attribute, Of
from config.rest.comparisons import GRAMMAR
from config.rest.queries import Schema


class Among(Func):
    """`column = ANY(ARRAY(SELECT ...))`: looked up first, then found by an index.

    A join or IN of the same would have the planner guess how many there are, and
    read the whole table where it guesses many.
    """

    arg_joiner = " = ANY("
    template = "%(expressions)s)"
    output_field = models.BooleanField()


def among(column: str, ids: QuerySet) -> Q:
    """Return that the column is one of these ids."""
    return Q(Among(column, ArraySubquery(ids)))


class AttributeFilterSet(FilterSet):
    """The filters of one collection. Those of `sensitive` attributes are there
    only for who is shown them: for others they are unknown."""

    sensitive: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, data, queryset: QuerySet, *, is_sensitive_shown: bool = True):
        super().__init__(data, queryset)
        if not is_sensitive_shown:
            for name in self.sensitive:
                self.filters.pop(name)

    @classmethod
    def get_filters(cls):
        filters = super().get_filters()
        return {name.replace("__", "."): each for name, each in filters.items()}

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        others: dict[tuple, QuerySet] = {}
        for name, condition in self.form.cleaned_data.items():
            attribute = self.filters[name]
            if not isinstance(attribute, Of):
                queryset = attribute.filter(queryset, condition)
            elif condition:
                rows = others.get(
                    attribute.side, attribute.referred._base_manager.all()
                )
                others[attribute.side] = attribute.filter(rows, condition)
        return self._joined(queryset, others)

    def _joined(self, queryset: QuerySet, others: dict[tuple, QuerySet]) -> QuerySet:
        """Look up the rows of one side first; those of a second are joined to
        what that leads to, since two arrays would be held against each other."""
        for number, ((column, _, key), rows) in enumerate(others.items()):
            ids = rows.values(key)
            is_there = (
                among(column, ids) if number == 0 else Q(**{f"{column}__in": ids})
            )
            queryset = queryset.filter(is_there)
        return queryset

    @property
    def is_indexed(self) -> bool:
        """Whether an index serves every filter that was given."""
        given = [each for name, each in self.filters.items() if name in self.data]
        return all(each.is_indexed for each in given)

    def search(self) -> QuerySet:
        """Return the rows that fit. Raises ValidationError by attribute (400)."""
        if not self.is_valid():
            raise ValidationError(
                {name: [*sentences] for name, sentences in self.errors.items()}
            )
        return self.qs


def described(filters: Mapping[str, Attribute]) -> dict[str, Schema]:
    """How the OpenAPI document describes filters, by name."""
    said = {"description": GRAMMAR}
    return {name: {**each.schema, **said} for name, each in filters.items()}
