"""Adding and removing articles over HTTP, on a real server with a real index."""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from assistant.app import Assistant, build
from assistant.errors import SettingsError, Stopping, UploadsOff
from assistant.index.snapshots import Snapshots
from assistant.index.uploads import convert as converting
from assistant.index.uploads.formats import MAX_FILE_BYTES
from assistant.interfaces.server import create_app
from assistant.settings import load_settings

from ..index.files import docx, locked_pdf, paragraph, pdf
from .conftest import ANA, KEYS, Served, Server
from .responses import events, problem

MINUTES = pdf(
    "Minutes of the harbour board", "The harbour board approved twelve cranes.\nThe chair was Eleni Markou.", "",
    info="/Title (Harbour minutes)",
)  # fmt: skip


@pytest.fixture
def client(accepting_at: str, accepting: Assistant) -> Iterator[httpx.Client]:
    """A client; what it adds is removed afterwards."""
    with httpx.Client(base_url=accepting_at, timeout=60) as client:
        yield client
    for source_id in [each for each in accepting.sources() if each.startswith("_uploads/")]:
        assert accepting.remove(source_id)


def add(client: httpx.Client, content: Any, name: str, **more: Any) -> httpx.Response:
    headers = {"content-type": "application/octet-stream", **more.pop("headers", {})}
    return client.post("/v1/sources", params={"name": name, **more}, content=content, headers=headers)


def ids(client: httpx.Client) -> set[str]:
    return {source["source_id"] for source in client.get("/v1/sources").json()["sources"]}


def ask(client: httpx.Client, question: str) -> Any:
    return client.post("/v1/ask", json={"question": question}).json()


def test_an_article_is_added_asked_about_cited_by_its_page_and_removed(client: httpx.Client) -> None:
    question = "Who was the chair of the harbour board?"
    assert ask(client, question)["status"] == "not_in_sources"
    told = add(client, MINUTES, "minutes.pdf", date="2019-02-20").json()
    assert (told["source_id"], told["title"], told["date"]) == ("_uploads/minutes.pdf", "Harbour minutes", "2019-02-20")
    assert (told["uploaded"], told["pages"], told["pages_without_text"]) == (True, 3, [3])
    answer = ask(client, question)
    assert answer["status"] == "answered"
    citation = next(each for each in answer["citations"] if "Eleni Markou" in each["cited_text"])
    assert (citation["start_page_number"], citation["end_page_number"]) == (2, 3)
    source = client.get(f"/v1/sources/{citation['source_id']}").json()
    assert source["text"][citation["start_char_index"] : citation["end_char_index"]] == citation["cited_text"]
    assert source["text"][source["page_starts"][1] :].startswith("The harbour board approved")
    chat = client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": question}]}).json()
    assert "Harbour minutes, page 2, _uploads/minutes.pdf" in chat["choices"][0]["message"]["content"].replace("\\", "")
    removed = client.delete("/v1/sources/_uploads/minutes.pdf")
    assert (removed.status_code, removed.json()) == (200, {"status": "removed"})
    assert "_uploads/minutes.pdf" not in ids(client)
    assert ask(client, question)["status"] == "not_in_sources"
    assert problem(client.delete("/v1/sources/_uploads/minutes.pdf"), 404)


def test_a_seeds_citation_has_no_page(client: httpx.Client) -> None:
    (citation,) = ask(client, "Who led the meeting in Kuta?")["citations"]
    assert citation["start_page_number"] is None and citation["end_page_number"] is None


def test_the_steps_are_told_as_they_are_done(client: httpx.Client) -> None:
    told = events(add(client, MINUTES, "minutes.pdf", headers={"accept": "text/event-stream"}))
    names = [name for name, _ in told]
    assert names[-1] == "source" and set(names[:-1]) == {"progress"}
    steps = [data for name, data in told if name == "progress"]
    assert steps[0] == {"step": "reading", "done": 0, "total": 0}
    assert steps[-1]["step"] == "indexing" and steps[-1]["done"] == steps[-1]["total"] > 0
    assert told[-1][1]["source_id"] == "_uploads/minutes.pdf"
    told = events(add(client, locked_pdf("x"), "locked.pdf", headers={"accept": "text/event-stream"}))
    assert told[-1][0] == "error" and told[-1][1]["reason"] == "password"


@pytest.mark.parametrize(
    ("content", "name", "status", "reason"),
    [
        (pdf("", ""), "scan.pdf", 422, "scanned"),
        (locked_pdf("x"), "locked.pdf", 422, "password"),
        (b"words", "words.pdf", 422, "mismatch"),
        (b"", "empty.txt", 422, "empty"),
        (b"caf\xe9", "latin.txt", 422, "not_utf8"),
        (b"MZ", "run.exe", 422, "type"),
        (b"words", "../up.txt", 422, "name"),
        (docx(paragraph("Words."))[:600], "cut.docx", 422, "damaged"),
    ],
)
def test_what_cannot_be_added_is_told_with_its_reason(
    client: httpx.Client, content: bytes, name: str, status: int, reason: str
) -> None:
    told = problem(add(client, content, name), status)
    assert (told["type"].rpartition(":")[2], told["reason"]) == ("file", reason)
    assert ids(client) == {"asean.txt"}


def test_no_room_for_a_file_is_told(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/dev/full")
    told = problem(add(client, MINUTES, "minutes.pdf"), 503)
    assert "cannot be kept in /dev/full" in told["detail"] and told["type"].endswith(":data-folder")
    monkeypatch.undo()
    assert add(client, MINUTES, "minutes.pdf").status_code == 200


def test_what_is_there_already_is_told(client: httpx.Client) -> None:
    assert add(client, MINUTES, "minutes.pdf").status_code == 200
    told = problem(add(client, MINUTES, "copy.pdf"), 409)
    assert (told["reason"], told["source_id"]) == ("same_text", "_uploads/minutes.pdf")
    told = problem(add(client, pdf("Other words."), "minutes.pdf"), 409)
    assert (told["reason"], told["source_id"]) == ("same_name", "_uploads/minutes.pdf")


def test_fields_that_are_wrong_are_named(client: httpx.Client) -> None:
    assert "/name" in problem(client.post("/v1/sources", content=b"x"), 422)["detail"]
    assert "/date" in problem(add(client, b"x", "x.txt", date="soon"), 422)["detail"]


def test_a_file_over_the_limit_is_refused_while_it_comes(client: httpx.Client, accepting_at: str) -> None:
    host, port = accepting_at.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as raw:  # declared: before a byte of it is sent
        head = f"POST /v1/sources?name=x.txt HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {MAX_FILE_BYTES + 1}\r\n\r\n"
        raw.sendall(head.encode())
        said = raw.makefile("rb").read().decode()  # the server closes
    assert "413" in said.splitlines()[0] and '"reason":"too_large"' in said and "larger than 50 MB" in said
    with socket.create_connection(
        (host, int(port)), timeout=20
    ) as raw:  # not declared: before its end, which never comes
        raw.sendall(
            f"POST /v1/sources?name=x.txt HTTP/1.1\r\nHost: {host}:{port}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        for _ in range(MAX_FILE_BYTES // 1_000_000 + 1):
            raw.sendall(b"F4240\r\n" + b"word " * 200_000 + b"\r\n")
        said = raw.recv(65536).decode()
    assert "413" in said.splitlines()[0]
    assert ids(client) == {"asean.txt"}


def test_articles_that_are_added_at_once_all_go_in(client: httpx.Client) -> None:
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(add, client, f"Number {n} is here.".encode(), f"n{n}.txt") for n in range(4)]
        assert [job.result().status_code for job in jobs] == [200] * 4
    assert {f"_uploads/n{n}.txt" for n in range(4)} < ids(client)


def test_another_process_that_ingests_is_told_of(client: httpx.Client, accepting: Assistant) -> None:
    with Snapshots(accepting.settings.data).writer(1):
        told = problem(add(client, MINUTES, "minutes.pdf"), 503)
    assert told["type"].endswith(":index-busy")
    assert add(client, MINUTES, "minutes.pdf").status_code == 200


def test_names_and_words_come_back_as_they_are(client: httpx.Client) -> None:
    name, title = "отчёт № 1 — ?#%.md", "<img src=x onerror=alert(1)> “A”"
    assert add(client, "Совет одобрил краны.".encode(), name, title=title).status_code == 200
    assert f"_uploads/{name}" in ids(client)
    path = f"/v1/sources/{quote(f'_uploads/{name}')}"
    assert client.get(path).json()["title"] == title
    assert client.delete(path).status_code == 200


def test_a_seed_is_not_removed(client: httpx.Client, accepting: Assistant) -> None:
    told = problem(client.delete("/v1/sources/asean.txt"), 403)
    assert told["type"].endswith(":uploads-off") and "lies in the seeds folder" in told["detail"]
    assert ids(client) == {"asean.txt"}
    for source_id in ("_uploads/../seeds", "_uploads/", "_uploads/..%2F..", "none.txt"):
        assert client.delete(f"/v1/sources/{source_id}").status_code in (404, 405)
    assert not accepting.remove("_uploads/../../seeds") and ids(client) == {"asean.txt"}


def test_what_was_added_stays_answerable_where_the_setting_is_off(client: httpx.Client, accepting: Assistant) -> None:
    assert add(client, MINUTES, "minutes.pdf").status_code == 200
    made = build(accepting.settings.model_copy(update={"uploads": False}))
    assert made.is_current()
    assert made.ingest(prune=True).removed == ()
    assert "Eleni Markou" in made.chain.invoke("Who was the chair of the harbour board?").answer
    made.live.close()


def test_more_at_once_than_there_are_places_are_refused(client: httpx.Client, accepting_at: str) -> None:
    host, port = accepting_at.removeprefix("http://").split(":")
    head = f"POST /v1/sources?name=x.txt HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 9\r\n\r\nx"
    with ExitStack() as open_ones:
        for _ in range(10):  # whose files do not arrive
            raw = open_ones.enter_context(socket.create_connection((host, int(port)), timeout=20))
            raw.sendall(head.encode())
        while (told := add(client, MINUTES, "minutes.pdf")).status_code == 200:  # until all have been heard
            assert client.delete("/v1/sources/_uploads/minutes.pdf").status_code in (200, 503)
        assert problem(told, 503)["type"].endswith(":overloaded") and told.headers["retry-after"] == "10"
    while (told := add(client, MINUTES, "minutes.pdf")).status_code == 503:  # those that left give their places back
        pass
    assert told.status_code in (200, 409)


def test_a_server_that_stops_adds_nothing_more(accepting: Assistant, tmp_path: Path) -> None:
    seen: list[str] = []

    def stopping(step: str, done: int, total: int) -> None:
        seen.append(step)
        if step == "indexing" and total:
            raise Stopping("now")

    (tmp_path / "x").write_bytes(MINUTES)
    with pytest.raises(Stopping):
        accepting.add(tmp_path / "x", "minutes.pdf", progress=stopping)
    assert seen[0] == "reading" and set(accepting.sources()) == {"asean.txt"}
    assert list((accepting.settings.data / "uploads").iterdir()) == []


def test_where_the_setting_does_not_allow_it_nothing_is_taken(served: Served) -> None:
    with httpx.Client(base_url=served.url, timeout=20) as client:
        assert "upload" not in client.get("/static/words.json").json()
        for told in (
            add(client, MINUTES, "x.pdf"),
            add(client, b"x" * 20_000_000, "x.txt"),
            client.delete("/v1/sources/x"),
        ):
            assert "ASSISTANT_UPLOADS" in problem(told, 403)["detail"]
    made = build(load_settings(model="embedded"))
    with pytest.raises(UploadsOff):
        made.add(Path("x"), "x.txt")
    with pytest.raises(UploadsOff):
        made.remove("x")


def test_keys_rates_and_origins_hold_for_uploads_too(accepting: Assistant, tmp_path: Path) -> None:
    settings = accepting.settings.model_copy(
        update={"api_keys": load_settings(api_keys=KEYS).api_keys, "rate_limit": "3/minute"}
    )
    made = build(settings)
    bearer = {"authorization": f"Bearer {ANA}"}
    with Server(made) as server, httpx.Client(base_url=server.url, timeout=20) as client:
        problem(add(client, b"x", "x.txt"), 401)
        problem(client.delete("/v1/sources/x"), 401)
        foreign = {**bearer, "origin": "https://evil.example"}
        problem(add(client, b"x", "x.txt", headers=foreign), 403)
        problem(client.delete("/v1/sources/x", headers=foreign), 403)
        assert [add(client, b"", "x.txt", headers=bearer).status_code for _ in range(4)] == [422, 422, 422, 429]
    made.live.close()


def test_a_server_without_the_packages_says_so_when_it_starts(
    accepting: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "_PACKAGES", ("no_such_package",))
    with pytest.raises(SettingsError, match=r"meeting-assistant\[uploads\]"):
        create_app(accepting)


def test_the_document_tells_of_files(accepting_at: str) -> None:
    document = httpx.get(f"{accepting_at}/openapi.json").json()
    adding = document["paths"]["/v1/sources"]["post"]
    assert adding["requestBody"]["content"]["application/octet-stream"]["schema"]["format"] == "binary"
    assert "`uploads-off`" in adding["responses"]["403"]["description"]
    assert "`uploads-off`" not in document["paths"]["/v1/ask"]["post"]["responses"]["403"]["description"]
    assert "scanned" in json.dumps(document["components"]["schemas"]["Problem"])
