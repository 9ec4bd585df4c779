"""The Python of each interface's page prints, as it stands there, what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).resolve().parents[2] / "docs/interfaces").glob("*.md"))
EXAMPLE = re.compile(
    r"```python\n(?P<code>.*?)```\n\nIt prints:\n\n```text\n(?P<prints>.*?)```", re.S
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_it_prints_what_the_page_says(registry, page):
    example = EXAMPLE.search(page.read_text())
    environ = {
        **os.environ,
        "REGISTRY": registry.server.url,
        "KEY": registry.keys[page.stem],
        "no_proxy": "*",
    }

    done = subprocess.run(
        [sys.executable, "-c", example["code"]],
        env=environ,
        capture_output=True,
        text=True,
    )

    assert (done.stdout, done.stderr) == (example["prints"], "")
