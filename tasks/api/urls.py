from config.rest.routes import endpoint
from tasks.api.views import TasksView, TaskView

urlpatterns = [
    *endpoint("api/tasks", TasksView, get="list"),
    *endpoint("api/tasks/<str:pk>", TaskView, get="retrieve", delete="destroy"),
]
