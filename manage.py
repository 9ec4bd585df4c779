#!/usr/bin/env python
"""Run a management command of Matricula."""

import os
import sys
from contextlib import nullcontext

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config.embedded.engines import lent
from config.embedded.errors import EngineError

# `serve` runs the engines itself; the others need no database.
WITHOUT_ENGINES = {
    "serve",
    "makemigrations",
    "check",
    "collectstatic",
    "help",
    "openapi",
    "version",
    "diffsettings",
}
HELP = {"-h", "--help", "--version"}


def needs_engines(arguments: list[str]) -> bool:
    if "--deploy" in arguments:  # looks at the SECRET_KEY of the state folder
        return True
    return bool(arguments) and not (
        arguments[0] in WITHOUT_ENGINES or HELP.intersection(arguments)
    )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        with lent() if needs_engines(sys.argv[1:]) else nullcontext():
            execute_from_command_line(sys.argv)
    except (EngineError, ImproperlyConfigured) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
