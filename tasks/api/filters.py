"""What the list of tasks can be asked for."""

from django.db.models import Q

from config.rest.attributes import NOTHING, Choice, Moment, Text
from config.rest.filters import AttributeFilterSet
from tasks import registry
from tasks.models import Task

STATES = {
    "accepted": Task.UNFINISHED,
    "complete": (Task.State.COMPLETE,),
    "error": (Task.State.ERROR,),
}


class Resource(Choice):
    """One of the resources that have tasks, whichever are installed."""

    def __init__(self) -> None:
        super().__init__("resource", ())

    @property
    def words(self):
        return sorted(registry.resources())

    @words.setter
    def words(self, words) -> None:
        """The registry knows them."""


class Status(Choice):
    """What requesters are told, of which one word stands for two states.

    No index serves it: one on the state would be written to twice a task.
    """

    def __init__(self) -> None:
        super().__init__("state", [*STATES], is_indexed=False)

    def null(self) -> Q:
        return NOTHING

    def _holds(self, lookup, value) -> Q:
        words = value if lookup == "in" else [value]
        return Q(state__in=[state for word in words for state in STATES[word]])


class TaskFilters(AttributeFilterSet):
    resource = Resource()
    resource_id = Text("resource_id")
    status = Status()
    request_date = Moment("accepted_at")
