import pytest

from access.scopes import (
    PEOPLE_PRIVATE,
    STUDENTS_READ_SENSITIVE,
    STUDENTS_WRITE_SENSITIVE,
)
from tests.access.http import caller
from tests.factories import (
    DplanCodeFactory,
    DplanFactory,
    DplanSourceFactory,
    ProfileFactory,
    TermFactory,
)

URL = "/api/students"


@pytest.fixture
def reader(db):
    return caller(STUDENTS_READ_SENSITIVE)


@pytest.fixture
def writer(db):
    return caller(STUDENTS_READ_SENSITIVE, STUDENTS_WRITE_SENSITIVE)


@pytest.fixture
def privileged(db):
    return caller(STUDENTS_READ_SENSITIVE, STUDENTS_WRITE_SENSITIVE, PEOPLE_PRIVATE)


@pytest.fixture
def record(db):
    """Ada with two D-Plans, Cem with one and no class year, Bob under hold, and
    somebody without a netid."""
    autumn = TermFactory(code="202209")
    spring = TermFactory(code="202301")
    resident = DplanCodeFactory(id="R", name="Resident")
    leave = DplanCodeFactory(id="L", name="Leave")
    registrar = DplanSourceFactory(id="PHL", name="Registrar Action")
    request = DplanSourceFactory(id="STU", name="Student Request")
    ada = ProfileFactory(
        id="1ada",
        netid="f00ada",
        first_name="Ada",
        last_name="Lovelace",
        email="ada@example.edu",
        class_year=2024,
    )
    cem = ProfileFactory(
        id="2cem", netid="f00cem", first_name="Cem", last_name="Öz", email=""
    )
    bob = ProfileFactory(id="3bob", netid="f00bob", is_confidential=True)
    ProfileFactory(id="4nobody", netid=None, email="nobody@example.edu")
    DplanFactory(profile=ada, term=spring, code=leave, source=request)
    DplanFactory(profile=ada, term=autumn, code=resident, source=registrar)
    DplanFactory(profile=cem, term=spring, code=resident, source=registrar)
    DplanFactory(profile=bob, term=spring, code=leave, source=registrar)
