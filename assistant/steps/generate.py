"""Generate: the embedded reader picks the sentences that answer and quotes them; it writes no fact of its own."""

from __future__ import annotations

from assistant.messages import Catalogue
from assistant.steps import evidence
from assistant.types import Cite, DraftSentence, Passage, Retrieval, Span

MAX_QUOTES = 2
"""Sentences that an answer quotes at most; a third is seldom read and seldom right."""
MIN_COMPLEMENT = 0.2
"""Weighted share of the question that a second sentence must add to what the first holds."""
SHORT = 200
"""Code points up to which a sentence is quoted whole; a longer one only by the clauses that matter."""


def generate(retrieval: Retrieval, words: Catalogue) -> tuple[DraftSentence, ...]:
    """The drafted answer: a quote for each chosen passage, introduced in the asker's language."""
    chosen = choose(retrieval)
    several = len({passage.source.source_id for passage in retrieval.passages[:8]}) > 1
    drafts = []
    for at, passage in enumerate(chosen):
        span = quote_span(passage, retrieval)
        same_source = at > 0 and passage.source is chosen[at - 1].source
        drafts.append(DraftSentence((Cite(span),), lead="" if same_source else _lead(passage, words, retrieval, several)))
    return tuple(drafts)


def choose(retrieval: Retrieval) -> tuple[Passage, ...]:
    """The best passage, and another that holds words of the question which the best one lacks."""
    if not retrieval.passages:
        return ()
    first, *others = retrieval.passages
    alone = evidence.share(retrieval.weights, first.held)
    for other in others[:MAX_QUOTES]:
        together = evidence.share(retrieval.weights, tuple(map(max, first.held, other.held)))
        if together - alone >= MIN_COMPLEMENT:
            return (first, other)
    return (first,)


def quote_span(passage: Passage, retrieval: Retrieval) -> Span:
    """The part of a passage to quote: the whole sentence, or of a long one the run of clauses that holds the words of
    the question, the kind of answer asked for, and the clause nearest to the question."""
    source_id = passage.source.source_id
    whole = Span(source_id, passage.start, passage.end)
    if passage.end - passage.start <= SHORT or len(passage.clauses) < 2:
        return whole
    wanted = [at for at, clause in enumerate(passage.clauses) if _matters(passage, clause, retrieval)]
    if not wanted:
        return whole
    start, end = passage.clauses[wanted[0]][0], passage.clauses[wanted[-1]][1]
    return Span(source_id, start, end)


def _matters(passage: Passage, clause: tuple[int, int], retrieval: Retrieval) -> bool:
    text = passage.source.text[clause[0] : clause[1]]
    held = evidence.bag_of(passage, text)
    question = retrieval.question
    asked = any(evidence.match(token, held) for token in question.content)
    return clause == passage.clause or asked or (bool(question.asks) and evidence.can_answer(question, held, passage.language))


def _lead(passage: Passage, words: Catalogue, retrieval: Retrieval, several: bool) -> str:
    spoken = passage.language
    foreign = spoken.split("-")[0] != retrieval.question.language.split("-")[0]
    names = words.table("language")
    values: dict[str, str] = {"language": names.get(spoken, names["other"])} if foreign else {}
    if several:
        values["title"] = passage.source.title
    return words.text(f"answer.lead{'_titled' if several else ''}{'_foreign' if foreign else ''}", **values)
