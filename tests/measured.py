"""What a process that a test starts is told, for `make coverage` to count what it runs."""

from __future__ import annotations

import os

MEASURED = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
"""To be added to an environment that is made by hand; empty in `make test`."""
