"""Questions taken apart: what kind of answer is asked for, and about what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.lexicon import LANGUAGES
from assistant.text.questions import ASKS, Analysis, analyse

from .asked import misread
from .strategies import ANY_TEXT

KINDS = {
    "person": [("Who led the meeting?", "en"), ("Siapa yang memimpin rapat?", "id"), ("Кто вёл встречу?", "ru"),
        ("谁主持会议？", "zh")],
    "place": [("Where was it held?", "en"), ("Di mana rapat diadakan?", "id"), ("Где прошла встреча?", "ru"),
        ("ประชุมที่ไหน", "th")],
    "date": [("When did they meet?", "en"), ("Kapan mereka bertemu?", "id"), ("Когда они встретились?", "ru"),
        ("Kailan ang pulong?", "fil")],
    "year": [("In what year did they meet?", "en"), ("Tahun berapa rapat itu?", "id"),
        ("В каком году прошла встреча?", "ru")],
    "number": [("How many officials came?", "en"), ("Berapa pejabat yang hadir?", "id"),
        ("Сколько чиновников приехало?", "ru")],
    "share": [("What share of trade was oil?", "en"), ("Berapa persen dari perdagangan itu minyak?", "id"),
        ("Какая доля торговли приходится на нефть?", "ru")],
    "duration": [("How long did it last?", "en"), ("Berapa lama rapat itu?", "id"),
        ("Сколько лет длится сотрудничество?", "ru")],
    "day": [("On which day did they meet?", "en"), ("Tanggal berapa rapat itu?", "id"), ("Какого числа прошла встреча?", "ru"),
        ("Họ gặp nhau ngày nào?", "vi"), ("会议在哪一天举行？", "zh")],
    "period": [("For what period was the plan made?", "en"), ("Rencana itu untuk periode apa?", "id"),
        ("На какой период составлен план?", "ru"), ("แผนนี้อยู่ในช่วงเวลาใด", "th")],
    "ordinal": [("Which edition of the fair was it?", "en"), ("Itu rapat keberapa?", "id"), ("Какая по счёту это встреча?", "ru"),
        ("Đây là hội nghị lần thứ mấy?", "vi"), ("第几届会议？", "zh")],
    "age": [("How old is the minister?", "en"), ("Berapa umur menteri itu?", "id"), ("Какой возраст министра?", "ru")],
    "country": [("Which country chaired it?", "en"), ("Negara mana yang memimpin?", "id"),
        ("Какая страна председательствовала?", "ru")],
    "reason": [("Why was it held?", "en"), ("Mengapa rapat diadakan?", "id"), ("Почему провели встречу?", "ru")],
    "manner": [("How was it decided?", "en"), ("Bagaimana keputusan diambil?", "id"), ("Как приняли решение?", "ru")],
    "": [("Name the goods.", "en"), ("Sebutkan barangnya.", "id"), ("Назовите товары.", "ru")],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "question", "language"), [(k, *case) for k, cases in KINDS.items() for case in cases])
def test_question_words_tell_the_kind_of_answer(kind: str, question: str, language: str) -> None:
    assert analyse(question, language).asks == kind


def test_every_kind_is_asked_for_above() -> None:
    assert set(KINDS) == {*ASKS, ""}


@given(text=ANY_TEXT, language=st.sampled_from([*LANGUAGES, "de"]))
def test_any_text_is_taken_apart_into_its_own_words(text: str, language: str) -> None:
    asked = analyse(text, language)
    assert asked.text == text and asked.asks in (*ASKS, "")
    assert all(text[token.start : token.end] == token.text for token in asked.content)
    assert all(token.kind != "function" for token in asked.content)
    assert set(asked.focus) <= set(asked.content) and set(asked.names) <= set(asked.content)
    assert all(0 <= a < b <= len(text) for a, b in asked.spans)
    assert not any(
        a < t.end and t.start < b and a <= t.start and t.end <= b for t in asked.content for a, b in asked.spans
    )


@pytest.mark.parametrize(
    ("question", "language", "focus"),
    [
        ("How many officials met in Kuta?", "en", "officials"),
        ("Which goods were traded?", "en", "goods"),
        ("Barang apa yang dijual?", "id", "Barang"),
        ("Berapa kapal yang hadir di Kuta?", "id", "kapal"),
        ("Сколько чиновников приехало?", "ru", "чиновников"),
    ],
)
def test_the_thing_asked_for_stands_beside_the_question_word(question: str, language: str, focus: str) -> None:
    assert [token.text for token in analyse(question, language).focus] == [focus]


def test_questions_of_order_are_noticed() -> None:
    asked = {
        ("What happened after the vote?", "en"): True, ("Apa yang terjadi setelah rapat?", "id"): True,
        ("Что было до встречи? После чего?", "ru"): True, ("What happened in Kuta?", "en"): False,
    }  # fmt: skip
    assert misread(asked, "ordered") == []


def test_pronouns_and_openings_of_follow_ups_are_noticed() -> None:
    def told(asked: Analysis) -> tuple[tuple[str, ...], str]:
        return asked.pronouns, asked.opens_with

    assert told(analyse("And what did he say?", "en")) == (("he",), "and")
    assert told(analyse("Kalau Rusia?", "id")) == ((), "kalau")
    assert told(analyse("А когда он приехал?", "ru")) == (("он",), "а")
    assert told(analyse("Andalas sent ministers?", "en")) == ((), "")


@pytest.mark.parametrize(
    ("right", "wrong"), [("terrorism", "terorism"), ("cooperation", "coperation"), ("investment", "investmant")]
)
def test_a_misspelt_word_is_still_found_by_its_concept(right: str, wrong: str) -> None:
    (meant,) = analyse(f"the {right}?", "en").content
    (typed,) = analyse(f"the {wrong}?", "en").content
    assert typed.text == wrong
    assert meant.concepts & (typed.parts | typed.keys)


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("Which ASEAN country got the biggest slice?", "en", "country"),
        ("Negara ASEAN mana yang terbesar?", "id", "country"),
        ("В какой азиатской стране прошёл саммит?", "ru", "country"),
        ("What is the total value?", "en", "number"),
        ("umur beliau sekarang berapa", "id", "age"),
        ("Which goods are traded?", "en", ""),
    ],
)
def test_the_noun_beside_which_tells_the_kind(question: str, language: str, kind: str) -> None:
    assert analyse(question, language).asks == kind


@pytest.mark.parametrize(
    ("question", "language", "superlative"),
    [
        ("Which country traded most?", "en", True),
        ("Negara mana yang terbesar?", "id", True),
        ("Кто самый старший?", "ru", True),
        ("谁最大？", "zh", True),
        ("What is the main topic?", "en", False),
        ("Кто старший?", "ru", False),
    ],
)
def test_superlatives_are_seen(question: str, language: str, superlative: bool) -> None:
    assert analyse(question, language).superlative is superlative


def test_until_when_is_not_before_what() -> None:
    assert not analyse("До какого года действует план?", "ru").ordered
    assert analyse("Кто был до него?", "ru").ordered


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("За какой именно год приведены данные?", "ru", "year"),
        ("In which country, and in what month, was it held?", "en", "date"),  # the first of the kinds
        ("What made trade fall?", "en", "reason"),
        ("Чем объясняется падение торговли?", "ru", "reason"),
        ("rapatnya dmn", "id", "place"),
        ("Rahma bilang apa soal itu?", "id", ""),  # the stem of "bilangan", a number
    ],
)
def test_kinds_are_told_in_the_words_of_every_day(question: str, language: str, kind: str) -> None:
    assert analyse(question, language).asks == kind


@pytest.mark.parametrize(
    ("question", "ordered"),
    [
        ("Что даст повышение партнёрства до стратегического?", False),
        ("Кто руководил до Рахмы?", True),
    ],
)
def test_up_to_a_level_is_no_order(question: str, ordered: bool) -> None:
    assert analyse(question, "ru").ordered is ordered


@pytest.mark.parametrize(
    ("question", "language", "own"),
    [
        ("Who gains more, in your opinion?", "en", True),
        ("Как по-вашему, кому это выгоднее?", "ru", True),
        ("Menurutmu siapa yang lebih untung?", "id", True),
        ("你认为谁更好？", "zh", True),
        ("Is it, in your own assessment, a good deal?", "en", True),
        ("Apakah anda setuju dengan usul itu?", "id", True),
        ("Какова ваша оценка договора?", "ru", True),
        ("你怎么看这份协议？", "zh", True),
        ("Who gains more?", "en", False),
        ("What is the board's assessment?", "en", False),
    ],
)
def test_the_view_of_whoever_is_asked_is_told(question: str, language: str, own: bool) -> None:
    assert analyse(question, language).own_view is own


def test_what_a_summary_is_wanted_of() -> None:
    assert [token.text for token in analyse("Summarise the harbour meeting briefly", "en").retold] == [
        "harbour",
        "meeting",
    ]
    assert analyse("When was the harbour summary written?", "en").retold == ()
    assert analyse("The harbour meeting", "en").retold == ()
    assert analyse("SOM itu singkatan dari apa?", "id").retold == ()  # "singkat" is short


@pytest.mark.parametrize(
    ("question", "language", "stands"),
    [
        ("What did Moscow pledge?", "en", True), ("What was said in Moscow?", "en", False),
        ("Что обещала Москва?", "ru", True), ("Что сказали в Москве?", "ru", False),
        ("Apa yang dijanjikan Moskow?", "id", True), ("Apa yang dibahas di Moskow?", "id", False),
    ],
)  # fmt: skip
def test_a_capital_stands_for_its_government_but_where_it_is_a_place(
    question: str, language: str, stands: bool
) -> None:
    assert any("c_country_ru" in token.parts for token in analyse(question, language).content) is stands


@pytest.mark.parametrize(
    ("question", "language", "asks"),
    [
        ("tanggl berapa rapat itu?", "id", "day"),
        ("How logn did it last?", "en", "duration"),
        ("Кагда они встретились?", "ru", "date"),
    ],
)
def test_a_question_word_with_a_slip_still_asks(question: str, language: str, asks: str) -> None:
    assert analyse(question, language).asks == asks


def test_the_name_of_what_somebody_did_is_nobodys_name() -> None:
    assert analyse("What is the name of the leader?", "en").by_name
    assert not analyse("What is the name of what the leaders adopted?", "en").by_name


@pytest.mark.parametrize(
    ("question", "language", "largest"),
    [
        ("Which were the top exports?", "en", True),
        ("Did top officials come?", "en", False),
        ("Siapa pejabat tinggi terbaik?", "id", True),
    ],
)
def test_a_superlative_within_a_known_phrase_is_none(question: str, language: str, largest: bool) -> None:
    assert analyse(question, language).superlative is largest


def test_a_clause_after_a_comma_asks_nothing() -> None:
    assert analyse("Siapa yang menuai hasil, bila panen sudah selesai?", "id").asks == "person"
    assert analyse("Who gains, when it is over?", "en").asks == "person"


@pytest.mark.parametrize(
    ("question", "language", "ordered"),
    [
        ("When is the next summit?", "en", True),
        ("Siapa yang memimpin rapat sebelumnya?", "id", True),
        ("Где пройдёт следующий саммит?", "ru", True),
        ("What was sold next year?", "en", False),
    ],
)
def test_the_next_meeting_orders_and_a_time_does_not(question: str, language: str, ordered: bool) -> None:
    assert analyse(question, language).ordered is ordered


def parts(question: str, language: str, word: str) -> frozenset[str]:
    """What is added to a word of a question that nothing else is known of."""
    (token,) = (token for token in analyse(question, language).content if token.text == word)
    return token.parts


@pytest.mark.parametrize(
    ("question", "yes_no"),
    [
        ("Do members have a vote?", True),
        ("Was the harbour closed?", True),
        ("Were did the harbour council meet?", False),  # a slip of "where"
    ],
)
def test_two_verbs_that_open_a_question_are_a_slip_of_its_question_word(question: str, yes_no: bool) -> None:
    assert analyse(question, "en").yes_no is yes_no


def test_a_question_without_spaces_wants_no_view_and_no_name_where_it_says_none() -> None:
    found = analyse("谁主持会议？", "zh")
    assert not found.own_view and not found.by_name and not found.yes_no


def test_a_name_asked_of_a_thing_is_nobodys_name_whoever_stands_before_it() -> None:
    assert not analyse("Did the leader choose the name of the ship?", "en").by_name


@pytest.mark.parametrize(
    ("question", "spans"),
    [
        ("谁在哪里主持会议？", ["哪里", "谁"]),
        ("谁何时主持会议？", ["何时", "谁"]),
        ("何时谁主持会议？", ["何时", "谁"]),
        ("合作持续多少年？", ["多少年"]),  # and not "多少" in it
    ],
)
def test_each_question_word_without_spaces_is_found_the_longest_at_its_place(question: str, spans: list[str]) -> None:
    assert [question[a:b] for a, b in analyse(question, "zh").spans] == spans


@pytest.mark.parametrize(
    ("question", "language", "focus"),
    [
        ("In Kuta which goods were sold?", "en", "goods"),  # as near on both sides: the one after it
        ("In Kuta, how many officials met?", "en", "officials"),
        ("Barang apakah yang dijual?", "id", "Barang"),
        ("有多少官员出席？", "zh", "官员"),
        ("官员多少？", "zh", "官员"),
        ("多少船只运来多少粮食？", "zh", "船"),  # of a word said twice the first
    ],
)
def test_the_word_nearest_to_the_question_word_is_asked_for(question: str, language: str, focus: str) -> None:
    assert [token.text for token in analyse(question, language).focus] == [focus]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("船队停靠哪些城市？", "place"),
        ("哪些城市派代表团参加了哪些会议？", "place"),  # by the first "which"
    ],
)
def test_the_noun_right_after_which_without_spaces_tells_the_kind(question: str, kind: str) -> None:
    assert analyse(question, "zh").asks == kind


def test_a_verb_that_is_spelt_like_a_capital_stands_for_no_government() -> None:
    assert parts("Что обещает Манила?", "ru", "Манила") == {"c_country_ph"}
    assert not parts("Чем гавань манила моряков?", "ru", "манила")  # lured


@pytest.mark.parametrize(
    ("question", "language", "word", "meant"),
    [
        ("Berapa nilai perdagngan itu?", "id", "perdagngan", "c_trade"),
        ("Сколько составила торгволя?", "ru", "торгволя", "c_trade"),
        ("What did Indonsia promise?", "en", "Indonsia", "c_country_id"),
        ("Что обещает Philipines?", "ru", "Philipines", "c_country_ph"),  # by its English name
    ],
)
def test_a_misspelt_word_or_country_is_known_in_every_language(
    question: str, language: str, word: str, meant: str
) -> None:
    assert parts(question, language, word) == {meant}


@pytest.mark.parametrize(
    ("question", "opening"),
    [("  And who came?", "and"), ("Ore exports fell when?", ""), ("So, who came?", "so")],
)
def test_the_opening_of_a_follow_up_is_a_whole_word_after_any_space(question: str, opening: str) -> None:
    assert analyse(question, "en").opens_with == opening


@pytest.mark.parametrize(
    ("question", "language", "word"),
    [
        ("What did Indonesia promise?", "en", "Indonesia"),  # known as it is
        ("Siapa yang membeli tablet itu?", "id", "tablet"),  # no slip of the English "table": that is for names only
    ],
)
def test_a_word_that_is_no_slip_is_not_corrected(question: str, language: str, word: str) -> None:
    assert not parts(question, language, word)


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("Which captain who came to Ambon spoke?", "en", ""),  # "who" opens a clause
        ("Что, где и когда решили?", "ru", "place"),  # right after "what" it asks
        ("Barang apa yang dibawa siapa?", "id", "person"),  # Indonesian has another word for the clause
    ],
)
def test_who_and_when_after_what_may_open_a_clause(question: str, language: str, kind: str) -> None:
    assert analyse(question, language).asks == kind


@pytest.mark.parametrize(
    ("question", "language", "focus"),
    [
        ("Which ship carried which goods?", "en", "ship"),
        ("什么船只运来哪些粮食？", "zh", "船"),
        ("港口哪些船只停航？", "zh", "船"),  # and not the harbour on the other side, as near to "哪些"
    ],
)
def test_of_two_words_for_which_the_first_is_the_one(question: str, language: str, focus: str) -> None:
    assert [token.text for token in analyse(question, language).focus] == [focus]
