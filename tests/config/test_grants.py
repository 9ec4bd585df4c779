"""The lines of docs/operating that keep the history from whoever serves."""

import json
import re
import secrets

import psycopg
import pytest

from tests.config.databases import ROOT

LINES = re.compile(r"```sql\n(CREATE ROLE matricula_app.*?)```", re.S)
ALTER = "UPDATE students_profileevent SET email = 'x@y.z'"

pytestmark = pytest.mark.soak


@pytest.fixture
def role():
    return f"app_{secrets.token_hex(4)}"


@pytest.fixture
def owned(database, role):
    """A migrated database, and how the new role reaches it."""
    owned = database()
    owned.manage("prepare")
    lines = LINES.search((ROOT / "docs" / "operating.md").read_text())[1]
    owned.write(lines.replace("matricula_app", role))
    yield owned
    owned.write(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_it_works_as_a_role_that_cannot_alter_the_history(owned, role):
    owned.login = (role, "change me")

    assert owned.manage("loaddemo", "--students", "50")[0] == 0
    assert owned.manage("exportdata", "profiles")[0] == 0
    assert owned.manage("verifydata")[0] == 0
    _, printed, _ = owned.manage("doctor", "--format", "json")
    history = [each for each in json.loads(printed) if each["check"] == "history"]
    assert [each["says"] for each in history][-1] == "kept by triggers and by grants"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owned.write(ALTER)
    owned.login = None
