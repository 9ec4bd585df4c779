from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "config"
    verbose_name = "Registry"
