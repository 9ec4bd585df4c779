"""The documentation names every setting, command, scope and endpoint."""

import ast
import json
import re
from pathlib import Path

import pytest

from access.scopes import ROLES, SCOPES
from tests.test_layers import APPS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
READERS = {"text", "integer", "flag", "words", "parsed"}


def settings():
    """Return the names that the settings read from the environment."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return sorted(
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in READERS
        and getattr(call.func.value, "id", None) == "env"
    )


def commands():
    folders = (ROOT / app / "management" / "commands" for app in ["config", *APPS])
    paths = (path for folder in folders for path in folder.glob("[a-z]*.py"))
    return sorted(path.stem for path in paths)


def endpoints():
    return sorted(json.loads((DOCS / "openapi.json").read_text())["paths"])


def pages(*patterns):
    """Return the text of the pages, as one."""
    found = (path for pattern in patterns for path in sorted(DOCS.glob(pattern)))
    return "\n".join(path.read_text() for path in found)


def links():
    """Return each page with each file that it links to."""
    found = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    return [
        pytest.param(page.parent / target, id=f"{page.relative_to(ROOT)}: {target}")
        for page in found
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ]


@pytest.mark.parametrize("name", [*settings(), "REGISTRY_VAR", "PORT"])
def test_it_has_a_row_for_the_setting(name):
    assert f"\n| `{name}` |" in pages("operating.md")


@pytest.mark.parametrize("name", commands())
def test_it_names_the_command(name):
    assert f"manage.py {name}" in pages("*.md", "interfaces/*.md")


@pytest.mark.parametrize("name", [*SCOPES, *ROLES])
def test_it_names_the_scope_or_role(name):
    assert f"`{name}`" in pages("access.md")


@pytest.mark.parametrize("path", endpoints())
def test_it_names_the_endpoint(path):
    words = re.sub(r"{\w+}", "{}", path)
    named = re.sub(r"{\w+}", "{}", pages("*.md", "interfaces/*.md"))

    assert re.search(re.escape(words) + r"(?![\w/{])", named)


@pytest.mark.parametrize("target", links())
def test_it_links_to_a_file_that_is_there(target):
    assert target.exists()
