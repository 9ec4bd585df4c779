"""What the four groups of staff may do, as `migrate` makes them.

They always hold exactly what stands here; whoever needs another mix gets a
group of their own.
"""

import re

from django.apps import apps as all_apps
from django.apps.registry import Apps

RECORD = r"(offerings|students|registrations|enrollments)\.(?!\w+event$)\w+"
GROUPS = {
    # Keeps the whole record, people under privacy hold included.
    "Registrar": [
        RECORD,
        r"(offerings|students|registrations|enrollments|tasks|access|transfer)"
        r"\.view_\w+",
        r"jobs\.\w+",
    ],
    # Sees and grades the registrations of offerings that are theirs; no more.
    "Lecturer": [r"registrations\.grade_own"],
    # Reads everything, changes nothing.
    "Auditor": [
        r"(offerings|students|registrations|enrollments|tasks|jobs|access|transfer)"
        r"\.view_\w+",
        r"auth\.view_\w+",
        r"students\.see_held",
    ],
    # Keeps tasks and clients going, and sees no student, nor what a task was sent.
    "Operator": [
        r"(tasks|jobs)\.(?!view_payload$)\w+",
        r"access\.(view|add|change)_(client|key)",
        r"access\.view_(clientevent|keyevent)",
    ],
}
# What no page shows, whoever asks: secrets, and stored answers.
NEVER = r"access\.\w+_(signingkey|idempotencyrecord|secondfactor)"


def make_groups(apps: Apps = all_apps) -> None:
    """Make the groups, and give each exactly its permissions."""
    permissions = apps.get_model("auth", "Permission").objects.values_list(
        "content_type__app_label", "codename", "pk"
    )
    named = {f"{app}.{codename}": pk for app, codename, pk in permissions}
    for name, patterns in GROUPS.items():
        held = re.compile(f"(?!{NEVER}$)({'|'.join(patterns)})")
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.set(pk for name, pk in named.items() if held.fullmatch(name))


def make_groups_after_migrate(sender, apps: Apps = all_apps, **options) -> None:
    """A receiver of post_migrate: once, when every app has made its permissions."""
    with_models = [app for app in all_apps.get_app_configs() if app.models_module]
    if sender == with_models[-1]:
        make_groups(apps)
