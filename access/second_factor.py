"""Setting up, asking for and taking away a second factor."""

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django_otp import verify_token

from access.codes import (
    RECOVERY_CODES,
    SECOND_FACTOR,
    code_generator,
    is_right_code,
    new_recovery_code,
)
from access.errors import WrongCode
from access.keys import digest_of
from access.models import SecondFactor
from access.sealing import seal


def has_second_factor(user: AbstractUser) -> bool:
    return SecondFactor.objects.filter(user_id=user.pk).exists()


def verified(user: AbstractUser, code: str) -> SecondFactor | None:
    """The user's second factor, if this is its code; the code is spent."""
    factor = SecondFactor.objects.filter(user_id=user.pk).first()
    spelled = code.replace(" ", "").replace("-", "").lower()
    return factor and verify_token(user, factor.persistent_id, spelled)


@transaction.atomic
def set_up(*, user: AbstractUser, key: bytes, code: str) -> list[str]:
    """Ask for codes of this key from now on; return the recovery codes, this once.

    Raises WrongCode unless the user's authenticator already makes the codes.
    """
    generator = code_generator(key)
    if not is_right_code(generator, code.replace(" ", "")):
        raise WrongCode("That is not the code of now; look again.", field="code")
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    values = {
        "name": "authenticator",
        "sealed_key": seal(key, purpose=SECOND_FACTOR),
        "last_step": generator.t(),
        "recovery_digests": [digest_of(code).hex() for code in codes],
        "throttling_failure_count": 0,
        "throttling_failure_timestamp": None,
    }
    SecondFactor.objects.update_or_create(user_id=user.pk, defaults=values)
    return codes


def take_away(*, user: AbstractUser) -> bool:
    """Ask for no second factor any more; whether there was one."""
    return SecondFactor.objects.filter(user_id=user.pk).delete()[0] > 0
