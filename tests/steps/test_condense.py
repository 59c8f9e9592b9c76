"""Condense: questions that cannot be read are refused in a clear line; follow-ups stand alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import QuestionError
from assistant.steps.condense import condense
from assistant.text.questions import Analysis
from assistant.types import MAX_QUESTION_CHARS, Question, Turn

from ..text.strategies import ANY_TEXT
from .made import alone


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("", "is empty"),
        (" \t\r\n\u00a0\u2003", "is empty"),
        ("?!… —", "no words"),
        ("\u200b\u200d", "no words"),
        ("😀😀", "no words"),
        ("a" * (MAX_QUESTION_CHARS + 1), "2,001 characters"),
        ("who\x00 led it", r"U\+0000"),
        ("who\x1b[31m led it", r"U\+001B"),
        ("who\x7f led it", r"U\+007F"),
        ("who\ud800 led it", "surrogate"),
        ("\udfff", "surrogate"),
    ],
)
def test_a_question_that_cannot_be_read_is_refused_in_one_clear_line(question: str, words: str) -> None:
    with pytest.raises(QuestionError, match=words) as told:
        condense(Question(question=question))
    message = str(told.value)
    assert message.isprintable() and ": " in message and len(message) < 150


def test_the_longest_question_is_read() -> None:
    assert alone("a" * MAX_QUESTION_CHARS) == "a" * MAX_QUESTION_CHARS


@given(text=st.one_of(ANY_TEXT, st.text(max_size=40)))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        asked = condense(Question(question=text))
    except QuestionError as exc:
        asked, refused = None, str(exc)
    if asked is None:
        assert refused.isprintable()
        return
    assert asked.text == " ".join(asked.text.split()) != ""


@given(
    turns=st.lists(
        st.tuples(st.sampled_from(["user", "assistant"]), st.one_of(ANY_TEXT, st.text(max_size=40))), max_size=20
    )
)
def test_no_history_makes_a_question_fail(turns: list[tuple[str, str]]) -> None:
    history = tuple(Turn.model_validate({"role": role, "content": said}) for role, said in turns)
    assert condense(Question(question="And what did he say?", history=history)).text


STANDING = [
    ("en", "How large was trade between Russia and Indonesia in 2018?"),
    ("id", "Berapa nilai perdagangan Rusia dan Indonesia pada 2018?"),
    ("ru", "Каков был объём торговли России и Индонезии в 2018 году?"),
]


@pytest.mark.parametrize(("language", "question"), STANDING)
def test_a_question_that_stands_alone_stays_as_it_is(language: str, question: str) -> None:
    earlier = {
        "en": "Who led the meeting in Ambon?",
        "id": "Siapa memimpin rapat di Ambon?",
        "ru": "Кто вёл встречу в Амбоне?",
    }
    assert alone(question) == question
    assert alone(question, earlier[language], "Siti Rahma. [1]") == question
    assert condense(Question(question=question)).language == language


@pytest.mark.parametrize(
    ("history", "question", "holds"),
    [
        (("Who is Igor Morgulov?", "A deputy minister."), "What did he say?", "Igor Morgulov"),
        (("Who is Igor Morgulov?", "A deputy minister."), "And his title?", "Igor Morgulov's"),
        (("Who led the meeting?", "It was led by Siti Rahma."), "How old is she?", "Siti Rahma"),
        (("Siapa Igor Morgulov?", "Wakil menteri."), "Apa jabatannya?", "Igor Morgulov"),
        (("Siapa Igor Morgulov?", "Wakil menteri."), "Apa yang dia katakan?", "Igor Morgulov"),
        (("Кто такой Игорь Моргулов?", "Заместитель министра."), "Что он сказал?", "Игорь Моргулов"),
        (("Who led the delegation?", "Igor Morgulov did."), "Что он сказал?", "Igor Morgulov"),
    ],
)
def test_a_pronoun_is_replaced_by_the_person_spoken_of(history: tuple[str, ...], question: str, holds: str) -> None:
    assert holds in alone(question, *history)


@pytest.mark.parametrize(
    ("before", "question", "kept", "asked"),
    [
        ("How large was trade with Russia?", "And with Norway?", "trade", "Norway"),
        ("How large was trade with Russia?", "What about Norway?", "trade", "Norway"),
        ("Berapa nilai perdagangan dengan Rusia?", "Kalau Norwegia?", "perdagangan", "Norwegia"),
        ("Berapa nilai perdagangan dengan Rusia?", "Bagaimana dengan investasi?", "Rusia", "investasi"),
        ("Каков объём торговли с Россией?", "А с Норвегией?", "торговли", "Норвегией"),
        ("Who led the meeting in Ambon?", "When?", "meeting in Ambon", "When"),
        ("Siapa yang memimpin rapat di Ambon?", "Kapan?", "rapat di Ambon", "Kapan"),
        ("Кто вёл встречу в Амбоне?", "А когда?", "встречу в Амбоне", "когда"),
    ],
)
def test_an_ellipsis_gets_what_it_leaves_out(before: str, question: str, kept: str, asked: str) -> None:
    standing = alone(question, before, "…")
    assert kept in standing and asked.casefold() in standing.casefold()


@pytest.mark.parametrize("question", ["Tanggal berapa pertemuannya?", "Berapa orang semuanya?"])
def test_a_thing_or_a_number_is_not_the_last_persons(question: str) -> None:
    assert alone(question, "Siapa Igor Morgulov?", "Wakil menteri.").startswith(
        question.rstrip("?")
    )  # not "pertemuan Igor"


def test_another_time_takes_the_place_of_the_one_asked_about_before() -> None:
    standing = alone("Berapa tahun ini?", "Berapa nilai perdagangan tahun lalu?", "…")
    assert "perdagangan" in standing and "tahun lalu" not in standing


def test_follow_ups_of_follow_ups_keep_the_topic() -> None:
    standing = alone("And with Chile?", "How large was trade with Russia?", "…", "And with Norway?", "…")
    assert "trade" in standing and "Chile" in standing


def test_what_the_assistant_said_is_no_topic_of_its_own() -> None:
    assert "43" not in alone("And when?", "Who led the meeting?", "Siti Rahma, 43, of Oslo.")


def test_a_question_is_read_in_its_own_language_whatever_the_answers() -> None:
    assert condense(Question(question="Who led the meeting?", language="id")).language == "en"


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("By the way, who led it?", "who led it?"),
        ("Ganti topik. Siapa yang memimpin?", "Siapa yang memimpin?"),
        ("Good morning! Could you tell me who led it?", "who led it?"),
        ("Mohon info, siapa yang memimpin?", "siapa yang memimpin?"),
        ("Добрый день! Не подскажете, кто вёл встречу?", "кто вёл встречу?"),
        ("No, I mean who led it?", "who led it?"),
    ],
)
def test_what_is_said_before_a_question_is_left_out(said: str, question: str) -> None:
    assert alone(said) == question


def test_russian_in_latin_letters_is_read_as_russian() -> None:
    asked = condense(Question(question="kto i kogda vel etu vstrechu na Bali?"))
    assert asked.language == "ru"
    assert "кто" in asked.text


def asked(question: str, *history: str) -> Analysis:
    turns = tuple(Turn(role="assistant" if n % 2 else "user", content=said) for n, said in enumerate(history))
    return condense(Question(question=question, history=turns))


def test_what_is_carried_over_is_told_from_what_is_asked() -> None:
    found = asked("And investment?", "How large was trade with Russia?", "…")
    assert [token.text for token in found.carried] == ["trade", "Russia"]
    assert "investment" in {token.text for token in found.content} - {token.text for token in found.carried}


@pytest.mark.parametrize(
    ("question", "before"),
    [
        ("Another question: who led the meeting?", "How large was trade?"),
        ("Soal lain: rapat itu di mana?", "Berapa nilai perdagangan?"),
        ("Другой вопрос: где это было?", "Каков объём торговли?"),
    ],
)
def test_a_change_of_subject_leaves_the_old_one_behind(question: str, before: str) -> None:
    assert asked(question, before, "…").carried == ()
    assert asked(question, before, "…").text == asked(question).text


@pytest.mark.parametrize(
    ("talk", "language"), [("Thanks, that helps!", "en"), ("ok", "en"), ("Спасибо!", "ru"), ("oke makasih", "id")]
)
def test_small_talk_is_no_follow_up_and_no_topic(talk: str, language: str) -> None:
    assert alone(talk, "How large was trade with Russia?", "…") == talk
    after = asked("And with Norway?", "How large was trade with Russia?", "…", talk, "You are welcome.")
    assert "trade" in after.text


def test_sentences_around_a_question_only_say_what_it_is_about() -> None:
    found = asked("I am writing a note on fisheries: who led the meeting? I need it today.")
    assert {token.text for token in found.carried} == {"writing", "note", "fisheries", "today"}


def test_a_word_that_no_language_knows_is_read_in_the_one_spoken_before() -> None:
    assert asked("Zzzxq?", "Siapa yang memimpin rapat?", "…").language == "id"
    assert asked("Zzzxq?").language == "en"


def test_the_words_quoted_in_the_last_answer_go_along() -> None:
    answer = "The source says: “Rahma opened “the port” in Ambon.” [1]\n\n“She \\[also\\] spoke.” [2]"
    found = asked("And when?", "Who opened the port?", answer)
    assert found.answered == ("Rahma opened “the port” in Ambon.", "She [also] spoke.")
    assert asked("Who opened the harbour of Norway in 2019?", "Who opened the port?", answer).answered == ()


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Good practices are which?", "Good practices are which?"),  # no aside without a mark after it
        ("Good. Which practices?", "Which practices?"),
        ("Fine. Back to the harbour: when did it open?", "the harbour: when did it open?"),
    ],
)
def test_a_word_before_a_question_is_an_aside_only_with_a_mark_after_it(question: str, kept: str) -> None:
    assert alone(question) == kept


def test_a_russian_she_is_nobody_whose_name_is_a_mans() -> None:
    assert "неё" in alone("Какой у неё срок?", "Что сказал Таварес о роли Индонезии?", "…")
    assert "Рахма" in alone("Что она сказала?", "Кто такая Сити Рахма?", "…")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("My pupils want to know something, who chaired the harbour talks?", {"pupils"}),
        ("Anak saya bertanya, siapa yang memimpin rapat pelabuhan?", {"Anak", "bertanya"}),
        ("I teach geography at a school. In which town was the harbour?", {"teach", "geography", "school"}),
        ("Who chaired it, in the harbour town, last week?", set()),
    ],
)
def test_what_the_asker_says_of_themselves_is_told_from_what_is_asked(question: str, said: set[str]) -> None:
    carried = {token.text for token in asked(question).carried}
    assert said <= carried
    assert not carried & {"harbour", "pelabuhan", "chaired", "memimpin"}


def test_a_denial_in_what_the_asker_says_of_themselves_denies_nothing_asked() -> None:
    assert not asked("I do not know this subject. Who chaired the talks?").negated
    assert asked("Who did not come?").negated


@pytest.mark.parametrize(
    ("before", "question", "standing"),
    [
        ("How large was trade with Russia in 2018?", "And with Norway?", "How large was trade with Norway in 2018?"),
        ("How large was trade with Russia in 2018?", "And in 2016?", "How large was trade with Russia in 2016?"),
        ("Berapa nilai perdagangan dengan Rusia?", "Kalau Norwegia?", "Berapa nilai perdagangan dengan Norwegia?"),
        ("Где прошёл третий саммит лидеров?", "А четвёртый?", "Где прошёл четвёртый саммит лидеров?"),
        ("Кто приехал от Вьетнама?", "А от России?", "Кто приехал от России?"),
        ("What happened in November 2018?", "And in 2017?", "What happened in November 2017?"),
        ("How large was trade last year?", "And in 2017?", "How large was trade in 2017?"),
        ("Сколько было в 2018 году туристов?", "А в 2017 году?", "Сколько было в 2017 году туристов?"),
        ("Berapa nilai perdagangan tahun lalu?", "Kalau tahun 2017?", "Berapa nilai perdagangan tahun 2017?"),
        ("Where was the 3rd summit held?", "And the second one?", "Where was the second summit held?"),
        ("Who spoke in Bergen?", "And the one in Singapore?", "Who spoke in Singapore?"),
        (
            "Who chaired the ASEAN-India meeting?",
            "No, I meant the one with Russia",
            "Who chaired the ASEAN-Russia meeting?",
        ),
        ("Kapan pertemuan di Bergen?", "Kalau yang di Singapura?", "Kapan pertemuan di Singapura?"),
        ("How large was trade in 2018?", "And before 2017?", "How large was trade before 2017?"),
        ("How large was trade in 2018?", "And last year?", "How large was trade last year?"),
        ("Berapa perdagangan pada tahun 2018?", "Kalau tahun lalu?", "Berapa perdagangan tahun lalu?"),
        ("Сколько приехало туристов за 2018 год?", "А в 2017 году?", "Сколько приехало туристов в 2017 году?"),
        ("Сколько туристов было в 2018 году?", "А в прошлом году?", "Сколько туристов было в прошлом году?"),
        ("What did Tavares say about Morgulov?", "And about Putin?", "What did Tavares say about Putin?"),
        ("Where did President Putin speak?", "And Lavrov?", "Where did Lavrov speak?"),
        ("Năm 2018 thương mại với Nga là bao nhiêu?", "Còn với Chile?", "Năm 2018 thương mại với Chile là bao nhiêu?"),
        ("Why did Ana Peeters leave?", "And Siti Rahma?", "Why did Siti Rahma leave?"),
        ("Apa jabatan Ana Peeters?", "Kalau Siti Rahma, jabatannya?", "Apa jabatan Siti Rahma?"),
        ("What is the title of Ana Peeters?", "And the title of Siti Rahma?", "What is the title of Siti Rahma?"),
        ("Какая должность у Моргулова?", "А должность Тавареса?", "Какая должность у Тавареса?"),
        ("Какая должность у Моргулова?", "А у Тавареса какая должность?", "Какая должность у Тавареса?"),
        ("How large was trade in 2018?", "And trade in 2017?", "How large was trade in 2017?"),
        ("What was the date of the meeting?", "And the place?", "What was the place of the meeting?"),
        ("What was the goal of the meeting?", "And the result?", "What was the result of the meeting?"),
    ],
)
def test_what_a_follow_up_names_takes_the_place_of_its_like(before: str, question: str, standing: str) -> None:
    found = asked(question, before, "…")
    assert found.text == standing
    assert found.carried, "what was asked before only says what it is about"


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("How large was trade with Russia and with Chile?", "And with Norway?"),  # which of the two is not told
        ("How large was trade with Russia?", "And in Norway?"),
        ("How large was trade with Russia?", "And with northern Norway?"),
        ("What happened in 2018?", "And in Norway?"),  # a country takes no year's place
        ("What did Siti Rahma say of Ana Peeters?", "And Morgulov?"),
        ("Who chaired the India talks?", "And not Norway?"),
        ("When was the third meeting?", "And after the third?"),
        ("What happened before the third meeting?", "And after the fourth?"),
        ("Who chaired the meeting in Kuta?", "And Morgulov?"),
        ("I am Anna. Who chaired the meeting?", "And Morgulov?"),  # the asker goes on to be Anna
        ("What happened on 19 February 2019?", "And in March?"),
        ("What does Agenda 2030 say?", "And in 2019?"),
        ("What did Tavares say?", "And Morgulov, please?"),
        ("Who is the coordinator for 2018-2021?", "And for 2022?"),
        ("When was the meeting?", "And the place?"),  # "when" asks for no place
        ("How much was exported to Russia?", "And exports from Norway?"),
        ("When was the meeting in Bergen?", "And the Singapore meeting?"),
        ("Who is the coordinator of Norway?", "And the coordinator before Norway?"),
        ("Did they name the date of the meeting?", "And the place?"),
    ],
)
def test_where_it_is_not_plain_what_is_replaced_nothing_is(before: str, question: str) -> None:
    assert alone(question, before, "…").startswith(before.rstrip("?"))


def test_a_bare_name_is_in_the_language_of_the_question_before() -> None:
    assert asked("Norway?", "How large was trade with Russia?", "…").language == "en"


def test_whoever_asks_whether_it_was_somebody_means_nobody_else() -> None:
    assert "in Tavares" not in alone("Was it Tavares?", "Who chaired the meeting in Kuta?", "…")
    assert "against Russia" not in alone("Was it Russia?", "Who won against Norway?", "…")


def test_a_whole_question_for_yes_or_no_takes_nothing_from_the_one_before() -> None:
    assert alone("Was there an agreement with Norway?", "How large was trade in 2018?", "…").endswith("with Norway?")


def test_a_question_of_its_own_is_not_read_into_the_one_before() -> None:
    standing = alone("And who led the one in Kuta?", "Where was the fifteenth meeting?", "…")
    assert standing.startswith("And who led the one in Kuta (") and "Where" not in standing
    assert "Brunei" not in alone("And who came from Laos?", "Who came from Brunei?", "…")  # one country, not two


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("Кто вёл встречу в Куте?", "Сколько ему лет?"),
        ("Who led the meeting in Kuta?", "How old is he?"),
        ("Siapa Igor Morgulov?", "Caranya gimana?"),
    ],
)
def test_a_place_or_a_way_is_nobodys(before: str, question: str) -> None:
    standing = alone(question, before, "…")
    assert standing.startswith(question.rstrip("?")), standing


def test_an_owner_named_before_is_put_in_without_his_ending() -> None:
    assert alone("What did he say?", "What is Igor Morgulov's post?", "…") == "What did Igor Morgulov say?"


def test_contracted_words_are_closed_class_words() -> None:
    found = asked("Who's the chair and what’s his post?")
    assert found.asks == "person"
    assert {token.text for token in found.content} == {"chair", "post"}


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("No wait, who led it?", "who led it?"),
        ("Нет, кто вёл встречу?", "кто вёл встречу?"),
        ("Bukan, siapa yang memimpin?", "siapa yang memimpin?"),
        ("No country signed it?", "No country signed it?"),
        ("Нет ли других участников?", "Нет ли других участников?"),
    ],
)
def test_a_denial_is_an_aside_only_with_a_mark_after_it(said: str, question: str) -> None:
    assert alone(said) == question
