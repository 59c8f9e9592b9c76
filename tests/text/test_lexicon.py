"""The word lists: well formed, complete in every language, and naming only what exists."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.text.lexicon import (
    LANGUAGES,
    LONG_WORD,
    MAX_MEANT,
    MAX_PHRASE,
    MIN_CORRECTED,
    UNSPACED,
    closed_class,
    concept_class,
    group,
    lexicon,
    relatives,
    words_of,
)
from assistant.text.questions import ASKS
from assistant.text.tokens import tokens

DATA = Path(__file__).parents[2] / "assistant" / "text" / "data"


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


LINES = (DATA / "glossary.tsv").read_text(encoding="utf-8").splitlines()
HEAD, *ROWS = [line.split("\t") for line in LINES if not line.startswith("#")]
WORDS = read("words.toml")


def test_a_glossary_row_has_a_concept_and_a_cell_for_each_language() -> None:
    assert ["concept", "class", *LANGUAGES] == HEAD
    assert [row for row in ROWS if len(row) != 10] == []


def test_concepts_are_unique_names() -> None:
    counts = Counter(row[0] for row in ROWS)
    assert [concept for concept, count in counts.items() if count > 1] == []
    assert [concept for concept in counts if not re.fullmatch(r"[a-z][a-z0-9_]*", concept)] == []


def test_no_row_is_empty() -> None:
    assert [row[0] for row in ROWS if not any(row[2:])] == []


def test_cells_hold_forms_parted_by_a_comma_and_a_space() -> None:
    cells = [cell for row in ROWS for cell in row[2:] if cell]
    assert [
        cell
        for cell in cells
        if cell != cell.strip() or not all(form.strip() == form != "" for form in cell.split(", "))
    ] == []
    assert [cell for cell in cells if len(set(cell.split(", "))) != len(cell.split(", "))] == []


@pytest.mark.xfail(reason="eight forms are")
def test_no_form_is_too_long_to_be_found() -> None:
    columns = [(at, name) for at, name in enumerate(HEAD) if name in LANGUAGES and name not in UNSPACED]
    forms = [(row[0], form) for row in ROWS for at, _ in columns for form in row[at].split(", ")]
    assert [(concept, form) for concept, form in forms if len(words_of(form)) > MAX_PHRASE] == []


def test_groups_name_only_concepts_that_exist() -> None:
    concepts = {row[0] for row in ROWS}
    named = {name: set(members) - concepts for name, members in read("concepts.toml").items()}
    assert {name: missing for name, missing in named.items() if missing} == {}


def test_a_group_is_given_as_keys_of_tokens() -> None:
    for name, members in read("concepts.toml").items():
        assert group(name) == {f"c_{member}" for member in members}
        assert len(members) == len(set(members)), name


def test_a_group_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        group("no_such_group")


def shape(table: dict[str, Any]) -> dict[str, Any]:
    """Which tables and lists there are; the words within a number table differ by language."""
    return {
        key: shape(value) if key in ("asks", "ordinals") and isinstance(value, dict) else type(value).__name__
        for key, value in table.items()
    }


def test_words_have_the_same_tables_in_every_language() -> None:
    assert tuple(WORDS) == LANGUAGES
    english = shape(WORDS["en"])
    assert {name: shape(table) for name, table in WORDS.items()} == dict.fromkeys(LANGUAGES, english)


def test_question_words_ask_only_for_kinds_that_exist() -> None:
    for name, table in WORDS.items():
        assert set(table["asks"]) == set(ASKS), name


@pytest.mark.xfail(reason="until when: date and duration")
def test_a_question_phrase_asks_for_one_kind() -> None:
    for name, table in WORDS.items():
        kinds = Counter(phrase for phrases in table["asks"].values() for phrase in set(phrases))
        both = {
            phrase: [kind for kind, phrases in table["asks"].items() if phrase in phrases]
            for phrase, n in kinds.items()
            if n > 1
        }
        assert both == {}, name


def test_numbers_and_patterns_can_be_used() -> None:
    for name, table in WORDS.items():
        assert all(isinstance(value, int) for key in ("numbers", "scales") for value in table[key].values()), name
        assert all(re.compile(pattern).groups == 1 for pattern in table["ordinals"]["patterns"]), name
        assert all(1 <= value <= 100 for value in table["ordinals"]["words"].values()), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lexicon_knows_its_months_countries_and_words(language: str) -> None:
    words = lexicon(language)
    assert words.language == {"ms": "id"}.get(language, language)
    assert closed_class(language)
    concepts = {concept for found in words.concepts.values() for concept in found}
    assert {"country_id", "country_ru", "country_sg"} <= concepts
    assert all(1 <= month <= 12 for month in words.months.values())
    assert all(len(phrase) <= MAX_PHRASE for phrase in words.concepts)


@given(tag=st.sampled_from(["en-US", "EN", "id-ID", "RU", "tl", "tl-PH", "zh-Hant-TW", "xx", "", "de"]))
def test_any_language_tag_has_a_lexicon(tag: str) -> None:
    main = {"tl": "fil"}.get(tag.split("-", maxsplit=1)[0].lower(), tag.split("-", maxsplit=1)[0].lower())
    assert lexicon(tag) is lexicon(main if main in LANGUAGES else "en")


@pytest.mark.parametrize(
    ("right", "slip"),
    [
        ("security", "securrity"), ("cooperation", "coperation"),
        ("investment", "invsetment"), ("terrorism", "terorism"), ("terrorism", "terrorrism"),
        ("investment", "inestment"),
    ],
)  # fmt: skip
def test_a_slip_in_a_long_word_is_put_right(right: str, slip: str) -> None:
    words = lexicon("en")
    (stem,), (slipped,) = words.stems([right]), words.stems([slip])
    assert slipped != stem
    assert set(words.corrected(slipped)) & set(words.single_words[stem])


@given(word=st.text(alphabet="abceinorst", min_size=4, max_size=14), language=st.sampled_from(["en", "id"]))
def test_words_of_other_lengths_need_not_be_compared(word: str, language: str) -> None:
    words = lexicon(language)
    slips = 0 if len(word) < MIN_CORRECTED else 1 if len(word) < LONG_WORD else 2
    expected: set[str] = set()
    for known in (words.single_words, words.spelt_words) if slips else ():
        found = process.extract(word, known.keys(), scorer=OSA.distance, score_cutoff=slips, limit=MAX_MEANT)
        nearest = [form for form, slip, _ in found if slip == found[0][1] and form[0] == word[0]]
        if expected := {concept for form in nearest for concept in known[form]}:
            break
    assert set(words.corrected(word)) == expected


@pytest.mark.parametrize("word", ["minister", "official", "diplomat", "city", "country"])
def test_a_word_that_question_phrases_use_keeps_its_concept(word: str) -> None:
    words = lexicon("en")
    assert words.longest_concept(words.stems([word]), 0)[1]


@pytest.mark.parametrize(
    "language",
    [
        pytest.param(
            name,
            marks=[pytest.mark.xfail(reason="some are of two words, and read by one")] if name in ("vi", "fil") else [],
        )
        for name in LANGUAGES
        if name not in UNSPACED
    ],
)
def test_number_words_are_single_words_and_can_be_found(language: str) -> None:
    forms = [w for table in ("numbers", "scales") for w in WORDS[language][table]]
    forms += list(WORDS[language]["ordinals"]["words"])
    assert [form for form in forms if len(words_of(form)) != 1] == []


@given(word=st.text(max_size=4))
def test_short_words_are_never_put_right(word: str) -> None:
    assert lexicon("en").corrected(word) == ()


CLASSES = {"actor", "thing", "attribute", "event", "action", "quality"}


def test_every_concept_is_of_a_class() -> None:
    assert [row[0] for row in ROWS if row[1] not in CLASSES] == []
    assert (concept_class("c_minister"), concept_class("c_nothing"), concept_class("minist")) == ("actor", "", "")


def test_families_are_of_concepts_that_exist() -> None:
    lines = (DATA / "families.tsv").read_text(encoding="utf-8").splitlines()
    families = [line.split("\t") for line in lines if not line.startswith("#")]
    concepts = {row[0] for row in ROWS}
    assert [family for family in families if len(family) < 2 or not concepts.issuperset(family)] == []
    assert len({tuple(sorted(family)) for family in families}) == len(families)


def test_relatives_are_the_others_of_a_family() -> None:
    assert "c_tourist" in relatives(frozenset({"c_tourism", "tourism"}))
    assert relatives(frozenset({"c_tourism"})).isdisjoint({"c_tourism"})
    assert relatives(frozenset({"tourism"})) == frozenset()


def months(text: str, language: str) -> list[float | None]:
    return [token.value for token in tokens(text, language) if token.kind == "month"]


def concepts(text: str, language: str) -> frozenset[str]:
    return frozenset().union(*(token.concepts for token in tokens(text, language)))


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("whn", "too short"),
        ("were", "a function word, though one letter from 'where'"),
        ("peace", "known by its stem, though one letter from 'place'"),
        ("wattle", "too far from any"),
    ],
)
def test_a_word_is_not_taken_for_one_of_a_question(word: str, why: str) -> None:
    assert lexicon("en").asked(word) == word, why


@pytest.mark.parametrize(
    ("right", "slip"),
    [("mountain", "muontian"), ("umbrella", "ubmrelal"), ("restaurant", "restuarent"), ("temperature", "tempreture")],
)
def test_two_slips_in_a_word_of_eight_letters_are_put_right(right: str, slip: str) -> None:
    words = lexicon("en")
    assert OSA.distance(right, slip) == 2
    assert set(words.spelt_words[right]) <= set(words.corrected(slip))


@pytest.mark.parametrize("slip", ["kicthan", "wethaer"])  # kitchen, weather
def test_two_slips_in_a_shorter_word_are_not(slip: str) -> None:
    assert lexicon("en").corrected(slip) == ()


def test_a_word_with_a_slip_may_stand_for_five_words_and_no_more() -> None:
    words = lexicon("en")
    near = [form for form in words.single_words if OSA.distance(form, "shane") == 1]
    assert len(near) > MAX_MEANT  # shade, shake, shame, shape, share ..
    found = set(words.corrected("shane"))
    assert len([form for form in near if found.issuperset(words.single_words[form])]) == MAX_MEANT


@pytest.mark.parametrize(
    ("text", "language", "month"),
    [
        ("5 янв. 2019", "ru", 1), ("на 5 янв 2019", "ru", 1), ("в мае", "ru", 5), ("к маю", "ru", 5), ("к марту", "ru", 3),
        ("перед декабрём", "ru", 12), ("ก.พ. 2019", "th", 2), ("tháng mười", "vi", 10), ("tháng mười một", "vi", 11),
        ("tháng mười hai", "vi", 12), ("会议于二月举行", "zh", 2),
    ],
)  # fmt: skip
def test_a_month_is_found_in_each_of_its_forms(text: str, language: str, month: int) -> None:
    assert months(text, language) == [month]


def test_a_name_that_begins_like_a_month_is_none() -> None:
    assert months("из порта Мару вышло судно", "ru") == []


@pytest.mark.parametrize(
    ("text", "language", "country"),
    [
        ("Andorra", "en", "ad"), ("во Вьетнаме", "ru", "vn"), ("Суринам", "ru", "sr"),
        ("Суринаму", "ru", "sr"), ("an Australian firm", "en", "au"), ("австралийский", "ru", "au"),
    ],
)  # fmt: skip
def test_a_country_is_one_key_in_every_form(text: str, language: str, country: str) -> None:
    found = {concept for concept in concepts(text, language) if "country" in concept.lower()}
    assert found == {f"c_country_{country}"}


def test_a_region_of_the_world_is_no_country() -> None:
    assert not any(concept.startswith("c_country_") for concept in concepts("Oceania", "en"))


@pytest.mark.parametrize(
    ("phrase", "language"),
    [("once in a blue moon", "en"), ("get to the bottom of", "en"), ("no show", "en"), ("deal with", "en")],
)
def test_a_phrase_is_known_though_it_begins_with_a_small_word_or_is_long(phrase: str, language: str) -> None:
    words = lexicon(language)
    length, found = words.longest_concept(words.stems(phrase.split()), 0)
    assert (length, bool(found)) == (len(phrase.split()), True)


@pytest.mark.parametrize(("word", "language"), [("about", "en"), ("all", "en"), ("около", "ru")])
def test_a_small_word_by_itself_has_no_concept(word: str, language: str) -> None:
    words = lexicon(language)
    assert words.longest_concept(words.stems([word]), 0) == (0, ())
    assert (word,) not in words.spelt
