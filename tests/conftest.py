"""What holds for all tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import Phase, settings

from tools import node

# Models and word lists are loaded at the first use: how long one example takes says nothing.
settings.register_profile("assistant", deadline=None)
settings.register_profile("mutants", deadline=None, phases=[Phase.explicit, Phase.generate])  # that it fails is enough
settings.load_profile("assistant")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that another process does the rest meanwhile."""
    items.sort(key=lambda item: item.path.name != "test_cases.py")


JavaScript = Callable[..., str]
"""Runs Node.js, in the folder where OpenAI's client is installed, with arguments; `given` is its stdin. Gives its stdout."""


@pytest.fixture(scope="session")
def javascript() -> JavaScript:
    """Node.js with OpenAI's client; where there is none the test is skipped, and in CI it fails."""
    found = node.find()
    if found is None or not node.installed():
        reason = "no Node.js, or OpenAI's client is not installed for it: run python tools/node.py, which says why"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    program = found[0]

    def run(*arguments: str, given: str = "", **environment: str) -> str:
        done = subprocess.run(
            [*program, *arguments],
            cwd=node.PROJECT,
            env={**os.environ, **environment},
            input=given,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
