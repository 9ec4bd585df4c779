"""Who may import whom: one record, many doors, and the arrows between the rooms."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent

# Each room may import those before it, and none after it.
RECORD = ["access", "offerings", "students", "registrations", "enrollments"]
# Machinery that knows no room of the record; rooms register with it.
MACHINERY = ["tasks", "jobs"]
APPS = [*RECORD, *MACHINERY]
# Stands above all of them: it knows every room, and none knows it.
TOP = "transfer"

# What a rule of the record may stand on, and what must itself know no app.
FOUNDATION = ["errors", "ids", "unset", "history", "columns", "versions", "env"]

# Doors translate; everything else in an app is its domain.
DOORS = {"api", "admin", "management", "handlers", "apps", "worker", "sweep"}
DOORS_OF_ACCESS = {"authentication", "permissions"}
FORBIDDEN_TO_DOMAIN = ["config.rest", "config.admin", "rest_framework", "celery"]


def modules(*folders):
    """Return the dotted names of the modules in these folders."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    parts = (path.relative_to(ROOT).with_suffix("").parts for path in paths)
    return sorted(
        ".".join(part).removesuffix(".__init__")
        for part in parts
        if "migrations" not in part
    )


def imports(module):
    """Return the dotted names that a module imports."""
    return set(imported(ast.parse(source(module).read_text())))


def source(module):
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are whole paths"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def among(names, roots):
    """Return those names that lie in one of the roots."""
    return {
        name
        for name in names
        if any(name == root or name.startswith(f"{root}.") for root in roots)
    }


def is_domain(module):
    parts = set(module.split(".")[1:])
    return not parts & (DOORS | DOORS_OF_ACCESS)


@pytest.mark.parametrize("module", modules(*RECORD))
def test_it_imports_only_the_rooms_before_it(module):
    own_room = RECORD.index(module.partition(".")[0])

    assert among(imports(module), RECORD[own_room + 1 :]) == set()


@pytest.mark.parametrize("module", [m for m in modules(*APPS) if is_domain(m)])
def test_it_is_domain_and_knows_no_door(module):
    doors = [*FORBIDDEN_TO_DOMAIN, "django.http", *(f"{app}.api" for app in APPS)]

    assert among(imports(module), doors) == set()


@pytest.mark.parametrize("module", modules(*MACHINERY))
def test_it_is_machinery_and_knows_no_room(module):
    assert among(imports(module), RECORD) <= among(imports(module), ["access"])


@pytest.mark.parametrize("module", modules("config/rest"))
def test_it_is_of_every_interface_and_knows_no_app_but_access(module):
    assert among(imports(module), APPS) <= among(imports(module), ["access"])


@pytest.mark.parametrize("module", [f"config.{name}" for name in FOUNDATION])
def test_it_is_a_foundation_and_knows_no_app(module):
    assert among(imports(module), APPS) == set()


@pytest.mark.parametrize("module", modules("config/embedded"))
def test_it_runs_the_engines_and_needs_no_django(module):
    assert among(imports(module), ["django", *APPS]) == set()


def test_it_keeps_people_in_access_as_plain_ids():
    assert related_apps("access") <= {"access", "auth", "pghistory"}  # staff accounts


def related_apps(app):
    """Return the apps that the foreign keys of an app's models lead to."""
    fields = (f for m in apps.get_app_config(app).get_models() for f in m._meta.fields)
    return {
        field.related_model._meta.app_label for field in fields if field.is_relation
    }


@pytest.mark.parametrize("module", modules(*APPS, "config"))
def test_it_does_not_know_the_top_room(module):
    assert among(imports(module), [TOP]) == set()


def test_a_web_process_starts_without_what_only_workers_or_workbooks_need():
    load = "import sys, config.wsgi; print({'celery', 'openpyxl'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", load], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "set()\n", "")
