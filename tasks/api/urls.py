from config.rest.routes import endpoint
from tasks.api.views import TaskView

urlpatterns = [
    *endpoint("api/tasks/<str:pk>", TaskView, get="retrieve", delete="destroy"),
]
