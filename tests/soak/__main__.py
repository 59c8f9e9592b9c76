"""Tries what the program promises by force, and prints a table of what was tried and what came out.

    python -m tests.soak [--share 0.1] [NAME ...]

`--share` of the usual number of tries. Exit status: 1 if anything did not hold.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
import traceback
from pathlib import Path

from . import crashes, fuzz, serving, storage
from .trial import Scenario, Trial

SCENARIOS: dict[str, tuple[Scenario, int]] = {
    "ingest-killed": (crashes.ingest_killed, 80),
    "server-killed": (crashes.server_killed, 60),
    "slack-killed": (crashes.slack_killed, 60),
    "disk-full": (storage.disk_full, 12),
    "read-only": (storage.read_only, 12),
    "damaged": (storage.damaged, 200),
    "half-copied": (storage.half_copied, 5),
    "clock-jumps": (storage.clock_jumps, 14),
    "questions": (fuzz.questions, 800),
    "batch-lines": (fuzz.batch_lines, 2000),
    "sources": (fuzz.sources, 400),
    "uploads": (fuzz.uploads, 200),
    "bodies": (fuzz.bodies, 2000),
    "two-servers": (serving.two_servers, 12),
    "model-faults": (serving.model_faults, 16),
    "silent-clients": (serving.silent_clients, 300),
    "slow-readers": (serving.slow_readers, 300),
    "endurance": (serving.endurance, 100_000),
}
"""What there is to try, and how often."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *SCENARIOS], metavar="NAME", help=", ".join(SCENARIOS))
    parser.add_argument("--share", type=float, default=1.0)
    given = parser.parse_args()
    failed = False
    logging.getLogger("aiohttp.server").setLevel(
        logging.CRITICAL
    )  # the imitations of servers, when a process is killed
    for name in given.names or SCENARIOS:
        scenario, times = SCENARIOS[name]
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            try:
                trial = scenario(Path(folder), max(1, round(times * given.share)))
            except Exception:  # the others are tried all the same
                trial = Trial(wrong=[traceback.format_exc()])
        print(trial.row(name, time.monotonic() - begun), flush=True)
        failed |= bool(trial.wrong) or not trial.tried
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
