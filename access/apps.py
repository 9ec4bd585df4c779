from django.apps import AppConfig
from django.db.models.signals import post_migrate

from access.groups import make_groups_after_migrate


class AccessConfig(AppConfig):
    name = "access"
    verbose_name = "Access"

    def ready(self) -> None:
        from access import checks  # noqa: F401 (registers them)

        post_migrate.connect(make_groups_after_migrate)
