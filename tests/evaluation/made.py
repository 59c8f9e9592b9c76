"""Hand-made sources, cases and answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from assistant.evaluation.cases import Ask, Case, Gold
from assistant.evaluation.program import Reply
from assistant.evaluation.records import About, CaseRecord, Record, flatten, turn_record
from assistant.types import Answer, Citation, Question, Source, Span, Status, Usage

TEXT = (
    "Ibu Ratna membuka rapat pada 3 Mei 2021. Perdagangan mencapai 18 miliar dolar. "
    "Delegasi Laos diwakili Bounnhang. Rapat ditutup sore hari."
)
SOURCE = Source("a.txt", TEXT, "Rapat", hashlib.sha256(TEXT.encode()).hexdigest(), "id")
SOURCES = {"a.txt": SOURCE}
TRADE, OPENED, LAOS, CLOSED = (
    "Perdagangan mencapai 18 miliar dolar.",
    "Ibu Ratna membuka rapat pada 3 Mei 2021.",
    "Delegasi Laos diwakili Bounnhang.",
    "Rapat ditutup sore hari.",
)


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span("a.txt", start, start + len(words))


def citation(words: str, marker: int | None = 1) -> Citation:
    at = span(words)
    return Citation(
        marker=marker, source_id="a.txt", title="Rapat", start_char_index=at.start, end_char_index=at.end,
        cited_text=words, context=words,
    )  # fmt: skip


def answer(
    said: str = "",
    *cited: str,
    status: Status | None = None,
    language: str = "en",
    ms: float = 1.0,
    tokens: int | None = 0,
) -> Answer:
    """An answer that cites the given words in turn; refused where there are none."""
    return Answer(
        id="x",
        question="?",
        standalone_question="?",
        language=language,
        status=status or ("answered" if cited else "not_in_sources"),
        answer=said,
        citations=tuple(citation(words, number) for number, words in enumerate(cited, 1)),
        usage=Usage(input_tokens=tokens, output_tokens=tokens),
        timings_ms={"retrieve": ms, "total": 2 * ms},
    )


def quoted(*words: str) -> Answer:
    """An answer that quotes the given words."""
    return answer(" ".join(f"The source says, in Indonesian: “{w}” [{n}]" for n, w in enumerate(words, 1)), *words)


REFUSAL = answer("The sources do not answer this question.")


def case(
    number: int,
    question: str,
    *gold: str,
    accept: Sequence[str] = (),
    group: str = "",
    language: str = "en",
    **more: object,
) -> Case:
    """A case that is answerable where gold is given."""
    ask = Ask.model_validate(
        {
            "question": question,
            "gold": [{"source_id": "a.txt", "text": words} for words in gold] or None,
            "accept": {"en": list(accept)} if accept else {},
            **{name: more.pop(name) for name in ("gold_match", "category") if name in more},
        }
    )
    return Case.model_validate(
        {
            "id": f"c{number}", "group": group or f"g{number}", "language": language, "category": "fact" if gold else "person",
            "corpus": "made", "asks": (ask,), **more,
        }
    )  # fmt: skip


ABOUT = About(
    programs={"made": {"reader": "scripted"}}, digest="d", cases=(), python="3", machine="m", begun="2026-01-01"
)

CASES = (
    case(1, "How large was trade?", "18 miliar", accept=["18 mil"]),
    case(2, "Who opened the meeting?", "Ibu Ratna", accept=["Ratna"]),
    case(3, "Who represented Laos?", "Bounnhang", accept=["Bounnhang"]),
    case(4, "When was the meeting?", "3 Mei 2021", accept=["3 Mei"]),
    case(5, "Who represented China?"),
    case(6, "How large was trade in 2015?"),
    case(7, "What did the hotel cost?"),
    case(8, "Who was absent?"),
)
GOOD = {1: TRADE, 2: OPENED, 3: LAOS, 4: OPENED}


def perfect(asked: Case) -> Reply:
    """What a perfect program would answer to one of CASES."""
    number = int(asked.id[1:])
    if words := GOOD.get(number):
        return Reply(quoted(words), (span(words), span(CLOSED)), 0.9)
    return Reply(REFUSAL, (span(CLOSED), span(TRADE)), 0.1)


def record(asked: Case, reply: Reply, ms: float = 1.0) -> Record:
    return flatten([case_record(asked, reply, ms)])[0]


def case_record(asked: Case, reply: Reply, ms: float = 1.0) -> CaseRecord:
    return CaseRecord(case=asked, turns=(turn_record(asked.asks[0], reply, SOURCES, ms),))


def records(replies: Mapping[str, Reply]) -> list[Record]:
    return [record(asked, replies[asked.id]) for asked in CASES]


class Scripted:
    """A program that gives the reply made for the question."""

    def __init__(self, replies: Mapping[str, Reply | Exception]) -> None:
        self.replies = replies
        self.asked: list[str] = []

    def ask(self, question: Question) -> Reply:
        self.asked.append(question.question)
        found = self.replies[question.question]
        if isinstance(found, Exception):
            raise found
        return found

    def about(self) -> Mapping[str, str]:
        return {"program": "scripted"}

    def close(self) -> None:
        pass


def gold(words: str) -> Gold:
    return Gold(source_id="a.txt", text=words)
