"""Makes sure that shared rates can be tested with a real Redis: finds a `redis-server`, or installs one.

As root on Debian by apt-get; nothing is started. Where that is not possible those tests are left out, and this says so;
with CI set it fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def find() -> str | None:
    """The path of a `redis-server`."""
    return shutil.which("redis-server")


def install() -> None:
    """Tries to install one; whether it worked is for `find` to say."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        # In runlevel 1 Debian starts no services, so that no Redis is left running.
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "redis-server"]):
            subprocess.run(command, env=environment, capture_output=True, check=False)


def main() -> int:
    """Finds or installs; prints one line."""
    if find() is None:
        print("no redis-server found: installing one", flush=True)
        install()
    if path := find():
        print(f"tests of shared rates use {path}")
        return 0
    print("no redis-server found and none could be installed: the tests of shared rates with one are left out")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
