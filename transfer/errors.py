"""Why a file is not taken, or an import not done."""

from config.errors import Conflict, Invalid, NotFound


class UnknownKind(NotFound):
    code = "unknown_kind"


class BadFile(Invalid):
    """The file as a whole cannot be read; the sentence says what to do."""

    code = "bad_file"


class RowsAreWrong(Invalid):
    """Some rows cannot be imported, so none are."""

    code = "rows_are_wrong"


class TooManyChanges(Conflict):
    """More of the record would change than the limit allows."""

    code = "too_many_changes"


class RecordMoved(Conflict):
    """The record is no longer what the plan was made of."""

    code = "record_moved"


class NotReady(Conflict):
    """The import is not in a state in which this can be done."""

    code = "not_ready"


class FileLost(NotFound):
    """A file that was kept for a day, or until the database crashed."""

    code = "file_lost"


class UnknownFilter(Invalid):
    """An export cannot be narrowed by that, or there is none of that code."""

    code = "unknown_filter"
