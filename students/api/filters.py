"""What the list of students can be asked for, by attribute."""

from django.db.models import Q
from django.db.models.functions import Collate

from config.rest.attributes import Attribute, Flag, Number, Of, Text
from config.rest.filters import AttributeFilterSet
from students.models import Dplan


class ByBytes(Text):
    """A text whose column sorts as people do: its index sorts by bytes."""

    def __init__(self, column: str) -> None:
        alias = f"{column.replace('__', '_')}_bytes"
        super().__init__(alias, expression=Collate(column, "C"))


def of_dplan(attribute: Attribute) -> Of:
    return Of("pk", Dplan, attribute, key="profile")


class StudentFilters(AttributeFilterSet):
    netid = Text("netid")
    id = Text("id")
    first_name = ByBytes("first_name")
    last_name = ByBytes("last_name")
    email = ByBytes("email")
    class_year = Number("class_year")
    is_confidential = Flag(lambda: Q(is_confidential=True))
    dplans__term_code = of_dplan(Text("term__code"))
    dplans__dplan_id = of_dplan(Text("code__id"))
    dplans__dplan_description = of_dplan(ByBytes("code__name"))
    dplans__dplan_source_id = of_dplan(Text("source__id"))
    dplans__dplan_source_description = of_dplan(ByBytes("source__name"))
