"""What the list of students can be asked for, by attribute."""

from django.db.models import Q, QuerySet
from django.db.models.functions import Collate

from config.rest.filters import AttributeFilterSet, Flag, Number, Text
from students.models import Dplan, DplanCode, DplanSource

OF_DPLANS = "dplans."


class ByBytes(Text):
    """A text whose column sorts as people do: its index sorts by bytes."""

    def __init__(self, column: str) -> None:
        super().__init__(f"{column}_bytes", expression=Collate(column, "C"))


class Named(ByBytes):
    """The name of what a D-Plan refers to; there are few of each."""

    def __init__(self, relation: str, model: type[DplanCode | DplanSource]) -> None:
        super().__init__("name")
        self.relation = relation
        self.named = model

    def condition(self, comparison) -> Q:
        named = super().filter(self.named.objects.all(), super().condition(comparison))
        return Q(**{f"{self.relation}__in": named})


class StudentFilters(AttributeFilterSet):
    netid = Text("netid")
    id = Text("id")
    first_name = ByBytes("first_name")
    last_name = ByBytes("last_name")
    email = ByBytes("email")
    class_year = Number("class_year")
    is_confidential = Flag(lambda: Q(is_confidential=True))
    dplans__term_code = Text("term__code")
    dplans__dplan_id = Text("code__id")
    dplans__dplan_description = Named("code", DplanCode)
    dplans__dplan_source_id = Text("source__id")
    dplans__dplan_source_description = Named("source", DplanSource)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """What is asked of D-Plans must hold for one and the same of them."""
        given = {
            name: condition
            for name, condition in self.form.cleaned_data.items()
            if condition
        }
        of_dplans = [given.pop(name) for name in [*given] if name.startswith(OF_DPLANS)]
        for name, condition in given.items():
            queryset = self.filters[name].filter(queryset, condition)
        if of_dplans:
            fitting = Dplan.objects.filter(*of_dplans)
            queryset = queryset.filter(pk__in=fitting.values("profile"))
        return queryset
