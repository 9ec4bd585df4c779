"""The registry's settings, with effects that can be counted."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as REGISTRY_APPS

INSTALLED_APPS = [*REGISTRY_APPS, "tests.faults.effects"]
ROOT_URLCONF = "tests.faults.effects.urls"
