"""What may be asked of one attribute of a collection, by what kind of value it is."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.db import models
from django.db.models import Expression, Func, Q, QuerySet, Value
from django.db.models.lookups import StartsWith
from django_filters import Filter

from config.rest.comparisons import MOST_REPEATED, Comparison, Operator, read_comparison
from config.rest.fields import parse_timestamp
from config.rest.queries import FLAG, MOMENT, TEXT, Schema, either, one_of, pattern

SECOND = timedelta(seconds=1)
MOST_DIGITS = 5  # of a whole number
NOTHING = Q(pk__in=())
ANYTHING = Q()

COMPARED = pattern("^=?[<>]")
BEGUN = pattern(r"\*$")
ANY_OR_NONE = one_of("*", "null")


class Repeated(forms.Widget):
    """Reads every value of a parameter, not the last one only."""

    def value_from_datadict(self, data, files, name):
        return data.getlist(name)


class Conditions(forms.Field):
    """Makes one condition of all the texts of a parameter."""

    widget = Repeated

    def __init__(self, condition: Callable[[Comparison], Q], **options: Any) -> None:
        super().__init__(required=False, **options)
        self.condition = condition

    def clean(self, texts: list[str]) -> Q | None:
        if not texts:
            return None
        if len(texts) > MOST_REPEATED:
            raise forms.ValidationError(f"Is given more than {MOST_REPEATED} times.")
        return Q(*[self.condition(read_comparison(text)) for text in texts])


class Attribute(Filter):
    """One attribute; a subclass says what its comparisons mean.

    `expression` stands for what is no column; `field_name` then names it in
    the query. Without `is_indexed`, rows are looked at one by one.
    """

    def __init__(
        self,
        field_name: str,
        *,
        expression: Expression | None = None,
        is_indexed: bool = True,
    ) -> None:
        super().__init__(field_name)
        self.expression = expression
        self.is_indexed = is_indexed

    @property
    def field(self) -> Conditions:
        return Conditions(self.condition)

    @property
    def schema(self) -> Schema:
        """How the OpenAPI document describes what may be asked."""
        return TEXT

    def filter(self, queryset: QuerySet, value: Q | None) -> QuerySet:
        if not value:
            return queryset
        if self.expression is not None:
            queryset = queryset.alias(**{self.field_name: self.expression})
        return queryset.filter(value)

    def condition(self, comparison: Comparison) -> Q:
        """Return what must hold. Raises ValidationError for an impossible value."""
        if comparison.operator is Operator.ANYTHING:
            return ANYTHING
        if comparison.operator is Operator.NULL:
            return self.null()
        compare = getattr(self, comparison.operator.value)
        return compare(comparison.value)

    def null(self) -> Q:
        return self._holds("isnull", True)

    def equal(self, value: str) -> Q:
        raise NotImplementedError

    def at_most(self, value: str) -> Q:
        raise forms.ValidationError("Cannot be compared with =< or =>.")

    def at_least(self, value: str) -> Q:
        raise forms.ValidationError("Cannot be compared with =< or =>.")

    def prefix(self, value: str) -> Q:
        raise forms.ValidationError("Has no prefixes.")

    def _holds(self, lookup: str, value: Any) -> Q:
        return Q(**{f"{self.field_name}__{lookup}": value})


class Text(Attribute):
    """A text, compared by bytes; so must its column be."""

    def equal(self, value: str) -> Q:
        return self._holds("exact", value)

    def at_most(self, value: str) -> Q:
        return self._holds("lte", value)

    def at_least(self, value: str) -> Q:
        return self._holds("gte", value)

    def prefix(self, value: str) -> Q:
        return self._holds("startswith", value)


class Of(Attribute):
    """An attribute of what a row refers to, or of what refers to it by `key`.

    All filters on the same rows must hold for one and the same of them.
    """

    def __init__(
        self,
        column: str,
        model: type[models.Model],
        attribute: Attribute,
        *,
        key: str = "pk",
    ) -> None:
        super().__init__(column)
        self.referred = model
        self.attribute = attribute
        self.key = key

    @property
    def side(self) -> tuple[str, type[models.Model], str]:
        """Which rows those are: the column, their model and its key."""
        return self.field_name, self.referred, self.key

    @property
    def schema(self) -> Schema:
        return self.attribute.schema

    def condition(self, comparison: Comparison) -> Q:
        return self.attribute.condition(comparison)

    def filter(self, queryset: QuerySet, value: Q | None) -> QuerySet:
        """Filter the rows of the other side; the filter set joins them."""
        return self.attribute.filter(queryset, value)


class Choice(Attribute):
    """One of few words, known beforehand; another word is an error."""

    def __init__(self, field_name: str, words: Sequence[str], **options: Any) -> None:
        super().__init__(field_name, **options)
        self.words = words

    @property
    def schema(self) -> Schema:
        return either(one_of(*self.words), COMPARED, BEGUN, ANY_OR_NONE)

    def equal(self, value: str) -> Q:
        if value not in self.words:
            raise forms.ValidationError(f"Must be one of {', '.join(self.words)}.")
        return self._holds("exact", value)

    def at_most(self, value: str) -> Q:
        return self._among(lambda word: word <= value)

    def at_least(self, value: str) -> Q:
        return self._among(lambda word: word >= value)

    def prefix(self, value: str) -> Q:
        return self._among(lambda word: word.startswith(value))

    def _among(self, fits: Callable[[str], bool]) -> Q:
        words = [word for word in self.words if fits(word)]
        return self._holds("in", words)


class Flag(Attribute):
    """true or false, by a condition that is made afresh for each search."""

    def __init__(self, is_so: Callable[[], Q]) -> None:
        super().__init__("pk")
        self.is_so = is_so

    @property
    def schema(self) -> Schema:
        return either(FLAG, ANY_OR_NONE)

    def equal(self, value: str) -> Q:
        if value not in ("true", "false"):
            raise forms.ValidationError("Must be true or false.")
        return self.is_so() if value == "true" else ~self.is_so()

    def null(self) -> Q:
        return NOTHING


class Number(Attribute):
    """A whole number; its prefixes are those of its digits."""

    @property
    def schema(self) -> Schema:
        digits = f"[0-9]{{1,{MOST_DIGITS}}}"
        return either(
            {"type": "integer", "minimum": 0, "maximum": 10**MOST_DIGITS - 1},
            pattern(rf"^(=?[<>]{digits}|{digits}\*?)$"),
            ANY_OR_NONE,
        )

    def equal(self, value: str) -> Q:
        return self._holds("exact", whole(value))

    def at_most(self, value: str) -> Q:
        return self._holds("lte", whole(value))

    def at_least(self, value: str) -> Q:
        return self._holds("gte", whole(value))

    def prefix(self, value: str) -> Q:
        first = whole(value)
        if str(first) != value:  # no number begins with 07
            return NOTHING
        longest = 1 if first == 0 else MOST_DIGITS - len(value) + 1
        powers = [10**zeros for zeros in range(longest)]
        ranges = [(first * power, (first + 1) * power - 1) for power in powers]
        return reduce(or_, [self._holds("range", each) for each in ranges])


class Moment(Attribute):
    """A moment, compared as it is shown: in UTC, to the second."""

    @property
    def schema(self) -> Schema:
        return either(MOMENT, COMPARED, ANY_OR_NONE)

    def equal(self, value: str) -> Q:
        return self.at_least(value) & self.at_most(value)

    def at_least(self, value: str) -> Q:
        return self._holds("gte", moment(value))

    def at_most(self, value: str) -> Q:
        try:
            return self._holds("lt", moment(value) + SECOND)
        except OverflowError:  # the last second of the year 9999
            return self._holds("isnull", False)


class Shown(Func):
    """A moment as the text that shows it."""

    function = "to_char"
    output_field = models.TextField()

    def __init__(self, column: str) -> None:
        super().__init__(AtUTC(column), Value('YYYY-MM-DD"T"HH24:MI:SS"Z"'))


class AtUTC(Func):
    template = "(%(expressions)s AT TIME ZONE 'UTC')"
    output_field = models.DateTimeField()


class MomentByPrefix(Moment):
    """A moment that may be asked for by a part of what is shown, as 2020-03*.

    `shown` names that text; no index serves it.
    """

    def __init__(self, field_name: str, **options: Any) -> None:
        super().__init__(field_name, is_indexed=False, **options)

    @property
    def schema(self) -> Schema:
        return either(MOMENT, COMPARED, BEGUN, ANY_OR_NONE)

    def prefix(self, value: str) -> Q:
        return Q(StartsWith(Shown(self.field_name), value))


def whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise forms.ValidationError("Must be a whole number.")
    return int(text)


def moment(text: str) -> datetime:
    try:
        return parse_timestamp(text).astimezone(UTC)
    except ValueError:
        raise forms.ValidationError(
            "Must be a timestamp such as 2020-03-05T17:53:46Z."
        ) from None
