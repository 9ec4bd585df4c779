"""Why a change of a registration is refused."""

from collections.abc import Iterable

from config.errors import Conflict, Forbidden, Invalid, NotFound

LONGEST_SHOWN = 64  # characters of a value that a sentence repeats


def shown(text: str) -> str:
    """Return a value as a sentence repeats it: quoted, and cut where it is long."""
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}...")


class UnknownUnit(NotFound):
    code = "unknown_unit"


class UnknownContext(NotFound):
    code = "unknown_context"


class NotRegistered(NotFound):
    code = "not_registered"


class ProfileNotFound(NotFound):
    code = "unknown_profile"


class UnknownProfile(Invalid):
    code = "unknown_profile"


class UnknownOffering(Invalid):
    code = "unknown_offering"


class OutsideCourse(Invalid):
    """The unit is not of the course that the context belongs to."""

    code = "unit_outside_course"


class AmbiguousContext(Conflict):
    """More than one registration fits; the message lists their contexts.

    So it tells where `profile_id` is registered, and is disclosed like an answer.
    """

    code = "ambiguous_context"

    def __init__(self, contexts: Iterable[str], *, profile_id: str, field: str) -> None:
        self.profile_id = profile_id
        listed = ", ".join(sorted(contexts))
        super().__init__(
            f"The profile is registered on this unit in several contexts; "
            f"name one of: {listed}.",
            field=field,
        )


class UnknownGrade(Invalid):
    code = "unknown_grade"


class UnknownGradeState(Invalid):
    code = "unknown_grade_state"


class UnknownState(Invalid):
    code = "unknown_state"


class OffScale(Invalid):
    """The value is none that the column's scale holds."""

    code = "off_scale"


class NoPercentage(Invalid):
    """The column's scale cannot say, or hold, that percentage."""

    code = "no_percentage"


class NothingToPublish(Invalid):
    code = "nothing_to_publish"
    sentence = "A grade without a value cannot be published."

    def __init__(self, *, field: str | None = None) -> None:
        super().__init__(self.sentence, field=field)


class NothingToComplete(Conflict):
    """There is no final grade that the passing grade could be applied to."""

    code = "nothing_to_complete"


class NoDefaultState(Conflict):
    """No grade state is marked as the default of the outcome."""

    code = "no_default_state"


class TermClosed(Conflict):
    code = "term_closed"
    sentence = "The term is closed for grades."

    def __init__(self) -> None:
        super().__init__(self.sentence)


class ReasonRequired(Invalid):
    """A closed term's grades are changed only with a reason."""

    code = "reason_required"


class NotTheirs(Forbidden):
    """A lecturer writes only the registrations of offerings that are theirs."""

    code = "not_your_offering"


class WrongStatus(Conflict):
    """The registration is not in a status from which this can be done."""

    code = "wrong_status"


class AlreadyRegistered(Invalid):
    code = "already_registered"


class AlreadyThere(Conflict):
    """The profile is registered on the unit in that intake already."""

    code = "already_there"


class NoRetake(Invalid):
    """It was finished before, and the offering allows no retake."""

    code = "no_retake"


class RegistrationClosed(Invalid):
    """Now is outside the offering's registration window."""

    code = "registration_closed"


class ChangedMeanwhile(Conflict):
    """What the change relied on was changed by somebody else at this moment."""

    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__("The record changed meanwhile; read it and try again.")


class NotAttempted(Conflict):
    """This would have been done, had nothing else of the request been refused."""

    code = "failed_dependency"

    def __init__(self) -> None:
        super().__init__("Nothing was changed, because another item was refused.")
