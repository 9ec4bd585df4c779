"""Who is kept whole: people under a legal hold."""

from collections.abc import Iterable

from config.retention import keeps_whole
from students.models import LegalHold


@keeps_whole
def people_under_legal_hold() -> Iterable[str]:
    return LegalHold.objects.values_list("pk", flat=True)
