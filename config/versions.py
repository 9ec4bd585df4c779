"""Who changes a row may name the version that they have seen."""

from config.errors import StaleVersion


def check_version(version: int, expected: frozenset[int] | None) -> None:
    """Raise StaleVersion (412) unless the row is at a version that was named."""
    if expected is not None and version not in expected:
        raise StaleVersion(
            f"The record is at version {version}, not at the one that If-Match "
            "names; read it again."
        )
