from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = "Tasks"

    def ready(self):
        # The web process asks the registry too: how a task reads, a dry run.
        autodiscover_modules("handlers")
