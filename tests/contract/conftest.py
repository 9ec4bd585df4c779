import pytest

from tests.contract.registry import running_registry


@pytest.fixture(scope="session")
def registry(tmp_path_factory):
    """One server for all samples: each asks of rows that no other one changes."""
    with running_registry(tmp_path_factory.mktemp("contract")) as registry:
        yield registry
