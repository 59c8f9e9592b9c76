"""Generate: the embedded reader picks the sentences that answer and quotes them; it writes no fact of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from assistant.messages import Catalogue
from assistant.steps import evidence
from assistant.steps.claims import said_by
from assistant.steps.disagree import disagreement
from assistant.steps.lines import turn_end, voice
from assistant.steps.restate import restated
from assistant.steps.scope import spoken_of
from assistant.steps.stance import stance
from assistant.text.about import about_itself
from assistant.text.layout import MAX_LIST, with_list
from assistant.text.lexicon import group, lexicon, says_any
from assistant.text.markdown import escape
from assistant.text.tokens import meant
from assistant.types import Cite, DraftSentence, Passage, Retrieval, Span

MAX_QUOTES = 3
"""Sentences that an answer quotes at most."""
SURE = 0.9
"""How probable it has to be that one of the quoted sentences is the right one."""
MIN_COMPLEMENT = 0.2
"""Weighted share of the question that a second sentence must add to what the first holds."""
OPEN_KINDS = ("", "manner", "reason")
"""Kinds of answers that no form of words shows."""
SHORT = 200
"""Code points up to which a sentence is quoted whole; a longer one only by the clauses that matter."""
MAX_TURN = 300
"""Code points of what somebody says in a row that are quoted where the answer has no form of its own."""


def generate(retrieval: Retrieval, words: Catalogue) -> tuple[DraftSentence, ...]:
    """The drafted answer: a quote for each chosen passage, introduced in the asker's language."""
    chosen = choose(retrieval)
    return quotes(chosen, retrieval, words, stance(retrieval, chosen))


def quotes(
    chosen: Sequence[Passage], retrieval: Retrieval, words: Catalogue, said: str = ""
) -> tuple[DraftSentence, ...]:
    """A quote for each of these passages, introduced in the asker's language and by what the first says to yes or no."""
    several = len({passage.source.source_id for passage in retrieval.passages[:4]}) > 1
    affirmed = {"yes": words.text("answer.yes"), "no": words.text("answer.no")}
    spans = [quote_span(passage, retrieval) for passage in chosen]
    # An item of a list that is quoted whole is not quoted once more, nor is what somebody goes on to say.
    kept = [(p, s) for p, s in zip(chosen, spans, strict=True) if not any(_holds(other, s) for other in spans)]
    drafts = []
    for at, (passage, span) in enumerate(kept):
        same_source = at > 0 and passage.source is kept[at - 1][0].source
        lead = "" if same_source else _lead(passage, words, retrieval, several)
        if said and not at:
            lead = " ".join((affirmed[said], lead))
        drafts.append(DraftSentence((Cite(span), *_beside(passage, span, retrieval, words.language)), lead))
    return tuple(drafts)


def _holds(one: Span, other: Span) -> bool:
    """Whether a span holds another one and more, or its beginning."""
    begins = one.start < other.start < one.end or (one.start == other.start and other.end < one.end)
    return one.source_id == other.source_id and begins


def choose(retrieval: Retrieval) -> tuple[Passage, ...]:
    """The best passages: as many, up to `MAX_QUOTES`, as it takes for one of them to be right with the chance `SURE`,
    by the ranking's own probabilities, and another that holds words of the question which the best one lacks."""
    passages = retrieval.passages
    if not passages:
        return ()
    if spoken_of(retrieval.question, passages) is passages[0].source:  # another's sentences are of something else
        passages = tuple(passage for passage in passages if passage.source is passages[0].source)
    if retrieval.question.published:
        return passages[:1]
    if about_itself(retrieval.question):
        return passages[:MAX_QUOTES]
    topic = retrieval.question.topic
    if topic and evidence.says(passages[0].text, topic):
        return tuple(passage for passage in passages if evidence.says(passage.text, topic))[:MAX_QUOTES]
    chances = [math.exp(passage.score - passages[0].score) for passage in passages]
    enough, reached = 0, 0.0
    while enough < min(MAX_QUOTES, len(passages)) and reached < SURE * sum(chances):
        reached += chances[enough]
        enough += 1
    chosen = list(passages[:enough])
    first = passages[0]
    question = retrieval.question
    weights = tuple(
        0.0 if t in question.carried else w for t, w in zip(question.content, retrieval.weights, strict=True)
    )
    alone = evidence.share(weights, first.held)
    for other in passages[enough:MAX_QUOTES]:
        both = evidence.share(weights, tuple(map(max, first.held, other.held)))
        if both - alone >= MIN_COMPLEMENT:
            chosen.append(other)
    if posts := _posts(retrieval):
        return posts
    if partner := _partner(retrieval):
        chosen = [first, partner, *(p for p in chosen[1:] if (p.source, p.start) != (partner.source, partner.start))]
    return tuple(chosen[:MAX_QUOTES])


def together(retrieval: Retrieval) -> tuple[Passage, ...]:
    """The passages of which no single one is the answer: those that tell somebody's posts, or the best one and what it is
    to be read with; () where the best one can stand alone."""
    partner = _partner(retrieval)
    return _posts(retrieval) or ((retrieval.passages[0], partner) if partner else ())


def _partner(retrieval: Retrieval) -> Passage | None:
    """What the best passage is to be read with."""
    return disagreement(retrieval) or _speaker(retrieval) or _anchor(retrieval)


def _speaker(retrieval: Retrieval) -> Passage | None:
    """For "who said ...?" and "what did she say ...?", and for who it is that speaks of themselves ("*I* want three bids."): the
    passage that tells whose words the best one gives, where that does not tell itself."""
    question, first = retrieval.question, retrieval.passages[0]
    of_themselves = question.asks == "person" and says_any(first.text, lexicon(first.language).own, first.language)
    if not (question.asks_speaker or said_by(question) or of_themselves) or evidence.speaks(evidence.bag_of(first)):
        return None
    if told := voice(first):
        return told.named_in if told.ahead else None
    beside = {p.number - first.number: p for p in retrieval.passages if p.source is first.source}
    # What is told is mostly followed by who told it.
    near = (beside.get(step) for step in (1, -1, 2)) if question.asks_speaker else ()
    return next((p for p in near if p is not None and evidence.speaks(evidence.bag_of(p))), None)


def _posts(retrieval: Retrieval) -> tuple[Passage, ...]:
    """For the posts that somebody holds: every passage found that names them and says what somebody is; after the best
    one, where they are only told by what they said ("the post of the man who spoke about ...")."""
    question, first = retrieval.question, retrieval.passages[0]
    asked = group("posts") | (group("person") if question.besides else frozenset())  # "what *else* is he chair of"
    if all(meant(token, question.language).isdisjoint(asked) for token in question.content):
        return ()
    here = [p for p in retrieval.passages if p.source is first.source]
    named = [at for at, token in enumerate(question.content) if token.kind == "name" and not token.concepts]
    if named:
        return _naming_posts(p for p in here if any(p.held[at] for at in named))[:MAX_QUOTES]
    if not question.speaks_of_saying or (told := voice(first)) is None:
        return ()
    who = evidence.bag(told.name, first.language).tokens
    theirs = (p for p in here if p is not first and any(evidence.match(t, evidence.bag_of(p)) == 1.0 for t in who))
    return (first, *_naming_posts(theirs))[:MAX_QUOTES]


def _naming_posts(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    return tuple(p for p in passages if evidence.names_post(evidence.bag_of(p), p.language))


def _anchor(retrieval: Retrieval) -> Passage | None:
    """For a year or date that the best passage gives as "last year": the passage that dates the report itself."""
    first, date = retrieval.passages[0], retrieval.passages[0].source.date
    if (
        retrieval.question.asks not in ("year", "day", "date")
        or date is None
        or not evidence.is_relative(evidence.bag_of(first))
    ):
        return None
    year = f"y_{date.year}"
    same = (p for p in retrieval.passages[1:] if p.source is first.source)
    return next((p for p in same if any(year in token.keys for token in evidence.bag_of(p).tokens)), None)


def quote_span(passage: Passage, retrieval: Retrieval) -> Span:
    """The part of a passage to quote: the whole sentence, with the list that it introduces or what its speaker goes on to say, or of a
    long one the run of clauses that holds the words of the question, the kind of answer asked for, and the clause nearest to the
    question. Where the answer has no form of its own to tell it by ("through what?"), the clause after them may be it."""
    source_id = passage.source.source_id
    whole = Span(source_id, passage.start, passage.end)
    if (end := with_list(passage.source.text, passage.start, passage.end, MAX_LIST)) > passage.end:
        return Span(source_id, passage.start, end)
    question = retrieval.question
    is_open = question.asks in OPEN_KINDS and not question.yes_no
    if is_open and (end := turn_end(passage, MAX_TURN)) > passage.end:
        return Span(source_id, passage.start, end)
    if passage.end - passage.start <= SHORT or len(passage.clauses) < 2:
        return whole
    wanted = [at for at, clause in enumerate(passage.clauses) if _matters(passage, clause, retrieval)]
    if not wanted:
        return whole
    last = min(wanted[-1] + (question.asks in OPEN_KINDS), len(passage.clauses) - 1)
    start, end = passage.clauses[wanted[0]][0], passage.clauses[last][1]
    return Span(source_id, start, end)


def _matters(passage: Passage, clause: tuple[int, int], retrieval: Retrieval) -> bool:
    text = passage.source.text[clause[0] : clause[1]]
    held = evidence.bag_of(passage, text)
    question = retrieval.question
    asked = any(evidence.match(token, held) for token in question.content)
    return (
        clause == passage.clause
        or asked
        or (bool(question.asks) and evidence.can_answer(question, held, passage.language))
    )


def _beside(passage: Passage, span: Span, retrieval: Retrieval, language: str) -> tuple[str, ...]:
    """What stands beside a quote: what it says in the asker's notation."""
    quote = passage.source.text[span.start : span.end]
    said = restated(quote, passage.language, language, passage.source.date, retrieval.question)
    return (f" ({'; '.join(map(escape, said))})",) if said else ()


def _lead(passage: Passage, words: Catalogue, retrieval: Retrieval, several: bool) -> str:
    spoken = passage.language
    foreign = spoken.split("-")[0] != words.language
    names = words.table("language")
    values: dict[str, str] = {"language": names.get(spoken, names["other"])} if foreign else {}
    if several:
        values["title"] = escape(passage.source.title)
    return words.text(f"answer.lead{'_titled' if several else ''}{'_foreign' if foreign else ''}", **values)
