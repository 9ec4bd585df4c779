"""Which column of a file is which of a kind's."""

import re
from collections.abc import Mapping, Sequence

from transfer.errors import BadFile
from transfer.kind import Kind

Mapped = dict[str, str]  # the kind's column by the header of the file

# What else people call a column, without spaces and case.
SYNONYMS = {
    "identifier": "id",
    "uuid": "id",
    "forename": "first_name",
    "givenname": "first_name",
    "firstname": "first_name",
    "surname": "last_name",
    "familyname": "last_name",
    "lastname": "last_name",
    "mail": "email",
    "emailaddress": "email",
    "student": "profile",
    "studentid": "profile",
    "profileid": "profile",
    "userid": "profile",
    "term": "semester",
    "semester": "term",
    "termcode": "term",
    "start": "starts_on",
    "startdate": "starts_on",
    "end": "ends_on",
    "enddate": "ends_on",
    "grade": "value",
    "mark": "value",
    "section": "offering",
    "confidential": "is_confidential",
    "privacyhold": "is_confidential",
    "state": "grade_state",
    "dplan": "code",
    "dplanid": "code",
    "dplansourceid": "source",
}


def guess(kind: Kind, header: Sequence[str]) -> Mapped:
    """Return what the headers most likely mean; one that is unclear is left out."""
    by_word = {_word(name): name for name in kind.names}
    by_word |= {
        _word(f"{name}_id"): name
        for name in kind.names
        if kind.column(name).references and _word(f"{name}_id") not in by_word
    }
    mapped: Mapped = {}
    for title in header:
        word = _word(title)
        name = by_word.get(word) or by_word.get(_word(SYNONYMS.get(word, "")))
        if name and name not in mapped.values():
            mapped[title] = name
    return mapped


def _word(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.lower())


def check(kind: Kind, header: Sequence[str], mapped: Mapping[str, str]) -> None:
    """Raise BadFile where rows could not be found by these columns, or twice."""
    names = list(mapped.values())
    for name in sorted(set(names)):
        if names.count(name) > 1:
            raise BadFile(f"Two columns of the file are taken for {name}.")
    if not any(finder <= set(names) for finder in kind.finders):
        raise BadFile(f"The file lacks columns: {_finders(kind)} must be there.")


def check_all_are_known(
    kind: Kind, header: Sequence[str], mapped: Mapping[str, str]
) -> None:
    """Raise BadFile for a column that nobody has said the meaning of."""
    unknown = [title for title in header if title not in mapped]
    if unknown:
        raise BadFile(
            f"{unknown[0]!r} is no column of {kind.title}, which has "
            f"{', '.join(kind.names)}."
        )


def _finders(kind: Kind) -> str:
    return " or ".join(
        " with ".join(name for name in kind.names if name in finder)
        for finder in kind.finders
    )
