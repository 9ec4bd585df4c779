from django.apps import AppConfig

from tests.faults.arms import install


class EffectsConfig(AppConfig):
    name = "tests.faults.effects"
    label = "effects"

    def ready(self):
        install()
