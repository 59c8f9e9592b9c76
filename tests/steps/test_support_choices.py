"""Support: which sentences and clauses are chosen for a claim, what another sentence may add, and where a claim is cut in two."""

from __future__ import annotations

import pytest

from assistant.steps.context import whole_source
from assistant.steps.lines import lines_of
from assistant.steps.support import support

from .made import source


def tried(text: str, sentence: str, language: str = "en") -> tuple[list[str], list[str]]:
    """What is cited of a text for a sentence of its own language, and the problems."""
    found = support(sentence, language, lines_of(whole_source(source(text, language=language))))
    problems = [f"{problem.check} {problem.outcome} {problem.detail}" for problem in found.problems]
    return [text[span.start : span.end] for span in found.spans], problems


@pytest.mark.parametrize(
    ("text", "sentence", "spans"),
    [
        (  # the name, the number and the month of the last weigh more than the four words of each of the others
            "The long wooden harbour pier leaks. The long wooden harbour pier is old. The long wooden harbour pier shakes. "
            "The long wooden harbour pier is dark. The long wooden harbour pier is narrow. The long wooden harbour pier is wet. "
            "Norway paid 7 million for it in May.",
            "For the long wooden harbour pier Norway paid 7 million in May.",
            ["Norway paid 7 million for it in May.", "The long wooden harbour pier is wet."],
        ),
        (  # and the two names of the others less than its three words
            "Siti Rahma came early. Siti Rahma came alone. Siti Rahma slept. Siti Rahma smiled. Siti Rahma left late. "
            "Siti Rahma waited. She opened the wooden pier.",
            "Siti Rahma opened the wooden pier.",
            ["She opened the wooden pier.", "Siti Rahma waited."],
        ),
    ],
)
def test_names_and_numbers_count_more_than_words_where_only_some_sentences_are_tried(
    text: str, sentence: str, spans: list[str]
) -> None:
    assert tried(text, sentence) == (spans, [])


@pytest.mark.parametrize(
    ("text", "sentence", "spans"),
    [
        (
            "The harbour engineer opened the pier.\n\nThe harbour engineer of Ambon quickly opened the long wooden pier.",
            "The harbour engineer quickly opened the pier.",
            ["The harbour engineer of Ambon quickly opened the long wooden pier."],
        ),
        (  # a word that most texts have is not worth more words
            "The harbour engineer opened the long pier.\n\nThe harbour engineer of Ambon opened the long wooden pier in the city.",
            "In the city the harbour engineer opened the long pier.",
            ["The harbour engineer opened the long pier."],
        ),
        (
            "While ships waited outside the harbour for hours, Norway quietly bore 7 million of all the costs, and while others "
            "slept in Ambon, Chile came home with a single ship.",
            "Norway bore 7 million of the costs.",
            ["Norway quietly bore 7 million of all the costs,"],
        ),
        (  # the first of two clauses
            "While ships came, the harbour engineer opened the pier, and while ships left, Chile opened the pier.",
            "The pier opened.",
            ["While ships came, the harbour engineer opened the pier,"],
        ),
        (  # all clauses that it needs
            "While Chile slept, Norway bore 7 million of all costs, while Peru paid nothing at all, and Norway bore 2 million.",
            "Norway bore 7 million of all costs and 2 million.",
            [
                "While Chile slept, Norway bore 7 million of all costs, while Peru paid nothing at all, and Norway bore 2 million."
            ],
        ),
        (
            "While Chile slept for many hours in Ambon, tourists came to the old harbour by night, and Norway bore 7 million.",
            "Tourism came to the old harbour.",  # a word of the same family
            ["tourists came to the old harbour by night, and Norway bore 7 million."],
        ),
        (
            "While Chile slept for many hours in Ambon, the minister Morgulov came to the old harbour.",
            "Morgulof came to the old harbour.",  # a name by its sound
            ["the minister Morgulov came to the old harbour."],
        ),
        (  # of the sentence that says who is meant no more than that
            "While the old pier leaked for many months in the rain, Siti Rahma came to the market by night. She opened the pier.",
            "Siti Rahma opened the pier.",
            ["She opened the pier.", "Siti Rahma came to the market by night."],
        ),
    ],
)
def test_of_what_holds_most_the_fewest_clauses_are_cited(text: str, sentence: str, spans: list[str]) -> None:
    assert tried(text, sentence) == (spans, [])


NAMED, OPENED = "Siti Rahma is the mayor.", "Rahma opened the pier."


def test_a_name_is_told_in_full_by_whichever_sentence_of_the_source_has_it() -> None:
    assert tried(f"The harbour is old.\n\n{NAMED}\n\n{OPENED}", "Siti Rahma opened the pier.") == ([OPENED, NAMED], [])


@pytest.mark.parametrize("order", [1, -1], ids=["before", "after"])
def test_no_other_source_tells_a_name_in_full(order: int) -> None:
    sources = [source(NAMED, "a.txt"), source(OPENED, "b.txt")][::order]
    lines = lines_of([passage for each in sources for passage in whole_source(each)])
    found = support("Siti Rahma opened the pier.", "en", lines)
    assert [(problem.check, problem.detail) for problem in found.problems] == [("facts", "Siti Rahma")]


def test_a_name_that_is_told_in_full_needs_no_sentence_of_another_paragraph() -> None:
    text = "Siti Rahma came quickly, happily.\n\nSiti Rahma opened the pier."
    assert tried(text, "Siti Rahma quickly, happily opened the pier.")[1] == ["meaning missing quickly, happily"]


@pytest.mark.parametrize(
    ("text", "sentence", "problems"),
    [
        (
            "The pier is not old. It was opened by Norway.",
            "The old pier was opened by Norway.",
            ["negation contradicted It was opened by Norway. … The pier is not old."],
        ),
        (
            "The pier may be old. It was opened by Norway.",
            "The old pier was opened by Norway.",
            ["modality contradicted It was opened by Norway. … The pier may be old."],
        ),
        ("The pier is old. It was opened by Norway.", "The old pier was opened by Norway.", []),
        ("Siti Rahma came. She opened the pier.", "Siti Rahma opened the pier.", []),  # half of it in either
        (
            "Siti Rahma did not come. She opened the pier.",
            "Siti Rahma opened the pier.",
            [],
        ),  # of which only the name counts
        (
            "It is old, wooden. It is narrow, dark. It is wet, cold.",  # a third of it in each
            "It is old, wooden, narrow, dark, wet, cold.",
            ["meaning missing cold", "meaning missing It is old, wooden, narrow, dark, wet, cold."],
        ),
        ("Ships came. The pier may open.", "The pier opened.", ["modality contradicted The pier may open."]),
        (  # what may be has nothing to do with the claim
            "The pier may open.",
            "Norway bears 7 million.",
            ["facts missing 7 million", "facts missing Norway", "meaning missing Norway bears 7 million."],
        ),
    ],
)
def test_what_the_words_cited_deny_or_leave_open_is_told_and_nothing_else(
    text: str, sentence: str, problems: list[str]
) -> None:
    assert tried(text, sentence)[1] == problems


@pytest.mark.parametrize(
    ("sentence", "lacking"),
    [
        ("The company Norhav quickly opened the old wooden pier.", []),  # it only tells what Norhav is
        ("With another company, Norhav quickly opened the old wooden pier.", ["company"]),
        ("Norhav quickly opened the company's old wooden pier.", ["company's"]),
        ("The ship Norhav quickly opened the old wooden pier.", ["ship"]),  # nothing that does things
        ("In the city Norhav quickly opened the old wooden pier.", []),  # a light word
        ("Norhav quickly, quietly opened the old wooden pier.", []),  # how something is
    ],
)
def test_a_claim_has_no_actor_or_thing_that_its_source_lacks(sentence: str, lacking: list[str]) -> None:
    text = "Norhav quickly opened the old wooden pier."
    assert tried(text, sentence) == ([text], [f"meaning missing {word}" for word in lacking])


def test_what_a_name_is_may_stand_right_before_it_where_no_spaces_are_written() -> None:
    assert tried("Norhav很快打开了旧码头。", "公司Norhav很快打开了旧码头。", "zh")[1] == []


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (
            "ASEAN opened the pier.",
            "Russia led the officers.",
            "The pier was opened by ASEAN, and Russia led the officers.",
        ),
        (
            "Norway opened the harbour.",
            "Ships were sunk by Chile.",
            "The harbour was opened by Norway and ships were sunk by Chile.",
        ),
        (
            "The ministers of Norway were there.",
            "Chile opened the pier.",
            "The ministers of Norway were there and Chile opened the pier.",
        ),
        (
            "Officers opened the harbour.",
            "The ministers led the soldiers.",
            "The harbour was opened by officers and the ministers led the soldiers.",
        ),
        (  # the first "and" joins two names, the second two clauses
            "ASEAN and Russia met in Ambon.",
            "Norway opened the pier.",
            "ASEAN and Russia met in Ambon, and Norway opened the pier.",
        ),
    ],
)
def test_clauses_are_cut_where_no_two_actors_are_joined(first: str, second: str, sentence: str) -> None:
    assert tried(f"{first}\n\n{second}", sentence) == ([first, second], [])


def test_two_actors_that_are_joined_are_not_cut_apart() -> None:
    text = "The young officers of ASEAN came home.\n\nRussia trained in Ambon."
    assert tried(text, "The young officers of ASEAN and Russia trained in Ambon.")[1] != []


@pytest.mark.parametrize(
    "sentence",
    [
        "insinyur dermaga itu grobel grobol grabal, dan Norwegia membayar 7 juta.",
        "Kapal itu membayar 7 juta dan, insinyur dermaga itu grobel grobol grabal",
    ],
)
def test_of_two_clauses_in_another_language_either_may_mean_the_same_as_its_sentence(sentence: str) -> None:
    asked: list[tuple[str, str]] = []

    def similar(claim: str, said: str) -> float:
        asked.append((claim, said))
        return 0.9

    text = "The harbour engineer opened the pier.\n\nNorway and its ship paid 7 million."
    lines = lines_of(whole_source(source(text)))
    assert support(sentence, "id", lines, similar).problems == ()
    assert set(asked) == {("insinyur dermaga itu grobel grobol grabal", "The harbour engineer opened the pier.")}
    assert support(sentence, "id", lines).problems != ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [  # half of a list says nothing, and the rest of it is said of the other half alone
        ("The old harbour opened.\n\nThe pier closed in May.", "The old harbour and the pier closed in May."),
        ("Siti Rahma is the mayor.\n\nBudi Laut opened it in May.", "Siti Rahma and Budi Laut opened it in May."),
        (
            "The ministers of Norway came home.\n\nRussia met in Ambon.",
            "The ministers of Norway and of Russia met in Ambon.",
        ),
        (
            "The young officers of Norway came.\n\nChile met in Ambon.",
            "The young officers of Norway, and Chile met in Ambon.",
        ),
    ],
)
def test_a_list_is_not_cut_into_clauses(text: str, sentence: str) -> None:
    assert tried(text, sentence)[1]


@pytest.mark.parametrize(
    ("text", "sentence", "language"),
    [
        ("The harbour closed. Norway praised it.", "Norway closed the harbour.", "en"),
        ("The harbour closed. Siti Rahma praised it.", "Siti Rahma closed the harbour.", "en"),
        ("The old pier was closed. Russia saw it.", "Russia closed the old pier.", "en"),
        ("Pelabuhan ditutup. Norwegia memujinya.", "Norwegia menutup pelabuhan.", "id"),
        ("Гавань закрыли. Норвегия её похвалила.", "Норвегия закрыла гавань.", "ru"),
    ],
)
def test_who_does_something_is_not_taken_from_a_sentence_beside_it(text: str, sentence: str, language: str) -> None:
    lines = lines_of(whole_source(source(text, language=language)))
    assert support(sentence, language, lines).problems


@pytest.mark.parametrize(
    ("text", "sentence", "language"),
    [
        ("Norway and Chile held talks. Both signed a treaty.", "Norway and Chile signed a treaty.", "en"),
        ("Norway and Chile held talks. The two countries signed a treaty.", "Norway and Chile signed a treaty.", "en"),
        ("Norway is the chair. The chair opened the meeting.", "Norway opened the meeting.", "en"),
        ("Norway hosts a summit in Oslo. The summit begins in May.", "Norway's summit begins in May.", "en"),
        ("Norwegia dan Chile bertemu. Kedua negara menandatangani perjanjian.", "Norwegia dan Chile menandatangani perjanjian.", "id"),
        ("Россия и Китай встретились. Стороны обсудили торговлю.", "Россия и Китай обсудили торговлю.", "ru"),
        (
            "“Trade reached 18 billion dollars. The harbour grew too,” said Siti Rahma.",
            "Siti Rahma said that trade reached 18 billion dollars.", "en",
        ),
        ("Причал старый.\n\nГавань новая.", "Причал старый, а гавань новая.", "ru"),
    ],
)  # fmt: skip
def test_who_is_meant_may_stand_beside_where_a_word_stands_for_them(text: str, sentence: str, language: str) -> None:
    assert tried(text, sentence, language)[1] == []
