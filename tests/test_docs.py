"""The documents beside the README: what they name is there, and their example runs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "evals" / "README.md"]
FILES = [
    path.relative_to(ROOT).as_posix()
    for folder in (*(ROOT / name for name in ("assistant", "evals", "seeds", "tests", "tools")), *DOCUMENTS)
    for path in (folder.rglob("*") if folder.is_dir() else [folder])
    if path.is_file()
] + [path.name for path in ROOT.iterdir() if path.is_file()]
PATH = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|toml|tsv|json|js|md|sqlite3|lock)|(?:[\w-]+/)+)(?:::(\w+))?`")
MADE = {"manifest.json", "passages.sqlite3", "slack.sqlite3", "train.json", "run.json", "dist/"}
"""Files that running the program makes, or that somebody else has."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_and_tests_that_are_named_exist(document: Path) -> None:
    for path, name in PATH.findall(document.read_text(encoding="utf-8")):
        if path in MADE:
            continue
        found = [
            file for file in FILES if f"/{file}".endswith(f"/{path}") or (path[-1] == "/" and f"/{path}" in f"/{file}")
        ]
        assert found, f"{document.name}: {path}"
        if name:
            defined = ast.walk(ast.parse((ROOT / found[0]).read_text(encoding="utf-8")))
            assert name in {node.name for node in defined if isinstance(node, ast.FunctionDef)}, f"{path}::{name}"


def test_every_threat_names_the_test_that_holds_it() -> None:
    table = re.findall(r"^\|(.+)\|$", (ROOT / "docs" / "threats.md").read_text(encoding="utf-8"), re.MULTILINE)
    rows = [row.split("|") for row in table[2:]]
    assert len(rows) >= 20
    assert [row for row in rows if len(row) != 4 or not re.search(r"`tests/[\w/]+\.py`", row[3])] == []


def test_the_reader_of_the_example_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_SEEDS", str(ROOT / "seeds"))
    text = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(example, "extending.md", "exec"), {})


def test_the_readme_names_the_wheel_and_the_documents() -> None:
    from assistant import __version__

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"meeting_assistant-{__version__}-py3-none-any.whl" in readme
    linked = set(re.findall(r"\]\(([\w/.]+\.md)\)", readme))
    assert {path.relative_to(ROOT).as_posix() for path in DOCUMENTS} <= linked
