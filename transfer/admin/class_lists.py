"""Files that the desk gives out."""

from io import BytesIO

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from config.admin.requests import DeskRequest
from config.admin.screens import screen
from registrations.admin.roster import Roster, read_roster
from registrations.admin.writers import may_look_at_grades
from registrations.models import Registration
from transfer.writing import CsvWriter, WorkbookWriter

FILES = {writer.suffix: writer for writer in (CsvWriter, WorkbookWriter)}


class ClassList:
    """The heading of a class list."""

    title = "Class list"
    names = [
        *("netid", "last_name", "first_name", "email", "class_year"),
        *("state", "attempt", "privacy_hold"),
    ]


@screen(
    "class-lists/<str:offering_id>/class-list.<str:suffix>",
    name="roster_file",
    allowed=may_look_at_grades,
)
def roster_file(request: DeskRequest, offering_id: str, suffix: str) -> HttpResponse:
    """The class list of an offering, for a spreadsheet."""
    if suffix not in FILES:
        raise Http404
    roster = read_roster(request, offering_id)
    response = HttpResponse(
        written(roster, suffix), content_type=FILES[suffix].content_type
    )
    name = f"class-list-{roster.offering.code}.{suffix}"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def written(roster: Roster, suffix: str) -> bytes:
    """The class list as a file; no cell is run by what opens it."""
    out = BytesIO()
    writer = FILES[suffix](out, ClassList)
    if roster.rows:
        writer.write([*zip(*map(_cells, roster.rows), strict=True)])
    writer.close()
    return out.getvalue()


def _cells(row: Registration) -> list[str | None]:
    profile = row.profile
    return [
        *(profile.netid, profile.last_name, profile.first_name, profile.email),
        str(profile.class_year or ""),
        row.state,
        str(row.attempt),
        "yes" if profile.is_confidential else "",
    ]
