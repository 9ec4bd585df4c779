"""What the document allows is answered as it says; what it does not, with a reason.

Schemathesis makes requests out of the document, by its rules and against them, of
records that there are and of others. The server has workers, so that what was
accepted is done as well. Whether a request that fits the document is accepted is
for the record to say, so that check alone is left out.
"""

import json
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from access.scopes import ADMIN, SCOPES
from config.openapi import document
from tests.contract.registry import running_registry
from tests.serve.server import wait_for

SETTINGS = {
    "deadline": None,
    "database": None,
    "derandomize": True,  # the same requests each time: what failed can be repeated
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": [*HealthCheck],
}
REGISTRATION = "65ade781cc98d136543678191005431a"
IDS = {
    "/api/academic/enrollments": "AAAS.010.01-202001-U-10188-f002qt1-student",
    "/api/v1/unit-offerings": "unit-offering-uuid",
    "/api/v5/registrations": REGISTRATION,
    "/dc/api/v5/registrations": REGISTRATION,
    "/apis/registrations/registrations": REGISTRATION,
}
KNOWN = {
    "netid": "f002qt1",
    "profile_id": "507f1f77bcf86cd799439011",
    "unit_id": "6385baad976a7719120008e3",
    "lecturer_id": "uuid-string-here",
}
api = schemathesis.openapi.from_dict(document())
api.config.generation.allow_extra_parameters = False  # they are ignored, by contract
api.config.generation.with_security_parameters = False  # the key stays as it is
# What is accepted as a whole is refused by its items, or by the end of its task.
api.config.checks.negative_data_rejection.expected_statuses += ["202", "207"]
OPERATIONS = [each.ok() for each in api.get_all_operations()]


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """A server of these tests alone, whose record still holds after all of them."""
    folder = tmp_path_factory.mktemp("hostile")
    with running_registry(folder, FAILED_AUTHENTICATION_LIMIT="0") as registry:
        yield registry
        verified = registry.server.manage("verifydata")
        assert verified.returncode == 0, verified.stdout
        assert '"level":"error"' not in registry.server.said


@pytest.fixture(scope="module")
def stranger(registry):
    """What a client with every scope sends along."""
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    made = registry.server.manage(
        "createclient", "Stranger", *scopes, "--role", ADMIN, "--rate-limit", "0"
    )
    return {"Authorization": f"Bearer {json.loads(made.stdout)['key']}"}


def cases(operation, mode):
    """Requests of that operation, half of them of a record that there is."""
    known = KNOWN | {"id": IDS.get(operation.path.partition("/{")[0], "unknown")}
    named = [each.name for each in operation.path_parameters]
    anybody = operation.as_strategy(mode)
    if not named:
        return anybody
    ids = {name: known[name] for name in named}
    return anybody | operation.as_strategy(mode, path_parameters=ids)


def trials(most, *, marks=()):
    """So many requests of each operation, by its rules and against them."""
    return [
        pytest.param(
            operation,
            mode,
            most,
            id=f"{operation.label}-{mode.value}-{most}",
            marks=marks,
        )
        for operation in OPERATIONS
        for mode in GenerationMode
        if marks or mode.is_positive or operation.body
    ]


# Against the rules of a query alone there is hardly a request to be found, and
# looking for one takes long; test_queries.py asks anything at all.
@pytest.mark.parametrize(
    ("operation", "mode", "most"), [*trials(4), *trials(25, marks=pytest.mark.soak)]
)
def test_it_answers_as_the_document_says(registry, stranger, operation, mode, most):
    @settings(max_examples=most, **SETTINGS)
    @given(cases(operation, mode))
    def ask(case):
        response = case.call(
            base_url=registry.server.url, session=registry.http, headers=stranger
        )
        case.validate_response(response, excluded_checks=[positive_data_acceptance])

    with suppress(Unsatisfiable):  # what takes nothing cannot be asked wrongly
        ask()


@pytest.mark.parametrize("most", ["few", pytest.param("many", marks=pytest.mark.soak)])
def test_it_ends_whatever_it_has_accepted(registry, stranger, most):
    def all_have_ended():
        waiting = registry.ask("GET", "/api/tasks?status=accepted", headers=stranger)
        return waiting.json() == []

    wait_for(all_have_ended)
