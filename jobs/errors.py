from config.errors import Conflict, Forbidden


class HasEnded(Conflict):
    """A job that has ended cannot be cancelled."""

    code = "job_has_ended"


class Cancelled(Conflict):
    """Whoever asked for the job, or an operator, asked that it stop."""

    code = "cancelled"


class NotAllowed(Forbidden):
    """Somebody lacks a permission that it takes to ask for the job."""

    code = "job_not_allowed"
