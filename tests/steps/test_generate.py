"""What the embedded reader chooses to quote."""

from __future__ import annotations

from dataclasses import replace

from assistant.messages import catalogue
from assistant.steps.generate import choose, quote_span, quotes
from assistant.text.layout import MAX_LIST
from assistant.text.questions import analyse

from .made import passages, retrieval, source

TEXT = (
    "The board met in Kuta. Ratna Wijaya, director of trade, opened it. Trade grew. "
    "Ratna is also chair of the committee. Guests came from afar."
)


def test_all_posts_of_a_person_are_quoted() -> None:
    question = analyse("Which posts does Ratna Wijaya hold?", "en")
    found = [replace(p, score=-float(p.number)) for p in passages(question, source(TEXT))]
    second, fourth = found[1], found[3]
    order = [second, found[0], found[2], fourth, found[4]]
    assert choose(retrieval(question, *order)) == (second, fourth)


def test_another_question_on_a_person_quotes_the_best() -> None:
    question = analyse("Who is Ratna Wijaya?", "en")
    found = passages(question, source(TEXT))
    order = [replace(found[1], score=9.0), *(replace(p, score=0.0) for p in (found[0], found[2], found[3]))]
    assert choose(retrieval(question, *order)) == (order[0],)


def test_the_post_of_whoever_said_something_is_quoted_after_what_they_said() -> None:
    text = (
        "Ratna Wijaya, director of trade, opened the meeting. Guests came from afar. "
        "“The harbour will be deeper,” said Ratna Wijaya."
    )
    question = analyse("Which post does she hold who spoke about the harbour?", "en")
    found = passages(question, source(text))
    order = [replace(found[2], score=9.0), *(replace(p, score=0.0) for p in found[:2])]
    assert [passage.number for passage in choose(retrieval(question, *order))] == [found[2].number, found[0].number]


def test_the_clause_after_goes_along_where_no_form_tells_the_answer() -> None:
    text = (
        "The parties agreed to deepen the harbour of the northern island within the plan for the coming decade, "
        "through loans of the regional bank for the works, "
        "and to hold a review of all that was done once a year in the capital of one of the two countries."
    )
    through, when = (
        analyse(q, "en") for q in ("How will they deepen the harbour?", "Which years is the harbour deepened?")
    )
    quotes = [text[span.start : span.end] for q in (through, when) for p in passages(q, source(text))
              for span in [quote_span(p, retrieval(q, p))]]  # fmt: skip
    assert "loans" in quotes[0]


def test_what_else_somebody_is_quotes_all_their_posts() -> None:
    question = analyse("What else is Ratna Wijaya chair of?", "en")
    found = passages(question, source(TEXT))
    order = [replace(found[1], score=9.0), *(replace(p, score=0.0) for p in (found[0], found[2], found[3]))]
    assert choose(retrieval(question, *order)) == (order[0], order[3])


RISKS = "The main risks are:\n\n- a rise in charter rates;\n- a weaker euro,\n  as in May.\n\nNothing else is expected."


def test_what_introduces_a_list_is_quoted_with_it_and_no_item_once_more() -> None:
    question = analyse("List the main risks", "en")
    found = passages(question, source(RISKS))
    drafted = quotes(found[:2], retrieval(question, *found), catalogue("en"))
    spans = [span for draft in drafted for span in draft.spans]
    assert [RISKS[span.start : span.end] for span in spans] == [RISKS[: RISKS.index("\n\nNothing")]]


def test_of_a_long_list_the_items_that_fit_are_quoted() -> None:
    item = "\n- " + "a port that is to be deepened " * 10
    text = "The works are:" + item * 9
    question = analyse("Which works are there?", "en")
    first = passages(question, source(text))[0]
    span = quote_span(first, retrieval(question, first))
    assert text[: span.end] == ("The works are:" + item * (MAX_LIST // len(item))).rstrip()


def test_an_item_before_what_introduces_its_list_is_not_quoted_twice() -> None:
    question = analyse("List the main risks", "en")
    found = passages(question, source(RISKS))
    drafted = quotes([found[2], found[0]], retrieval(question, *found), catalogue("en"), "yes")
    assert [RISKS[span.start : span.end] for d in drafted for span in d.spans] == [RISKS[: RISKS.index("\n\nNothing")]]
    assert drafted[0].lead.startswith("Yes.")


def test_whoever_says_it_is_quoted_once() -> None:
    question = analyse("Who said that the harbour grew by ten berths?", "en")
    said, tells, rain = passages(
        question, source("“The harbour grew by ten berths. Ships come,” said Budi Laut. Rain fell.")
    )
    made = retrieval(question, *(replace(each, score=1.0) for each in (said, tells, rain)))
    chosen = [passage.text for passage in choose(made)]
    assert chosen[:2] == [said.text, tells.text]
    assert len(set(chosen)) == len(chosen)
