from tests.interfaces.conftest import demo, demo_record

__all__ = ["demo", "demo_record"]
