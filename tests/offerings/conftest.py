import pytest

from offerings.models import UnitOffering


@pytest.fixture
def stored():
    """Return an offering as the database has it now, column by column."""
    return lambda pk: UnitOffering.objects.filter(pk=pk).values().get()
