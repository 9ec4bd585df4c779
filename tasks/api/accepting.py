"""The view of a write that is accepted now and done by a worker."""

from django.db import IntegrityError, InterfaceError, OperationalError

from config.errors import DomainError, Unavailable
from config.ids import new_id
from config.rest import preferences
from config.rest.requests import Request
from config.rest.responses import Accepted, Response
from config.rest.views import InterfaceView, OutcomeUnknown
from tasks import operations, waiting
from tasks.api import answers
from tasks.api.waits import preferred_wait
from tasks.models import Task

KIBIBYTE = 1024


class AcceptingView(InterfaceView):
    """Base of a view whose PATCH is accepted as a task.

    Its handler finds, parses, and returns `self.accept(...)`: 202, or the task's
    view where that is a dry run, or where `Prefer: wait=N` was asked and the task
    ended in time.
    """

    max_body = 256 * KIBIBYTE
    task_id = ""
    is_second_try = False

    def accept(
        self, *, resource: str, action: str, resource_id: str, about: str | None
    ) -> Response:
        """Submit what was sent as a task on `resource_id`; call it last.

        `about` is the profile that it concerns, whose hold hides the task.
        """
        request = self.request
        asked = {
            "resource": resource,
            "action": action,
            "resource_id": resource_id,
            "payload": request.raw.decode(),
            "caller": request.caller,
            "about": about,
            "request_id": request.request_id,
            "reason": preferences.reason_of(request),
        }
        if self.is_dry_run:
            return Response(answers.shown(operations.rehearse(**asked), request))
        return Accepted(operations.submit(task_id=self.task_id, **asked))

    def write(self, request: Request, handler) -> Response:
        self.task_id = new_id()
        response = super().write(request, handler)
        seconds = preferred_wait(request)
        if response.status_code == 202 and seconds is not None:
            return self._awaited(request, response, seconds)
        return response

    def recover(self, request: Request, error: OperationalError) -> Response:
        """Look the task up, and send it once more where it is not there."""
        if self.is_second_try:
            raise OutcomeUnknown from error
        self.is_second_try = True
        try:
            return self._accepted() or self._again(request)
        except OperationalError:
            raise OutcomeUnknown from error

    def _accepted(self) -> Response | None:
        task = operations.find_accepted(self.task_id)
        return task and Accepted(task)

    def _again(self, request: Request) -> Response:
        try:
            return self.attempt(request, getattr(self, request.method.lower()))
        except (IntegrityError, DomainError) as error:
            # The lost commit may have come through after all, while this one waited,
            # or may be what was in its way.
            if accepted := self._accepted():
                return accepted
            if isinstance(error, Unavailable):
                raise OutcomeUnknown from error
            raise

    def _awaited(self, request: Request, accepted: Response, seconds: int) -> Response:
        task = _ended(_id_in(accepted), seconds)
        if task is None:
            return accepted
        response = Response(answers.shown(task, request), headers=accepted.headers)
        del response.headers["Retry-After"]
        response["Preference-Applied"] = f"wait={seconds}"
        return self.tagged(response, version=task.version)


def _ended(task_id: str, seconds: int) -> Task | None:
    """The task where it ended in time; a promise that was given stays one."""
    try:
        task = Task.objects.select_related("lane").get(pk=task_id)
        task = waiting.until_ended(task, seconds)
    except (OperationalError, InterfaceError, Task.DoesNotExist):
        return None
    return task if task.has_ended else None


def _id_in(accepted: Response) -> str:
    """A replayed answer has the location of the task that it was given for."""
    return accepted["Location"].rpartition("/")[2]
