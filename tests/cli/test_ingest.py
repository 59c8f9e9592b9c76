"""The index is made, and the doctor says how it is."""

from __future__ import annotations

import shutil
import socket

from .conftest import ASIDE, CHAIR, QUESTION, Done, Home, finished


def test_ingest_says_what_it_did(bare: Home) -> None:
    assert bare.run("ingest").out.startswith("1 added, 0 changed, 0 removed, 0 unchanged; ")
    assert bare.run("ingest") == Done(0, "0 added, 0 changed, 0 removed, 1 unchanged; 0 texts embedded\n", "")


def test_ingest_with_a_bad_source_takes_the_others_and_fails(home: Home) -> None:
    (home.seeds / "aside.txt").write_text(ASIDE)
    (home.seeds / "bad.txt").write_bytes(b"caf\xe9 in Kuta")
    done = home.run("ingest")
    assert (done.status, done.told) == (
        1,
        ["left out bad.txt: is not UTF-8 (byte 0xE9 at offset 3); save it as UTF-8"],
    )
    assert done.out.startswith("1 added, 0 changed, 0 removed, 1 unchanged; ")
    asked = home.run("ask", "Who is president of the Tarvic harbour council?")
    assert (asked.status, asked.err) == (0, "")
    assert "Maren Oskvist" in asked.out


def test_ingest_and_doctor_name_files_of_other_kinds(home: Home) -> None:
    (home.seeds / "minutes.docx").write_bytes(b"PK")
    told = "1 passed over ('minutes.docx'): only .txt and .md files are read"
    done = home.run("ingest")
    assert done.status == 0
    assert done.told[0].startswith(f"seeds: {told}")
    assert told in home.run("doctor").out


def test_a_source_that_can_be_read_no_more_stays_as_it_was(home: Home) -> None:
    path = home.seeds / "asean-russia-som-2019.txt"
    path.write_bytes(b"caf\xe9 in Kuta")
    done = home.run("ingest")
    assert done.status == 1
    assert done.told[0].endswith("save it as UTF-8; what it held before is still answered from")
    assert CHAIR in home.run("ask", QUESTION).out


def test_ingest_lets_go_of_most_sources_only_when_told(home: Home) -> None:
    (home.seeds / "aside.txt").write_text(ASIDE)
    (home.seeds / "asean-russia-som-2019.txt").unlink()
    refused = home.run("ingest")
    assert (refused.status, refused.out) == (1, "")
    assert len(refused.told) == 1
    assert "--prune" in refused.told[0]
    assert home.run("ingest", "--prune").out.startswith("1 added, 0 changed, 1 removed, 0 unchanged; ")


def test_two_ingests_at_once_leave_a_good_index(bare: Home) -> None:
    done = [finished(process) for process in (bare.start("ingest"), bare.start("ingest"))]
    assert 0 in [each.status for each in done]
    for each in done:
        busy = [line for line in each.told if "another process is writing the index" in line]
        assert (each.status, len(busy)) in [(0, 0), (1, 1)]
    assert bare.run("ingest").out.startswith("0 added, 0 changed, 0 removed, 1 unchanged; ")
    assert CHAIR in bare.run("ask", QUESTION).out


def test_doctor_says_where_each_setting_comes_from(made: Home) -> None:
    done = made.run("doctor", "--data", ".assistant")
    assert (done.status, done.err) == (0, "")
    assert [line.split()[-1] for line in done.out.splitlines() if "ASSISTANT_DATA" in line] == ["(option)"]
    assert "BAD" not in done.out
    assert "1 sources" in done.out


def test_doctor_masks_secrets(home: Home) -> None:
    (home.path / ".env").write_text("OPENAI_API_KEY=sk-very-secret\nOPENAI_BASE_URL=http://me:hush@127.0.0.1:1/v1\n")
    done = home.run("doctor")
    assert "sk-very" not in done.out + done.err and "hush" not in done.out + done.err
    assert "********  (.env)" in done.out and "http://********@127.0.0.1:1/v1" in done.out


def test_doctor_tells_of_keys_and_rates_without_the_keys(home: Home) -> None:
    settings = ["ASSISTANT_API_KEYS=ana:9f86d081884c7d659a2feaa0c55ad015,ben:hush", "ASSISTANT_RATE_LIMIT=60/minute"]
    (home.path / ".env").write_text("\n".join(settings))
    done = home.run("doctor")
    assert (done.status, done.err) == (0, "")
    assert "9f86d" not in done.out and "hush" not in done.out
    assert "ok   of ana, ben" in done.out and "that of ben is short" in done.out
    assert "60/minute for each key or address, counted by each server" in done.out
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (home.path / ".env").write_text("\n".join([*settings, f"REDIS_URL=redis://me:pass@127.0.0.1:{port}/0"]))
    done = home.run("doctor")
    assert (done.status, done.err) == (1, "")
    assert f"BAD  Redis on 127.0.0.1:{port} does not answer" in done.out and "pass@" not in done.out


def test_doctor_tells_of_seeds_that_changed_and_of_articles_added(home: Home) -> None:
    (home.seeds / "new.txt").write_text("Budi came.")
    (home.path / ".env").write_text("ASSISTANT_UPLOADS=true")
    done = home.run("doctor", "--call")
    assert (done.status, done.err) == (0, "")
    assert "index      ok   older than the seeds: the next ask, serve or ingest brings it up to date" in done.out
    assert "articles can be added and removed on the page" in done.out
    assert "call       ok   no language model is configured: nothing was called" in done.out


def test_doctor_finds_what_is_bad(home: Home) -> None:
    (home.seeds / "bad.txt").write_bytes(b"\xff")
    shutil.rmtree(home.index)
    done = home.run("doctor")
    assert (done.status, done.err) == (1, "")
    assert [line.split()[0] for line in done.out.splitlines() if " BAD " in line] == ["seeds", "index"]


def test_a_chroma_server_that_is_not_there(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
    (home.path / ".env").write_text(f"CHROMA_URL=http://me:pass@{where}")
    done = home.run("doctor")
    assert (done.status, done.err) == (1, "")
    assert [line.split()[0] for line in done.out.splitlines() if " BAD " in line] == ["chroma", "index"]
    assert f"chroma     BAD  the Chroma server {where} cannot be reached" in done.out and "pass@" not in done.out
    done = home.run("ask", QUESTION)
    assert (done.status, done.out, len(done.told)) == (1, "", 1)
    assert f"the Chroma server {where} cannot be reached" in done.told[0]
