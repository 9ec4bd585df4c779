"""What the task engine says when it refuses."""

from config.errors import Conflict, Forbidden, NotFound, TooMany, Unavailable


class LaneFull(TooMany):
    """As many tasks wait on one resource as may."""

    code = "too_many_waiting"
    retry_after = 10

    def __init__(self) -> None:
        super().__init__("Too many changes of this record wait already. Try later.")


class EngineFull(Unavailable):
    """As many tasks wait in all as may."""

    code = "engine_full"
    retry_after = 10

    def __init__(self) -> None:
        super().__init__("Too many changes wait already. Try later.")


class LaneBusy(Unavailable):
    """A change of the same resource is being made, and takes its time."""

    code = "resource_busy"

    def __init__(self) -> None:
        super().__init__("This record is being changed. Try again in a moment.")


class TaskNotFound(NotFound):
    code = "task_not_found"


class LaneNotFound(NotFound):
    code = "lane_not_found"


class NotTheRequester(Forbidden):
    """Whoever sees a task is not for that allowed to cancel it."""

    code = "not_the_requester"

    def __init__(self) -> None:
        super().__init__("Only who requested the task may cancel it.")


class AlreadyBegun(Conflict):
    """A worker has begun the task, or it has ended."""

    code = "already_begun"

    def __init__(self) -> None:
        super().__init__("The task has already begun or ended.")


class NotToBeRetried(Conflict):
    """Only a task that ended in error, and whose payload is kept, can be."""

    code = "not_to_be_retried"

    def __init__(self) -> None:
        super().__init__(
            "Only a task that ended in error, and whose payload is kept, can be "
            "tried again."
        )


class AlreadyRetried(Conflict):
    """Somebody had it tried again before."""

    code = "already_retried"

    def __init__(self) -> None:
        super().__init__("It was tried again already.")


class AnotherIsFirst(Conflict):
    """The task that was seen first in the lane is so no more."""

    code = "another_is_first"

    def __init__(self) -> None:
        super().__init__("The lane moved on meanwhile: another task is first now.")


class NothingWaits(Conflict):
    """The lane has no task that could be ended or hinted at."""

    code = "nothing_waits"
