"""The LLM reader: a model's draft, each sentence verified against the sources before it is shown.

Nothing that the model says of itself is believed: its P(yes), its first sentence and what the verifier finds in that are
weighed together with the embedded evidence (`llm_calibration.json`), and its markers are not used.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assistant.errors import LLMUnavailable
from assistant.messages import catalogue
from assistant.models.chat import Chat, Message, Spent, YesNo
from assistant.prompts import prompt
from assistant.steps.context import BUDGET, Context, clean, context
from assistant.steps.draft import Cutter, Drafted
from assistant.steps.generate import choose
from assistant.steps.lines import Line, lines_of
from assistant.steps.pertinent import beside_the_point, left_out
from assistant.steps.read import Asked, Finding, Reading
from assistant.steps.support import Similar
from assistant.steps.verify import ground, verify
from assistant.text.languages import identify
from assistant.text.normalise import fold
from assistant.types import Check, DraftSentence, Judgement, Status, Usage

DRAFT_TOKENS, REPAIR_TOKENS = 300, 120
MAX_SENTENCES, MAX_SPANS = 4, 3
"""A longer answer hides what it rests on."""
SHORT_BUDGET = BUDGET // 4
"""Tokens of passages for a model whose context is too short for more."""
HISTORY_TURNS, HISTORY_CHARS = 4, 300
TITLE = 4
"""Words in a row of a source's that tell nothing of the language of a sentence."""
SURE = 0.999
"""P(yes) is not believed beyond this, nor below one minus this."""

_NO_ANSWER = re.compile(
    r"\W*(?:no answer\b|(?:the )?(?:passages?|sources?|text|article) (?:do(?:es)? not|doesn't|don't)"
    r"|there is no (?:information|mention)|i (?:do not|don't|cannot|can't|am unable|am sorry)|sorry|as an ai"
    r"|tidak ada (?:jawaban|informasi)|(?:teks|artikel|sumber|bagian) \w* ?tidak|saya tidak|maaf"
    r"|нет ответа|в (?:тексте|отрывках|источниках|статье|пассажах) (?:нет|не )|информаци\w+ .{0,30}(?:нет|отсутств)"
    r"|(?:текст|отрывки|источники|пассажи) не |я не |извините"
    r"|.{0,60}\bnot (?:stated|mentioned|specified|given|provided|said)\b.{0,20}\b(?:passages?|text|sources?|article)\b"
    r"|.{0,60}\btidak (?:di|me)(?:sebut|nyata|jelas|nyebut)\w*\b.{0,30}\b(?:bagian|kutipan|teks|sumber|artikel)\b"
    r"|(?:bagian|kutipan)\S*.{0,20}\btidak (?:di|me)\w+"
    r"|.{0,60}(?:отрывк|текст|источник|стать|пассаж)\w*.{0,20} не (?:указ|сообщ|говор|упом|содерж|привод)\w*)",
    re.IGNORECASE,
)
"""How a model says that it found nothing, whatever it was told to say."""

_AROUND = ".,;:!\"'“”«»()"
_QUESTION_MARKS = ("?", "？", "؟")
_TWO_SCRIPTS = re.compile(r"[a-zA-Z][а-яёА-ЯЁ]|[а-яёА-ЯЁ][a-zA-Z]")


@dataclass(frozen=True, slots=True)
class LLMCalibration:
    """Weights over the evidence that `weigh` gives, by its names; the file tells where they come from."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    def probability(self, values: Mapping[str, float]) -> float:
        return 1 / (1 + math.exp(-self.bias - sum(self.weights[name] * value for name, value in values.items())))


@cache
def llm_calibration() -> LLMCalibration:
    """The calibration that ships with the program."""
    found = json.loads(files(__package__).joinpath("llm_calibration.json").read_text(encoding="utf-8"))
    return LLMCalibration(found["weights"], found["bias"], found["threshold"])


@dataclass(frozen=True)
class LLMReader:
    """Reads with a chat model. `check` asks it for P(yes) too, which costs a call; `similar` compares across languages."""

    chat: Chat
    pool: Executor
    calibration: LLMCalibration
    similar: Similar | None = None
    check: bool = True

    @property
    def name(self) -> str:
        return self.chat.name

    def open(self, asked: Asked) -> Reading:
        return LLMReading(self, asked)


class LLMReading:
    """One question: the check and the draft run from the beginning, side by side."""

    def __init__(self, reader: LLMReader, asked: Asked) -> None:
        self._reader, self._asked = reader, asked
        self._spent = Spent()
        self._queue: asyncio.Queue[Drafted | LLMUnavailable | None] = asyncio.Queue()
        self._context = context(asked.retrieval)
        self.evidence: Mapping[str, float] = {}  # what was weighed last, as `weigh` gives it
        self._first: Finding | None = None
        self._first_text = ""
        self._repaired = self._ended = False
        self.verifying = 0.0
        self._asking = asyncio.create_task(self._yes_or_no()) if reader.check and asked.judgement.score < 1.0 else None
        self._lines = asyncio.get_running_loop().run_in_executor(reader.pool, lines_of, self._context.passages)
        self._drafting = asyncio.create_task(self._draft())

    @property
    def usage(self) -> Usage:
        return Usage(input_tokens=self._spent.input_tokens, output_tokens=self._spent.output_tokens)

    async def judge(self) -> Judgement:
        embedded, calibrated = self._asked.judgement, self._reader.calibration
        said = await self._asking if self._asking else None
        values = weigh(embedded.score, said)
        if embedded.score < 1.0 and calibrated.probability(values) < calibrated.threshold:
            return self._judged(said, values)  # whatever the draft says
        self._first_text, self._first = await self._next_finding()
        if self._first is None:  # nothing but markers or markup
            self._first = Finding(None, (Check("model_declined", "missing", "-"),))
        if embedded.score >= 1.0:
            return embedded
        return self._judged(said, weigh(embedded.score, said, self._first_text, self._first))

    def _judged(self, said: YesNo | None, values: Mapping[str, float]) -> Judgement:
        self.evidence = values
        probability = self._reader.calibration.probability(values)
        status: Status = "answered" if probability >= self._reader.calibration.threshold else "not_in_sources"
        told = Check("model", "found", f"{said.yes:.2f}") if said else Check("model", "not_asked")
        checks = tuple(c for c in self._asked.judgement.checks if c.check != "probability")
        return Judgement(status, probability, (*checks, told, Check("probability", "found", f"{probability:.2f}")))

    async def sentences(self) -> AsyncIterator[Finding]:
        told: list[DraftSentence] = []
        async for finding in self._written():
            told += [finding.draft] if finding.draft else []
            yield finding
        retrieval, words = self._asked.retrieval, self._asked.words
        spans = {span for draft in told for span in draft.spans}
        for quote in left_out(told, self._asked.language, retrieval, words) if told else ():
            spans |= set(quote.spans)
            if len(spans) > MAX_SPANS:
                return
            sources = {passage.source.source_id: passage.source for passage in retrieval.passages}
            problems = verify(quote, sources, words.language)
            yield Finding(None if problems else quote, problems)

    async def _written(self) -> AsyncIterator[Finding]:
        """What the model wrote, sentence by sentence."""
        seen: set[str] = set()
        spans: set[object] = set()
        text, finding = self._first_text, self._first
        while finding is not None and len(seen) < MAX_SENTENCES:
            if fold(text) in seen or declines(text):
                return  # it repeats itself, or has no more to say
            seen.add(fold(text))
            if finding.draft is None:
                finding = await self._repair(text, finding, seen)
            if finding.draft is not None:
                spans |= set(finding.draft.spans)
                if len(spans) > MAX_SPANS:
                    return
            yield finding
            text, finding = await self._next_finding()

    async def close(self) -> None:
        tasks = [task for task in (self._asking, self._drafting) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- calls ---------------------------------------------------------------------------------------------------

    def _messages(self, shown: Context, task: str) -> list[Message]:
        turns = [
            f"{turn.role}: {clean(turn.content)[:HISTORY_CHARS]}"
            for turn in self._asked.question.history[-HISTORY_TURNS:]
        ]
        before = (
            f"Earlier in the conversation, as context for the question only:\n{chr(10).join(turns)}\n\n"
            if turns
            else ""
        )
        return [("system", prompt("system").fill(passages=shown.text)), ("user", before + task)]

    @property
    def _question(self) -> str:
        return clean(self._asked.retrieval.question.text)

    @property
    def _found(self) -> str:
        """What the embedded reader would quote, as far as the model is shown it: a small model seldom finds it by itself."""
        shown = {(p.source.source_id, p.start) for p in self._context.passages}
        quoted = (p for p in choose(self._asked.retrieval) if (p.source.source_id, p.start) in shown)
        return " ".join(clean(p.text) for p in quoted) or "-"

    @property
    def _language(self) -> str:
        names = catalogue("en").table("language")
        return str(names.get(self._asked.language, names.get(self._asked.language.split("-")[0], self._asked.language)))

    async def _yes_or_no(self) -> YesNo | None:
        task = prompt("answerable").fill(question=self._question)
        try:
            return await self._reader.chat.yes_or_no(self._messages(self._context, task), self._spent)
        except LLMUnavailable as exc:
            if exc.reason == "context_length":
                return None  # the draft goes on with fewer passages
            raise

    async def _draft(self) -> None:
        """Fills the queue with the draft's sentences, then what ended it."""
        ended: LLMUnavailable | None = None
        task = prompt("draft").fill(question=self._question, language=self._language, found=self._found)
        try:
            try:
                await self._drafted(self._context, task)
            except LLMUnavailable as exc:
                if exc.reason != "context_length":
                    raise
                await self._drafted(context(self._asked.retrieval, SHORT_BUDGET), task)
        except LLMUnavailable as exc:
            ended = exc
        finally:
            self._queue.put_nowait(ended)

    async def _drafted(self, shown: Context, task: str) -> None:
        cutter = Cutter()
        written: set[str] = set()
        messages = self._messages(shown, task)
        async with aclosing(self._reader.chat.stream(messages, DRAFT_TOKENS, self._spent)) as pieces:
            async for piece in pieces:
                for sentence in cutter.feed(piece):
                    if (said := fold(sentence.text)) in written:
                        return  # a loop: the rest would be waited and paid for
                    written.add(said)
                    self._queue.put_nowait(sentence)
                    await asyncio.sleep(0)  # a server that never pauses would keep the loop from verifying it
        if self._spent.cut_off and not cutter.ended:
            return
        for sentence in cutter.close():
            self._queue.put_nowait(sentence)

    async def _repair(self, text: str, finding: Finding, seen: set[str]) -> Finding:
        """The sentence written anew with the reason, once in an answer; the finding as it was where that is no better."""
        if self._repaired or declines(text):
            return finding
        self._repaired = True
        reason = "; ".join(dict.fromkeys(problem.detail for problem in finding.problems if problem.detail))
        task = prompt("repair").fill(question=self._question, language=self._language, sentence=text, reason=reason)
        cutter, sentences = Cutter(), []
        try:
            async with aclosing(
                self._reader.chat.stream(self._messages(self._context, task), REPAIR_TOKENS, self._spent)
            ) as pieces:
                async for piece in pieces:
                    sentences += cutter.feed(piece)
                    if sentences:
                        break
        except LLMUnavailable:
            return finding
        sentences += cutter.close()
        if not sentences or declines(sentences[0].text) or fold(sentences[0].text) in seen:
            return finding
        seen.add(fold(sentences[0].text))
        mended = await self._verified(sentences[0].text)
        return mended if mended.draft else finding

    # --- verification --------------------------------------------------------------------------------------------

    async def _next_finding(self) -> tuple[str, Finding | None]:
        """The draft's next sentence and what became of it, None once there is no more."""
        if self._ended:
            return "", None
        drafted = await self._queue.get()
        self._ended = not isinstance(drafted, Drafted)
        if isinstance(drafted, LLMUnavailable):
            raise drafted
        return (drafted.text, await self._verified(drafted.text)) if drafted else ("", None)

    async def _verified(self, text: str) -> Finding:
        begun = time.perf_counter()
        lines = await self._lines
        finding = await asyncio.get_running_loop().run_in_executor(self._reader.pool, self._verify, text, lines)
        self.verifying += time.perf_counter() - begun
        return finding

    def _verify(self, text: str, lines: Sequence[Line]) -> Finding:
        if declines(text):
            return Finding(None, (Check("model_declined", "missing", text),))
        if not speaks(text, self._asked.language, self._context.text):
            return Finding(None, (Check("answer_language", "missing", self._language),))
        if text.endswith(_QUESTION_MARKS):
            return Finding(None, (Check("answer_whole", "missing", text),))
        draft, problems = ground(text, self._asked.language, lines, self._reader.similar)
        if (
            draft is not None
            and self._first is None
            and (  # what follows an answer may add to it
                problem := beside_the_point(text, self._asked.language, draft, self._asked.retrieval, lines)
            )
        ):
            return Finding(None, (problem,))
        return Finding(draft, problems)


def declines(text: str) -> bool:
    """Whether a model says that it found nothing."""
    return _NO_ANSWER.match(text) is not None


def weigh(embedded: float, said: YesNo | None, first: str = "", finding: Finding | None = None) -> dict[str, float]:
    """The evidence that the sources answer, by name: log odds of the embedded evidence and of P(yes), and what became of
    the draft's first sentence, where that is known (it can only lower the probability)."""
    declined = declines(first)
    return {
        "embedded": _log_odds(embedded),
        "yes": _log_odds(said.yes) if said and said.graded else 0.0,
        "word": (2 * said.yes - 1) if said and not said.graded else 0.0,
        "declined": float(declined),
        "unsupported": float(not declined and finding is not None and finding.draft is None),
    }


def speaks(text: str, language: str, shown: str = "") -> bool:
    """Whether a text is not plainly in another language than the BCP 47 one; few words tell little, and those that it has from
    what is `shown` nothing where they are a title: it is given as it stands there."""
    if _TWO_SCRIPTS.search(text):
        return False  # "конtra": no word of any language
    rest = _without_titles(text, shown)
    text = rest if len(rest.split()) >= TITLE else text
    wanted = {"ms": "id"}.get(language.split("-", maxsplit=1)[0], language.split("-", maxsplit=1)[0])
    found = {"ms": "id"}.get(identify(text), identify(text))
    if found == wanted:
        return True
    spaced = {"en", "id", "vi", "fil"}
    return found in spaced and wanted in spaced and len(text.split()) < 6


def _without_titles(text: str, shown: str) -> str:
    """A text less the words that stand in what is shown, `TITLE` or more in a row, half of them with a capital letter."""
    words = text.split()
    taken: set[int] = set()
    for at in range(len(words) - TITLE + 1):
        row = words[at : at + TITLE]
        if sum(word[:1].isupper() for word in row) >= TITLE / 2 and " ".join(row).strip(_AROUND) in shown:
            taken.update(range(at, at + TITLE))
    return " ".join(word for at, word in enumerate(words) if at not in taken)


def _log_odds(probability: float) -> float:
    bounded = min(SURE, max(1 - SURE, probability))
    return math.log(bounded / (1 - bounded))
