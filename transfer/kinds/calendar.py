from offerings.models import Term
from transfer.kind import Kind, Rule, columns_of

TERMS = Kind(
    "terms",
    Term,
    columns_of(
        Term,
        [
            *("id", "code", "name", "starts_on", "ends_on"),
            *("registration_opens_on", "registration_closes_on", "grades_closed_at"),
        ],
    ),
    key=("code",),
    finders=(frozenset({"id"}), frozenset({"code"})),
    rules=(
        Rule(
            "code",
            "cannot change: there are sections of the term, whose ids have it",
            "old.id IS NOT NULL AND old.code IS DISTINCT FROM new.code AND EXISTS ("
            "SELECT FROM offerings_unitoffering"
            " WHERE semester_id = old.id AND section_id IS NOT NULL)",
            is_of_others=True,
        ),
        Rule("ends_on", "comes before starts_on", "new.ends_on < new.starts_on"),
        Rule(
            "registration_closes_on",
            "goes with registration_opens_on: both or neither",
            "(new.registration_opens_on IS NULL)"
            " <> (new.registration_closes_on IS NULL)",
        ),
        Rule(
            "registration_closes_on",
            "comes before registration_opens_on",
            "new.registration_closes_on < new.registration_opens_on",
        ),
        Rule(
            "grades_closed_at",
            "has not come yet: a term is closed at once",
            "new.grades_closed_at > around.now"
            " AND old.grades_closed_at IS DISTINCT FROM new.grades_closed_at",
        ),
    ),
    # Whoever closes a term, or opens it, says why: see offerings.terms.
    reasoned="old.grades_closed_at IS DISTINCT FROM planned.grades_closed_at",
)
