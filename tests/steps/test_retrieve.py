"""The best passages, and only they, are read together with the question: each as itself, or with whoever says it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.index.ingest import ingest
from assistant.index.passages import IndexedSentence
from assistant.index.store import Index, LiveIndex
from assistant.models.encoder import Encoded, Floats
from assistant.models.interaction import LONGEST, codes, log_odds
from assistant.steps import evidence, lines
from assistant.steps.answerable import answerable
from assistant.steps.calibration import calibration
from assistant.steps.condense import condense
from assistant.steps.generate import choose
from assistant.steps.rank import READ
from assistant.steps.retrieve import BEFORE, BESIDE, Retriever
from assistant.text import tokens
from assistant.types import Passage, Question, Turn

from ..index.fakes import IDENTITY, FakeEmbeddings

QUOTED = "“The harbour grew by ten berths. It will grow by two more,” said Budi Santoso.\n\nRain fell."
TEXT = "The council met in Ternate. Budi Santoso led the meeting. It ended in June. The budget grew. Nobody objected."


@pytest.fixture
def retrieve(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Retriever]:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text(getattr(request, "param", TEXT), encoding="utf-8")
    ingest(tmp_path / "seeds", tmp_path / "data", FakeEmbeddings(), IDENTITY)
    live = LiveIndex(tmp_path / "data", IDENTITY)
    yield Retriever(live, FakeEmbeddings(), calibration().ranking)
    live.close()


def read(question: str, *passages: Passage) -> float:
    said = FakeEmbeddings().encode_documents([passage.text for passage in passages])
    asked = FakeEmbeddings().encode_query(question)
    return log_odds(asked.states, np.concatenate([codes(each.states) for each in said]))


def test_the_best_are_read_and_no_others(retrieve: Retriever) -> None:
    asked = condense(Question(question="Who led the meeting?"))
    passages = retrieve(asked).passages
    assert len(passages) == 5
    number = sum(p.answers is not None for p in passages)
    assert 1 <= number <= READ
    assert [p.answers for p in passages[:number]] == [pytest.approx(read(asked.text, p)) for p in passages[:number]]
    assert [p.answers for p in passages[number:]] == [None] * (5 - number)


def test_to_calibrate_all_are_read(retrieve: Retriever) -> None:
    asked = condense(Question(question="Who led the meeting?"))
    _, _, passages = retrieve.candidates(asked)
    assert [p.answers for p in passages] == [pytest.approx(read(asked.text, p)) for p in passages]


def test_what_asks_for_the_source_itself_is_not_read(retrieve: Retriever) -> None:
    found = retrieve(condense(Question(question="What is the article about?")))
    assert found.passages
    assert all(passage.answers is None for passage in found.passages)


LONG = " ".join([
    "The harbour council met in Ternate.", "Rain fell.", "The council asked for money for the harbour and the pier.",
    "It was Monday.", "Coffee was late.", "The harbour will have a new pier, the council of Ternate said.", "Birds sang.",
    "Nobody slept.", "A dog barked.", "Lamps were lit.", "Doors closed.", "Everybody left.",
])  # fmt: skip


@pytest.mark.parametrize("retrieve", [LONG], indirect=True)
def test_a_summary_comes_first_and_then_the_opening(retrieve: Retriever, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = retrieve(condense(Question(question="What is the article about?"))).passages
    assert [p.start for p in whole[:2]] == [0, LONG.index("The council a")] and whole[1].start < whole[2].start
    assert [p.text for p in whole[3:5]] == ["Rain fell.", "It was Monday."]
    where = retrieve(condense(Question(question="Where is the article from?"))).passages
    assert [p.text for p in where[:2]] == ["The harbour council met in Ternate.", "Rain fell."]
    monkeypatch.setattr("assistant.steps.overview.SUMMED_UP", 4)
    few = retrieve(condense(Question(question="What is the article about?"))).passages
    assert [p.text for p in few[:2]] == ["The harbour council met in Ternate.", "Rain fell."]


PARTS = (
    "THE PIER OF TERNATE\n\n"
    "The council met in Ternate. It was cold.\n\n"
    "The mayor, Siti Rahma, said the pier will grow. She said the cranes are new.\n\n"
    "The harbour, said Budi Laut, must be dredged. Rain fell."
)


@pytest.mark.parametrize("retrieve", [PARTS], indirect=True)
@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Summarise the first paragraph.", ["The council met in Ternate.", "It was cold."]),
        ("What does the last paragraph say?", ["The harbour, said Budi Laut, must be dredged.", "Rain fell."]),
        ("Summarise the fourth paragraph.", []),
        (
            "Summarise what Rahma said.",
            ["The mayor, Siti Rahma, said the pier will grow.", "She said the cranes are new."],
        ),
    ],
)
def test_a_paragraph_or_what_one_speaker_says_is_retold_by_itself(
    retrieve: Retriever, question: str, first: list[str]
) -> None:
    found = retrieve(condense(Question(question=question)))
    assert [p.text for p in found.passages][: len(first)] == first
    assert answerable(found, calibration()).score == float(bool(first))
    assert bool(found.passages) is bool(first)


@pytest.mark.parametrize("retrieve", [PARTS], indirect=True)
@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("Summarise the meeting.", True),
        ("Could you summarise the meeting?", True),
        ("Summarise the meeting of the council in Ternate.", True),
        ("Summarise what Laut said.", True),
        ("Summarise what Laut said about the crane.", False),
        ("Summarise what the council said.", False),
        ("Summarise the cranes.", False),  # which are no more than named
        ("How did the council summarise the meeting?", False),
        ("Did Laut summarise the report?", False),
        ("Summarise the summit.", False),
    ],
)
def test_a_summary_is_of_the_source_or_of_a_speaker_or_none(retrieve: Retriever, question: str, whole: bool) -> None:
    assert retrieve(condense(Question(question=question))).question.whole is whole


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What did Laut say about the pier?", "Budi Laut"),
        ("What did Rahma say about the harbour?", "Siti Rahma"),
        ("Who said what about the pier?", "Siti Rahma"),
    ],
)
@pytest.mark.parametrize("retrieve", [PARTS], indirect=True)
def test_what_somebody_said_is_looked_for_in_their_own_words(retrieve: Retriever, question: str, first: str) -> None:
    found = retrieve(condense(Question(question=question))).passages
    told = lines.voice(found[0])
    assert len(found) == 7
    assert told is not None
    assert told.name == first


@pytest.mark.parametrize("retrieve", [QUOTED], indirect=True)
@pytest.mark.parametrize(
    ("question", "asks_speaker"), [("Who said that the harbour grew?", True), ("How did the harbour grow?", False)]
)
def test_what_somebody_says_is_read_with_whoever_says_it(
    retrieve: Retriever, question: str, asks_speaker: bool
) -> None:
    asked = condense(Question(question=question))
    assert asked.asks_speaker is asks_speaker
    quote, speaker, rain = sorted(retrieve.candidates(asked)[2], key=lambda passage: passage.start)
    assert quote.answers == pytest.approx(read(question, *((quote, speaker) if asks_speaker else (quote,))))
    assert speaker.answers == pytest.approx(read(question, speaker))
    assert rain.answers == pytest.approx(read(question, rain))


@pytest.mark.parametrize("retrieve", ["Is the pier closed? It is until May.\n\nThe rain stopped."], indirect=True)
def test_a_reply_is_read_with_the_question_that_it_replies_to(retrieve: Retriever) -> None:
    asked = condense(Question(question="When does the pier open?"))
    query, reply, rain = sorted(retrieve.candidates(asked)[2], key=lambda passage: passage.start)
    assert reply.answers == pytest.approx(read("When does the pier open?", query, reply))
    assert query.answers == pytest.approx(read("When does the pier open?", query))
    assert rain.answers == pytest.approx(read("When does the pier open?", rain))


def test_a_follow_up_is_read_with_what_it_is_about_and_alone(retrieve: Retriever) -> None:
    history = (Turn(role="user", content="Who led the meeting?"), Turn(role="assistant", content="…"))
    asked = condense(Question(question="When did it end?", history=history))
    assert (asked.text, asked.alone) == ("When did it end (led meeting)?", "When did it end?")
    for passage in retrieve.candidates(asked)[2]:
        assert passage.answers == pytest.approx((read(asked.text, passage) + read(asked.alone, passage)) / 2)


HEARING = """Lena Fox: The pier is closed. It leaks in three places.
Iain Moss: I have seen that too.
Lena Fox: It opens again in June."""
TRANSCRIPT = HEARING.replace("too.", "too.\nIain Moss: What will it cost us?")


@pytest.mark.parametrize("retrieve", [TRANSCRIPT, TRANSCRIPT.replace("\n", "\n\n")], indirect=True)
def test_of_a_transcript_each_is_read_also_with_what_was_said_before(retrieve: Retriever) -> None:
    asked = condense(Question(question="When does the pier open?"))
    said = sorted(retrieve.candidates(asked)[2], key=lambda passage: passage.start)
    with_before = []
    for at, passage in enumerate(said):
        alone = read(asked.text, *said[at - 1 : at + 1] if at and said[at - 1].text.endswith("?") else [passage])
        both = read(asked.text, *said[max(0, at - BEFORE) : at + 1]) - BESIDE
        with_before.append(both > alone)
        assert passage.answers == pytest.approx(max(alone, both))
        assert passage.before == (said[at - 1].text if at else "")
    assert any(with_before) and not all(with_before)


@pytest.mark.parametrize("retrieve", [TRANSCRIPT.replace("closed", "closed " + "and shut " * LONGEST)], indirect=True)
def test_what_was_said_before_is_left_out_where_it_is_too_long(retrieve: Retriever) -> None:
    asked = condense(Question(question="When does the pier open?"))
    said = sorted(retrieve.candidates(asked)[2], key=lambda passage: passage.start)
    assert said[1].answers == pytest.approx(read(asked.text, said[1]))
    # The question that it replies to stays.
    reply = next(passage for passage in said if passage.text.endswith("in June."))
    assert reply.answers is not None and reply.answers >= read(asked.text, said[reply.number - 1], reply) - 1e-5


@pytest.mark.parametrize("retrieve", [HEARING], indirect=True)  # Iain Moss speaks once: no transcript
def test_of_another_text_each_is_read_by_itself(retrieve: Retriever) -> None:
    asked = condense(Question(question="When does the pier open?"))
    assert all(p.answers == pytest.approx(read(asked.text, p)) for p in retrieve.candidates(asked)[2])


NEWS = "Ternate (Antara) – The council met. It was open.\n\nTrade antara the islands grew, said Budi Santoso."


@pytest.fixture
def published(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Retriever]:
    text, publisher = request.param
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text(text, encoding="utf-8")
    (tmp_path / "seeds" / "a.txt.yaml").write_text(f"title: A council\npublisher: {publisher}\n", encoding="utf-8")
    ingest(tmp_path / "seeds", tmp_path / "data", FakeEmbeddings(), IDENTITY)
    live = LiveIndex(tmp_path / "data", IDENTITY)
    yield Retriever(live, FakeEmbeddings(), calibration().ranking)
    live.close()


@pytest.mark.parametrize("published", [(NEWS, "Antara")], indirect=True)
@pytest.mark.parametrize("question", ["Which newspaper is this from?", "Berita dari Ternate ini dimuat koran apa?"])
def test_a_publisher_is_told_by_the_sentence_that_names_it(published: Retriever, question: str) -> None:
    found = published(condense(Question(question=question)))
    assert found.question.published
    assert [passage.text for passage in found.passages] == ["Ternate (Antara) – The council met."]
    judged = answerable(found, calibration())
    assert (judged.status, judged.checks[0].detail) == ("answered", "Antara")
    assert len(choose(found)) == 1


@pytest.mark.parametrize(
    ("published", "question"),
    [
        ((NEWS, "Kompas"), "Which newspaper is this from?"),  # which its text does not name
        ((NEWS.replace("Antara", "RRI"), "Antara"), "Which newspaper is this from?"),  # "antara" is between
        ((NEWS, "Antara"), "Which newspaper published this report on Tidore?"),
        ((NEWS, "Antara"), "Which newspaper did not publish this report?"),
    ],
    indirect=["published"],
)
def test_where_the_source_does_not_tell_its_publisher_none_is_told(published: Retriever, question: str) -> None:
    assert not published(condense(Question(question=question))).question.published


def test_the_tokens_of_sentences_are_those_that_the_index_keeps(
    retrieve: Retriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = condense(Question(question="Who led the meeting?"))
    expected = retrieve(asked)
    tokens.forget()
    evidence.bag.cache_clear()
    read_anew: set[str] = set()
    anew = tokens._tokens

    def noted(text: str, language: str) -> tuple[tokens.Token, ...]:
        read_anew.add(text)
        return anew(text, language)

    monkeypatch.setattr(tokens, "_tokens", noted)
    assert retrieve(asked) == expected
    assert read_anew.isdisjoint(passage.text for passage in expected.passages)


@pytest.mark.parametrize("retrieve", [QUOTED], indirect=True)
@pytest.mark.parametrize(("most", "times"), [(1_000, 1), (2, 0)])
def test_a_source_is_read_whole_for_its_speakers_once_and_not_where_it_is_too_long(
    retrieve: Retriever, monkeypatch: pytest.MonkeyPatch, most: int, times: int
) -> None:
    monkeypatch.setattr(lines, "MAX_SENTENCES", most)
    monkeypatch.setattr("assistant.steps.people.MAX_SENTENCES", most)
    kept: list[int] = []
    keep = Index.keep_tokens

    def noted(index: Index, sentences: Sequence[IndexedSentence]) -> None:
        kept.append(len(sentences))
        keep(index, sentences)

    asked = condense(Question(question="Who said that the harbour grew?"))
    monkeypatch.setattr(Index, "keep_tokens", noted)
    lines.forget()
    for _ in range(3):
        assert retrieve(asked).passages
    assert len(kept) - 2 * 3 == times  # two for each question: what its words are in, and what is near it


class Broken(FakeEmbeddings):
    def encode_query(self, text: str) -> Encoded:
        raise ConnectionError("nobody answers")


def test_an_embedder_that_fails_is_what_is_said_and_the_index_stays_usable(retrieve: Retriever) -> None:
    asked = condense(Question(question="Who led the meeting?"))
    with pytest.raises(ConnectionError, match="nobody answers"):
        replace(retrieve, embeddings=Broken())(asked)
    assert retrieve(asked).passages


def test_words_that_cannot_be_read_alone_are_what_is_said(retrieve: Retriever, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Floats:
        raise RuntimeError("no memory")

    history = (Turn(role="user", content="Who led the meeting?"), Turn(role="assistant", content="…"))
    asked = condense(Question(question="When did it end?", history=history))
    monkeypatch.setattr(FakeEmbeddings, "query_states", fails)
    with pytest.raises(RuntimeError, match="no memory"):
        retrieve(asked)
    monkeypatch.undo()
    assert retrieve(asked).passages


def test_a_network_that_fails_is_what_is_said_and_the_index_stays_usable(retrieve: Retriever) -> None:
    def fails(*_: object) -> float:
        raise RuntimeError("no memory")

    asked = condense(Question(question="Who led the meeting?"))
    with pytest.raises(RuntimeError, match="no memory"):
        replace(retrieve, read=fails)(asked)
    assert retrieve(asked).passages


class Replacing(FakeEmbeddings):
    """While it embeds a question, and the words of that are looked for, other sources take the place of those asked."""

    def __init__(self, live: LiveIndex, seeds: Path) -> None:
        super().__init__()
        self.live, self.seeds = live, seeds

    def encode_query(self, text: str) -> Encoded:
        for led_by in ("Dewi Lestari", "Siti Rahma"):  # the one before is gone from the disk
            (self.seeds / "a.txt").write_text(f"{led_by} led the meeting. It was in Tidore.", encoding="utf-8")
            ingest(self.seeds, self.seeds.with_name("data"), FakeEmbeddings(), IDENTITY)
            self.live.renew()
        return super().encode_query(text)


def test_a_question_is_answered_from_the_index_that_it_began_with_and_the_next_from_the_new_one(
    retrieve: Retriever, tmp_path: Path
) -> None:
    asked = condense(Question(question="Who led the meeting?"))
    before, after = retrieve(asked).passages, replace(retrieve, embeddings=Replacing(retrieve.live, tmp_path / "seeds"))
    assert after(asked).passages == before
    assert {p.source.text for p in retrieve(asked).passages} == {"Siti Rahma led the meeting. It was in Tidore."}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_process_that_is_forked_can_ask_too(retrieve: Retriever) -> None:
    asked = condense(Question(question="Who led the meeting?"))
    number = len(retrieve(asked).passages)
    child = os.fork()
    if not child:
        os._exit(0 if len(retrieve(asked).passages) == number else 1)
    until = time.monotonic() + 30
    while (done := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < until:
        time.sleep(0.05)
    if not done[0]:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert done == (child, 0)
