import pytest

from tests.serve.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that was started from nothing; tests stop and start it again."""
    server = Server(tmp_path_factory.mktemp("serve") / "var")
    server.start()
    yield server
    if server.process.poll() is None:
        server.process.kill()
        server.process.wait()
