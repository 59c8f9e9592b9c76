"""Suggestions: what a sentence names, which questions are made of it, and that each of them is answered."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.app import EXAMPLES, Assistant, build
from assistant.messages import catalogue, languages
from assistant.settings import load_settings
from assistant.steps import evidence
from assistant.steps.suggest import FOLLOW_UPS, Told, follow_ups, proposals, topics
from assistant.text.languages import identify, language_of
from assistant.text.questions import analyse
from assistant.types import Answer, Question, Turn

from .made import passages, retrieval, source

ROOT = Path(__file__).parents[2]
CORPORA = ("seeds", "evals/corpora/minutes-en", "evals/corpora/release-ru", "evals/corpora/hostile")


@pytest.fixture(scope="module", params=CORPORA)
def assistant(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """Over a folder of texts, without the questions that the article's metadata lists."""
    root = tmp_path_factory.mktemp("made")
    shutil.copytree(ROOT / request.param, root / "seeds", ignore=shutil.ignore_patterns("*.yaml"))
    made = build(load_settings(seeds=root / "seeds", data=root / "data"))
    made.ingest()
    yield made
    made.live.close()


def told(assistant: Assistant) -> list[Told]:
    with assistant.live.open() as index:
        return [
            Told(sentence.text, language_of(each.language, each.text), each.date)
            for each in index.sources.values()
            for sentence in index.of_source(each.source_id)
        ]


def holds(answer: Answer, topic: str) -> bool:
    """Whether the answer rests on passages that have the very words, and on no others."""
    return bool(answer.citations) and all(evidence.says(citation.context, topic) for citation in answer.citations)


@pytest.mark.parametrize(
    ("text", "language", "named"),
    [
        (
            "Demikian disampaikan Direktur Jenderal Kerja Sama ASEAN, Jose Tavares di Kuta, 19-20 Februari 2019.",
            "id",
            {
                ("Direktur Jenderal Kerja Sama ASEAN", "name"),
                ("Jose Tavares", "person"),
                ("Kuta", "name"),
                ("Februari 2019", "date"),
            },
        ),
        (
            "Investments reached 45 million dollars, said Maria Lopez in Ambon.",
            "en",
            {("45 million dollars", "amount"), ("Maria Lopez", "person"), ("Ambon", "name")},
        ),
        ("Директор института, Анна Волкова, приехала в Тверь в 2021 году.", "ru",
         {("Анна Волкова", "person"), ("Тверь", "name"), ("2021", "date")}),
        ("Rencana aksi periode 2016-2020 dibahas bupati Padang Rimbu.", "id", {("Padang Rimbu", "name")}),
        ("Mereka mengadopsi Statement of the Russian Federation on Security.", "id", set()),
        ("Together they met.", "en", set()),
        ("", "en", set()),
    ],
)  # fmt: skip
def test_people_names_dates_and_amounts_are_topics(text: str, language: str, named: set[tuple[str, str]]) -> None:
    found = {(topic.text, topic.kind) for topic in topics(text, language) if topic.kind != "phrase"}
    assert found == named


def test_a_topic_stands_in_its_sentence_word_for_word_and_within_quotation_marks(assistant: Assistant) -> None:
    for each in told(assistant):
        for topic in topics(each.text, each.language):
            assert evidence.says(each.text, topic.text), each.text
            assert not set(topic.text) & set('“”«»"「」\n[]')


def test_phrases_are_those_that_several_sentences_have_and_headlines_do_not_count() -> None:
    sentences = [
        Told("Great Harbour Meeting", "en"),
        Told("The pilot boat sank.", "en"),
        Told("Nobody saw the pilot boat.", "en"),
        Told("The river gauge broke.", "en"),
        Told("They met in Ambon.", "en"),
    ]
    asked = [each.topic for each in proposals(sentences, catalogue("en"))]
    assert "pilot boat" in asked
    assert "Ambon" in asked
    assert not {"river gauge", "Great Harbour Meeting"} & set(asked)


def test_what_happened_in_a_year_is_asked_only_of_the_past() -> None:
    said = ("The council met in May 2021.", "It will meet in June 2030.")
    for date, years in ((dt.date(2022, 1, 1), ["2021"]), (None, [])):
        asked = proposals([Told(text, "en", date) for text in said], catalogue("en"))
        assert [each.topic for each in asked if each.question.startswith("What happened")] == years


@pytest.mark.parametrize("language", languages())
def test_the_question_about_a_topic_is_read_as_one_in_its_language(language: str) -> None:
    for topic in ("Igor Morgulov", "keamanan siber", "18 miliar dolar AS", "Верхней Солони", "2018", "siapa", "库塔"):
        question = catalogue(language).text("suggest.about", topic=topic)
        assert identify(question) == language
        assert analyse(question, language).topic == topic


@pytest.mark.parametrize(
    "question",
    [
        "Who said “Kuta”?",
        "What is “Kuta”?",
        "When do the sources mention “Kuta”?",
        "What do the sources not say about “Kuta”?",
        "What do the sources say about the budget of “Kuta”?",
        "What do the sources say about Kuta?",
        "Кто упоминается в источниках вместе с «Кутой»?",
    ],
)
def test_a_question_that_asks_more_of_quoted_words_is_weighed_as_any_other(question: str) -> None:
    assert analyse(question, identify(question)).topic == ""


@pytest.mark.parametrize(
    ("text", "phrase", "said"),
    [
        ("They met in Kuta, Bali.", "kuta", True),
        ("They met in Kutai.", "Kuta", False),
        ("It cost 1,1 juta.", "1 juta", False),
        ("It cost 1 juta.", "1 juta", True),
        ("It rose by 18.5.", "18", False),
        ("Since 12018.", "2018", False),
        ("Since 2018.", "2018", True),
        ("会议在库塔举行", "库塔", True),
        ("one\n two", "one two", True),
        ("anything", "", False),
    ],
)
def test_the_very_words_are_whole_words_and_numbers(text: str, phrase: str, said: bool) -> None:
    assert evidence.says(text, phrase) is said


@pytest.mark.parametrize("language", languages())
def test_every_example_is_answered_in_its_language(assistant: Assistant, language: str) -> None:
    examples = assistant.example_questions(language)
    assert len(examples) == len(set(examples)) == EXAMPLES
    for question in examples:
        answer = assistant.chain.invoke(Question(question=question, language=language))
        assert answer.status == "answered" and answer.citations, question
    assert assistant.example_questions(language) == examples


def test_a_language_without_words_has_no_made_examples(assistant: Assistant) -> None:
    assert assistant.example_questions("de") == ()


@pytest.mark.parametrize("language", languages())
def test_every_follow_up_is_answered_in_its_language(assistant: Assistant, language: str) -> None:
    """Along a conversation in which each follow-up is asked in its turn, and each leads to others."""
    words = catalogue(language)
    history: tuple[Turn, ...] = ()
    asked = [assistant.example_questions(language)[0], "umbrellas 1817 Oslo?"]
    followed = 0
    for question in asked:
        if followed > 9:
            break
        answer = assistant.chain.invoke(Question(question=question, history=history, language=language))
        again = assistant.chain.invoke(Question(question=question, history=history, language=language))
        assert again.follow_ups == answer.follow_ups
        assert len(answer.follow_ups) <= FOLLOW_UPS
        assert not set(answer.follow_ups) & {question, *(turn.content for turn in history)}
        history += (Turn(role="user", content=question), Turn(role="assistant", content=answer.answer))
        for follow_up in answer.follow_ups:
            topic = analyse(follow_up, language).topic
            assert topic and follow_up == words.text("suggest.about", topic=topic)
            came = assistant.chain.invoke(Question(question=follow_up, history=history))
            assert (came.status, came.language) == ("answered", language), follow_up
            assert holds(came, topic), follow_up
            followed += 1
        asked += [each for each in answer.follow_ups if each not in asked]
    assert followed >= FOLLOW_UPS


def test_any_topic_of_a_corpus_is_answered_by_passages_that_hold_it(assistant: Assistant) -> None:
    words = catalogue("ru")
    for each in told(assistant)[:16]:
        for topic in topics(each.text, each.language):
            answer = assistant.chain.invoke(words.text("suggest.about", topic=topic.text))
            assert answer.status == "answered" and holds(answer, topic.text), topic


TEXT = source(
    "Siti Rahma, chair of the council, met the envoy, Anton Berg, in Ambon. Rahma praised the pilot boat in June 2021. "
    "The pilot boat cost 45 million dollars."
)


def suggested(question: str, *history: str) -> tuple[str, ...]:
    asked = analyse(question, "en")
    turns = tuple(Turn(role="user", content=each) for each in history)
    return follow_ups(
        Question(question=question, history=turns), retrieval(asked, *passages(asked, TEXT)), (), catalogue("en")
    )


def about(*named: str) -> tuple[str, ...]:
    return tuple(catalogue("en").text("suggest.about", topic=each) for each in named)


def test_follow_ups_are_about_other_names_and_then_other_things() -> None:
    assert suggested("What is the fare?") == about("Siti Rahma", "Anton Berg", "pilot boat")
    assert suggested("Who is Siti Rahma?") == about("Anton Berg", "Ambon", "pilot boat")
    assert suggested("Whom did Rahma meet?", "What about “Anton Berg”?") == about("Ambon", "pilot boat", "June 2021")


def test_nothing_found_gives_no_follow_ups() -> None:
    asked = analyse("What is the fare?", "en")
    assert follow_ups(Question(question=asked.text), retrieval(asked), (), catalogue("en")) == ()
