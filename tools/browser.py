"""Makes sure that the page can be tested in a real Chromium: finds one, or installs one.

As root on Debian by apt-get, elsewhere by Playwright's own download. Where neither is possible the browser tests are
left out, and this says so; with CI set it fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium that starts: a system's one, or Playwright's."""
    from playwright.sync_api import sync_playwright

    paths = [path for name in NAMES if (path := shutil.which(name))]
    if not any(map(starts, paths)):
        with sync_playwright() as playwright:
            paths.append(playwright.chromium.executable_path)
    return next(filter(starts, paths), None)


def starts(path: str) -> bool:
    """Whether it runs at all: not where libraries are missing, nor where it is only a pointer to a snap."""
    if not Path(path).exists():
        return False
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def install() -> None:
    """Tries to install one; whether it worked is for `find` to say."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
            subprocess.run(command, env=environment, capture_output=True, check=False)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True, check=False)


def main() -> int:
    """Finds or installs; prints one line."""
    path = find()
    if path is None:
        print("no Chromium found: installing one", flush=True)
        install()
        path = find()
    if path:
        print(f"browser tests use {path}")
        return 0
    print("no Chromium found and none could be installed: the browser tests are left out")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
