"""Nonsense of every kind: no traceback reaches a person, no process ends, every answer keeps the contract."""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from assistant.chain import AnswerChain
from assistant.errors import AssistantError
from assistant.evaluation.scoring import broken_invariants
from assistant.index.ingest import ingest
from assistant.index.store import LiveIndex
from assistant.steps.calibration import calibration
from assistant.steps.retrieve import Retriever
from assistant.types import Question, Turn

from ..index.fakes import IDENTITY, FakeEmbeddings
from ..index.files import docx, paragraph, pdf
from ..text.strategies import ANY_TEXT
from .home import CHAIR, SECONDS, TRACEBACK, Home, ask, problems
from .trial import Trial

NASTY = (
    "", " ", "\0", "\x1b[31m", "\ufeff", "\u202eabc", "\ud800", "𝕳𝖊𝖑𝖑𝖔", "🇮🇩" * 50, "a" * 1999, "((((" * 400, "\"'`" * 300,
    "“" * 1500, "[1] " * 400, "nya" * 600, "1." * 900, "0" * 1900, "-1e999", "١٢٣", "NaN", "null", "{}", "../../etc/passwd",
    "%s%n%x", "${jndi:ldap://x}", "{{7*7}}", "<script>alert(1)</script>", "javascript:alert(1)", "' OR 1=1 --", "\r\nX: y",
    "http://" + "a" * 1500, "ﬁ" * 500, "e\u0301" * 700, "\u0301" * 1500, "ประชุม" * 200, "会议" * 500, "tahun " * 300, "—" * 1500,
    "Who led the harbour meeting in Ambon? " * 50, "?" * 1500, "18 miliar " * 190, "A. " * 600, "\n" * 1500, "\t" * 1500,
)  # fmt: skip
"""Texts that programs have stumbled over: control characters, long repetitions, markup, numbers, templates."""

TEXTS = st.one_of(st.sampled_from(NASTY), ANY_TEXT)
SLOW = 5.0
"""Seconds of the processor for one question. Two thousand characters take the embedder longest, up to two."""


def _tried(strategy: st.SearchStrategy[Any], times: int, each: Callable[[Any], None]) -> None:
    """Calls `each` with so many examples, always the same ones; nothing is shrunk, since each is checked by itself."""

    @seed(5)
    @settings(
        max_examples=times,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def run(example: Any) -> None:
        each(example)

    run()


def questions(folder: Path, times: int) -> Trial:
    """Any question with any history is answered by the contract, or refused in a line, soon."""
    trial, home = Trial(), Home(folder)
    home.write(0)
    assistant = home.assistant()
    assistant.ingest()
    sources = assistant.sources()
    slowest = 0.0
    turns = st.lists(st.tuples(st.sampled_from(["user", "assistant"]), TEXTS), max_size=4)
    tags = st.sampled_from([None, "en", "id", "ru", "th", "zh-Hant", "xx"])

    def asked(example: tuple[str, list[tuple[Any, str]], str | None, bool]) -> None:
        nonlocal slowest
        text, said, language, explain = example
        begun = time.process_time()
        trial.tried += 1
        try:
            history = tuple(Turn(role=role, content=content) for role, content in said)
            answer = assistant.chain.invoke(
                Question(question=text, history=history, language=language, explain=explain)
            )
            trial.none_of(broken_invariants(answer, sources), repr(text)[:80])
            answer.model_dump_json()
        except AssistantError as exc:
            trial.hold(str(exc).isprintable(), f"{text!r:.80}: more than a line")
        except Exception as exc:
            trial.wrong.append(f"{text!r:.80}, {said!r:.200}: {type(exc).__name__}: {exc}")
        slowest = max(slowest, time.process_time() - begun)

    _tried(st.tuples(TEXTS, turns, tags, st.booleans()), times, asked)
    trial.hold(slowest < SLOW, f"one took {slowest:.1f} s of the processor")
    assistant.live.close()
    trial.figures = {"slowest": f"{slowest:.2f} s"}
    return trial


def batch_lines(folder: Path, times: int) -> Trial:
    """Any line of a batch gets an answer, or an object with its error, in its place."""
    trial, home = Trial(), Home(folder)
    home.write(0)
    home.run("ingest")
    values = st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
        max_leaves=6,
    )
    fields = st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "question", "history", "language", "x"), values))
    line = st.one_of(
        fields.map(lambda value: json.dumps(value).encode()),
        fields.map(lambda value: json.dumps({**value, "question": CHAIR}).encode()),
        st.binary(max_size=100),
        st.integers(1, 60_000).map(lambda depth: b"[" * depth),
        st.integers(1, 9_000).map(lambda digits: b'{"id": ' + b"9" * digits + b', "question": "Who?"}'),
    )
    written: list[bytes] = []
    _tried(line, times, lambda each: written.append(each.replace(b"\n", b" ").replace(b"\r", b" ")))
    (home.path / "batch.jsonl").write_bytes(b"\n".join(written) + b"\n")
    done = home.run("ask", "--batch", "batch.jsonl", "--output", "answers.jsonl")
    trial.hold(not done.traceback and done.status in (0, 1), f"status {done.status}: {done.err[-300:]}")
    answers = (home.path / "answers.jsonl").read_bytes().split(b"\n")[:-1]
    wanted = sum(bool(each.strip()) for each in written)
    trial.tried = len(written)
    trial.hold(len(answers) == wanted, f"{wanted} lines, {len(answers)} answers")
    bad = [each for each in map(json.loads, answers) if "error" not in each and "status" not in each]
    trial.hold(not bad, f"neither an answer nor an error: {bad[:1]}")
    return trial


def sources(folder: Path, times: int) -> Trial:
    """Any file among the seeds, with any sidecar, is a source or named with a reason; the others go in and are answered."""
    trial = Trial()
    data, embeddings = folder / "data", FakeEmbeddings()
    seeds = Home(folder).seeds
    contents = st.one_of(
        TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=300), st.just(b"\xff\xfea\0")
    )
    values = st.one_of(
        TEXTS, st.integers(), st.lists(st.integers(-5, 10**12), max_size=3), st.dates().map(str), st.none()
    )
    names = st.sampled_from(
        ["title", "date", "publisher", "language", "url", "note", "questions", "pages", "headings", "z"]
    )
    sidecars = st.one_of(
        contents,
        st.dictionaries(names, values, max_size=4).map(lambda value: json.dumps(value).encode()),
        st.just(b"a: &a [x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]"),
        st.integers(1, 20_000).map(lambda depth: b"[" * depth),
        st.just(b"title: !!python/object/apply:os.system ['true']"),
    )

    def tried(example: tuple[bytes, bytes | None]) -> None:
        text, sidecar = example
        (seeds / "any.txt").write_bytes(text)
        place = seeds / "any.txt.yaml"
        place.unlink(missing_ok=True)
        if sidecar is not None:
            place.write_bytes(sidecar)
        (seeds / "good.txt").write_text("Siti Rahma led the harbour meeting in Ambon.", encoding="utf-8")
        trial.tried += 1
        try:
            report = ingest(seeds, data, embeddings, IDENTITY, prune=True)
            for problem in report.problems:
                trial.hold("\n" not in str(problem), f"more than a line: {problem}")
            live = LiveIndex(data, IDENTITY)
            chain = AnswerChain(Retriever(live, embeddings, calibration().ranking), calibration())
            with live.open() as index:
                trial.none_of(broken_invariants(chain.invoke(CHAIR), index.sources), "an answer")
            live.close()
        except Exception as exc:
            trial.wrong.append(f"{text!r:.100} {sidecar!r:.200}: {type(exc).__name__}: {exc}")

    _tried(st.tuples(contents, st.one_of(st.none(), sidecars)), times, tried)
    return trial


def uploads(folder: Path, times: int) -> Trial:
    """Any file that is uploaded is added or refused with a reason; the server stays and answers right."""
    trial, home, chance = Trial(), Home(folder), random.Random(6)
    home.write(0)
    home.run("ingest")
    whole = {
        "minutes.pdf": pdf(
            "The harbour board met on 4 May 2020. It approved a new crane.", "Second page of the minutes."
        ),
        "minutes.docx": docx(paragraph("The harbour board met on 4 May 2020.") + paragraph("It approved a new crane.")),
        "minutes.html": b"<html><style>.a{display:none}</style><h1>Minutes</h1><p>The board approved a new crane in 2020.</p>",
        "minutes.txt": b"The harbour board met on 4 May 2020. It approved a new crane.\n",
        "minutes.md": b"# Minutes\n\nThe harbour board approved *a new crane* in 2020.\n",
    }
    statuses: dict[int, int] = {}
    with home.serving(ASSISTANT_UPLOADS="true") as served, httpx.Client(base_url=served.url, timeout=120) as client:
        for number in range(times):
            name = [*whole][number % len(whole)]
            content = _mutated(whole[name], chance) if number >= len(whole) else whole[name]
            named = name if chance.random() < 0.8 else chance.choice(NAMES) + name
            begun = time.monotonic()
            response = client.post("/v1/sources", params={"name": named}, content=content)
            took = time.monotonic() - begun
            statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
            trial.tried += 1
            good = response.status_code in (200, 409, 413, 422)
            trial.hold(good, f"{named!r}: {response.status_code} {response.text[:200]}")
            trial.hold(took < 65, f"{named!r}: {took:.0f} s")
            if response.status_code == 200:
                gone = client.delete(f"/v1/sources/{response.json()['source_id']}")
                trial.hold(
                    gone.status_code == 200, f"{named!r} cannot be removed: {gone.status_code} {gone.text[:200]}"
                )
            if number % 10 == 0:
                trial.none_of(problems(ask(client), [0]), "meanwhile")
        trial.none_of(problems(ask(client), [0]), "at the end")
        trial.hold(not served.traceback, "a traceback in the log")
        outside = [
            path.name for path in folder.iterdir() if path.name not in ("seeds", "data") and path.suffix != ".log"
        ]
        trial.hold(not outside, f"files outside of the data folder: {outside}")
    trial.figures = {"statuses": dict(sorted(statuses.items()))}
    return trial


NAMES = (
    "../",
    "..\\",
    "/etc/",
    "C:\\",
    "a/b/",
    "\0",
    "\u202e",
    "CON ",
    ".",
    "_",
    " ",
    "é" * 200,
    "-rf ",
    "~",
    "%2e%2e%2f",
    "\n",
)


def _mutated(content: bytes, chance: random.Random) -> bytes:
    """A file with some bytes changed, cut, doubled or put in."""
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 3, 30))):
        at, much = chance.randrange(len(made) + 1), chance.choice((1, 8, 100))
        match chance.randrange(4):
            case 0:
                made[at : at + much] = chance.randbytes(much)
            case 1:
                del made[at : at + much]
            case 2:
                made[at:at] = made[at : at + much] * chance.choice((2, 50))
            case 3:
                made[at:at] = chance.choice(
                    (b"<", b">>", b"\0", b"/Length 999999999", b"{", b"<!--", b"&#x0;", b"\xff")
                )
    return bytes(made)


def bodies(folder: Path, times: int) -> Trial:
    """Any bytes on a connection and any body on any route: never status 500, and the server stays and answers right."""
    trial, home, chance = Trial(), Home(folder), random.Random(7)
    home.write(0)
    home.run("ingest")
    statuses: dict[int, int] = {}
    paths = (
        "/v1/ask",
        "/v1/chat/completions",
        "/v1/feedback",
        "/gradio_api/queue/join",
        "/gradio_api/cancel",
        "/login",
        "/x",
    )
    values = st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5)
        ),
        max_leaves=8,
    )
    contents = st.one_of(
        values.map(lambda value: json.dumps(value).encode()),
        st.binary(max_size=60),
        st.integers(1, 100_000).map(lambda depth: b'{"question":' + b"[" * depth),
    )
    with home.serving() as served, httpx.Client(base_url=served.url, timeout=SECONDS) as client:
        where = ("127.0.0.1", httpx.URL(served.url).port or 0)

        def sent(example: tuple[str, bytes]) -> None:
            path, content = example
            response = client.post(path, content=content, headers={"content-type": "application/json"})
            statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
            trial.tried += 1
            trial.hold(response.status_code != 500, f"{path} {content[:200]!r}: {response.text[:200]}")
            trial.hold(TRACEBACK not in response.text, f"{path} {content[:200]!r}: a traceback")

        _tried(st.tuples(st.sampled_from(paths), contents), times, sent)
        asked = json.dumps({"question": CHAIR, "stream": True}).encode()
        whole = b"POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        for number in range(times):
            content = whole % (where[1], len(asked), asked)
            one = socket.create_connection(where, timeout=10)
            one.sendall(_mutated(content, chance) if number % 2 else content[: chance.randrange(len(content) + 1)])
            if number % 4 == 0:
                time.sleep(chance.uniform(0, 0.05))
            one.close()  # vanishes, perhaps within the answer's stream
            trial.tried += 1
        trial.none_of(problems(ask(client), [0]), "at the end")
        trial.hold(not served.traceback, "a traceback in the log")
        places = client.get("/metrics").text
        trial.hold("assistant_working 0.0" in places, "a place is still taken")
    trial.figures = {"statuses": dict(sorted(statuses.items()))}
    return trial


FIELDS: Sequence[str] = (
    "question", "history", "language", "stream", "explain", "request_id", "messages", "role", "content", "model", "answer_id",
    "rating", "comment", "data", "fn_index", "session_hash", "event_id", "key", "type", "text", "n", "stream_options",
)  # fmt: skip
