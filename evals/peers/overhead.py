"""What an answer takes on top of the language model: beside a server on loopback that writes at once."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from figures import Goal, NotMeasured, Part, p95
from processes import SEEDS

from assistant.app import Assistant, build
from assistant.settings import load_settings
from assistant.types import AnswerEvent, Question, SentenceEvent
from tests.models.fake_openai import Say, serving

AN_ANSWER, A_SENTENCE = 20.0, 10.0
"""The project's goals in milliseconds: an answer may take the first, and the second for each of its sentences."""
ROUNDS, WARM_UP = 30, 3
PAUSE = 0.1
"""Seconds between two sentences of the model."""

QUESTION = "Who chaired the meeting in Kuta?"
SENTENCES = (
    "Jose Tavares chaired the meeting. ",
    "It was held in Kuta on 19-20 February 2019. ",
    "Trade between ASEAN and Russia reached 18 billion US dollars. ",
)


class Written(Sequence[str]):
    """Pieces of a draft that tell when each was sent."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = pieces
        self.sent: list[float] = []

    def __len__(self) -> int:
        return len(self._pieces)

    def __iter__(self) -> Iterator[str]:
        return iter(self._pieces)

    def __getitem__(self, at: Any) -> Any:
        self.sent.append(time.perf_counter())
        return self._pieces[at]


def overhead(data: Path) -> Part:
    """Answers of one and of three sentences, and how soon the first one is shown."""
    one, three = _whole(data, SENTENCES[:1]), _whole(data, SENTENCES)
    first = _first_sentence(data)
    named = ("an answer of one sentence", "an answer of three sentences", "the first sentence, after it was written")
    return Part(
        "On top of a language model",
        f"A server on loopback, in the same process, that writes at once; what it takes itself is in the figures. "
        f"{ROUNDS} answers each of {QUESTION!r}, whose vector is remembered, with the model's check whether the sources "
        f"answer. For the last row the server waits {PAUSE:g} s before the second sentence; a sentence is known to be "
        "whole when the next one begins.",
        ("ms", "least", "p50", "p95"),
        [
            (name, *(f"{value:.1f}" for value in (min(each), statistics.median(each), p95(each))))
            for name, each in zip(named, (one, three, first), strict=True)
        ],
        (
            Goal("on top of the model, one sentence", statistics.median(one), AN_ANSWER + A_SENTENCE, " ms"),
            Goal("on top of the model, three sentences", statistics.median(three), AN_ANSWER + 3 * A_SENTENCE, " ms"),
        ),
    )


def _whole(data: Path, sentences: Sequence[str]) -> list[float]:
    return [(end - begun) * 1000 for begun, _, end, _ in _asked(data, sentences, 0.0, len(sentences))]


def _first_sentence(data: Path) -> list[float]:
    """From when its end could be seen, which is when the next one was sent."""
    return [(shown - written.sent[1]) * 1000 for _, shown, _, written in _asked(data, SENTENCES[:2], PAUSE, 2)]


def _asked(
    data: Path, sentences: Sequence[str], pause: float, expected: int
) -> list[tuple[float, float, float, Written]]:
    """When each answer was asked for, its first sentence shown, and its end, and what the server wrote."""
    drafts: list[Written] = []

    def script(asked: dict[str, Any]) -> Say:
        if not asked.get("stream"):
            return Say(["yes"], yes=0.99)
        drafts.append(Written(sentences))
        return Say(drafts[-1], between=pause)

    with serving(script) as server:
        settings = load_settings(
            seeds=SEEDS, data=data, model="openai:fake", openai_base_url=server.url, openai_api_key="none"
        )
        times = asyncio.run(_answers(build(settings), expected))
    return [(*each, draft) for each, draft in zip(times, drafts[WARM_UP:], strict=True)]


async def _answers(assistant: Assistant, expected: int) -> list[tuple[float, float, float]]:
    found = []
    for _ in range(ROUNDS + WARM_UP):
        begun, shown, sentences = time.perf_counter(), 0.0, 0
        async for event in assistant.chain.events(Question(question=QUESTION, language="en")):
            if isinstance(event, SentenceEvent):
                sentences += 1
                shown = shown or time.perf_counter()
            elif isinstance(event, AnswerEvent) and (event.answer.reader != "openai:fake" or sentences != expected):
                raise NotMeasured(f"{sentences} of the model's {expected} sentences were shown: {event.answer.notices}")
        found.append((begun, shown, time.perf_counter()))
    if assistant.chat:
        await assistant.chat.close()
    assistant.live.close()
    return found[WARM_UP:]
