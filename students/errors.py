"""What the students room says when it refuses."""

from config.errors import Conflict, Invalid, NotFound


class StudentNotFound(NotFound):
    """No one has the netid, or whoever has it is hidden from who asks."""

    code = "student_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such student.")


class DplanIncomplete(Invalid):
    """A D-Plan lacks an attribute; the message is its quoted name alone."""

    code = "dplan_incomplete"

    def __init__(self, attribute: str, position: int) -> None:
        super().__init__(f"'{attribute}'", field=f"dplans[{position}].{attribute}")


class DplansRefused(Invalid):
    """The message has a sentence per fault, in the order of the D-Plans."""

    code = "dplans_refused"

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults), field="dplans")
        self.faults = faults


class UnderLegalHold(Conflict):
    """A person is under legal hold already."""

    code = "under_legal_hold"

    def __init__(self) -> None:
        super().__init__("The student is under legal hold already.")


class NotUnderLegalHold(Conflict):
    """There is no legal hold that could be lifted."""

    code = "not_under_legal_hold"

    def __init__(self) -> None:
        super().__init__("The student is not under legal hold.")
