from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.module_loading import autodiscover_modules


class RegistryConfig(AppConfig):
    name = "config"
    verbose_name = "Registry"

    def ready(self):
        autodiscover_modules("chores")
        autodiscover_modules("metrics")
        autodiscover_modules("retention")
        autodiscover_modules("findings")
        autodiscover_modules("invariants")


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin on a site of ours: see config.admin.site."""

    default = False  # of this room: it is named in the settings
    default_site = "config.admin.site.Site"
