import pytest

from tests.config.databases import Database


@pytest.fixture
def database():
    """Make a database; all of them are dropped at the end."""
    made = []

    def database():
        made.append(Database())
        return made[-1]

    yield database
    [each.drop() for each in made]
