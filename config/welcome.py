"""What `serve` says when it is ready.

Secrets are shown to a terminal only; elsewhere, where what is printed ends in
a log, it names the private files that hold them.
"""

import shlex
import sys
from pathlib import Path

from config.embedded.state import StateFolder

ADMIN_LOGIN = "admin"
ADMIN_PASSWORD = "admin-password"
DEMO_KEY = "demo-key"

PROFILE = "507f1f77bcf86cd799439011"
ENROLLMENT = "AAAS.010.01-202001-U-10188-f002qt1-student"
GRADE = (
    '{"registrations": [{"unit_id": "6385baad976a7719120008e3",'
    ' "context_id": "6385bcf1976a77191200ba5d", "grade_state_name": "pass",'
    ' "grades": [{"name": "final", "value": "85", "published": true}]}]}'
)


def welcome(address: str, state: StateFolder) -> None:
    """Print where the server answers and, of a trial, how to get in."""
    print(f"\nMatricula answers at http://{address}\n")
    key, password = state.path / DEMO_KEY, state.path / ADMIN_PASSWORD
    if key.exists() and password.exists():
        print(trial(f"http://{address}", key, password, sys.stdout.isatty()))
    print("Ctrl-C or SIGTERM stops it.", flush=True)


def trial(url: str, key: Path, password: Path, shows_secrets: bool) -> str:
    """Return the logins of a trial, and three calls that work when pasted."""
    if shows_secrets:
        said_password, said_key = password.read_text().strip(), key.read_text().strip()
        pasted_key = said_key
    else:
        said_password, said_key = f"in {password}", f"in {key}"
        pasted_key = f"$(cat {shlex.quote(str(key))})"
    bearer = f'-H "Authorization: Bearer {pasted_key}"'
    return f"""\
  Admin     {url}/admin/
  Login     {ADMIN_LOGIN}
  Password  {said_password}
  Key       {said_key}

Grade a student, then read that grade where two other interfaces show it:

curl -X PATCH {url}/apis/registrations/profiles/{PROFILE}/registrations \
-H "FF-Auth: {pasted_key}" -H "Content-Type: application/json" -d '{GRADE}'

curl "{url}/dc/api/v5/registrations?userId={PROFILE}" {bearer}

curl {url}/api/academic/enrollments/{ENROLLMENT} {bearer}
"""
