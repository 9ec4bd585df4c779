from drf_spectacular.utils import extend_schema

from config.rest.filters import described
from config.rest.found_pages import PARAMETERS, found_page
from config.rest.requests import Request
from config.rest.responses import Response
from config.rest.views import InterfaceView
from tasks import operations, waiting
from tasks.api import answers
from tasks.api.errors import TASKS
from tasks.api.filters import TaskFilters
from tasks.api.schemas import TASK, TASKS_PAGE
from tasks.api.waits import WAIT, asked_wait
from tasks.errors import NotTheRequester, TaskNotFound
from tasks.models import Task


class TasksView(InterfaceView):
    """The caller's own tasks, and those of resources that it may see in full."""

    dialect = TASKS
    required_scopes = {"list": ()}
    query = {"list": PARAMETERS | described(TaskFilters.base_filters)}

    @extend_schema(responses={200: TASKS_PAGE})
    def list(self, request: Request) -> Response:
        page = found_page(request, "tasks", self.filters)
        self.query = {"list": page.parameters}
        found = answers.listed_for(request.caller).in_bulk(page.ids)
        tasks = [found[pk] for pk in page.ids if pk in found]
        self.release(answers.people_shown(request.caller, tasks))
        return page.response(answers.shown_to(request.caller, tasks, request))

    def filters(self) -> TaskFilters:
        newest_first = answers.listed_for(self.request.caller).newest_first()
        return TaskFilters(self.request.query_params, newest_first)


class TaskView(InterfaceView):
    """One task: how far it is, and how it ended."""

    dialect = TASKS
    required_scopes = {"retrieve": (), "destroy": ()}
    query = {"retrieve": {"wait": WAIT}}

    task: Task

    def find(self, request: Request, pk: str) -> None:
        task = Task.objects.select_related("lane").filter(pk=pk).first()
        if not self.is_visible(pk, task) or task is None:
            raise TaskNotFound("Not Found")
        self.task = task

    def is_visible(self, pk: str, task: Task | None) -> bool:
        """Whether it is there for the caller; for one that is not, the same work."""
        caller = self.request.caller
        if task is not None and task.is_requested_by(caller):
            return True
        return answers.listed_for(caller).filter(pk=pk).exists()

    @extend_schema(responses={200: TASK})
    def retrieve(self, request: Request, pk: str) -> Response:
        task = waiting.until_ended(self.task, asked_wait(request))
        if task is not self.task and not self.is_visible(pk, task):
            raise TaskNotFound("Not Found")  # it waited, and a hold began meanwhile
        self.task = task
        return self.answered(request)

    @extend_schema(responses={200: TASK})
    def destroy(self, request: Request, pk: str) -> Response:
        if not self.task.is_requested_by(request.caller):
            raise NotTheRequester
        self.task = operations.cancel(self.task)
        return self.answered(request)

    def answered(self, request: Request) -> Response:
        self.release(answers.people_shown(request.caller, [self.task]))
        (body,) = answers.shown_to(request.caller, [self.task], request)
        return self.tagged(Response(body), version=self.task.version)

    def read(self, request: Request, handler) -> Response:
        response = super().read(request, handler)
        if not self.task.has_ended:  # on a 304 as well
            response["Retry-After"] = str(answers.retry_after(self.task))
        return response
