from django.core.management.base import CommandError
from django.db import transaction

from access.disclosure import disclose
from access.identities import hidden_among, profile_id_of
from config.commands import AtTheTerminal, RegistryCommand, add_format, add_include_held
from config.history import command_actor
from students.legal_holds import lift_legal_hold, place_legal_hold
from students.models import LegalHold, Profile

NOBODY = ""  # an id that no person has


class Command(RegistryCommand):
    help = (
        "Keep all that is about a student, however old it is, until the hold is "
        "lifted. Without a student: list who is under hold; this is logged as well."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("student", nargs="?", metavar="ID or NETID")
        parser.add_argument("--reason", default="", help="Kept in the history.")
        parser.add_argument("--lift", action="store_true", help="End the hold.")
        add_include_held(parser)
        add_format(parser)

    @transaction.atomic
    def handle(self, *, student, reason, lift, include_held, format, **options) -> None:
        viewer = AtTheTerminal(include_held)
        if student is None:
            self.list(viewer, format)
            return
        if not 0 < len(reason.strip()) <= 500:
            raise CommandError("--reason must say why, in 1 to 500 characters.")
        change = lift_legal_hold if lift else place_legal_hold
        profile_id = profile_id_of(student)
        if hidden_among([profile_id], viewer):
            profile_id = NOBODY
        change(profile_id=profile_id, reason=reason.strip())
        self.log([profile_id])
        self.say("The hold is lifted." if lift else "All about the student is kept.")

    def list(self, viewer, format) -> None:
        people = Profile.objects.visible_to(viewer)
        found = LegalHold.objects.filter(profile__in=people).select_related("profile")
        holds = [*found.order_by("placed_at")]
        self.log(hold.pk for hold in holds)
        self.print_rows(map(row_of, holds), format=format)

    def log(self, profile_ids) -> None:
        who = command_actor(self.name)["os_user"]
        disclose(
            staff=f"{who} by {self.name}",
            door="command",
            what="legal holds",
            profile_ids=profile_ids,
        )


def row_of(hold: LegalHold) -> dict[str, object]:
    return {
        "profile": hold.pk,
        "netid": hold.profile.netid,
        "since": hold.placed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "reason": hold.reason,
    }
