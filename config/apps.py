from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules

from config.prepared import keep_plans


class RegistryConfig(AppConfig):
    name = "config"
    verbose_name = "Registry"

    def ready(self):
        connection_created.connect(keep_plans)
        autodiscover_modules("chores")
        autodiscover_modules("metrics")
        autodiscover_modules("retention")
        autodiscover_modules("findings")
        autodiscover_modules("invariants")


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin on a site of ours: see config.admin.site."""

    default = False  # of this room: it is named in the settings
    default_site = "config.admin.site.Site"
