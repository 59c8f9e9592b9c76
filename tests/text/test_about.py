"""What a question asks of a source itself."""

from __future__ import annotations

import pytest

from assistant.text.about import about_paragraph, about_publisher, about_signature, about_source, reported
from assistant.text.languages import identify
from assistant.text.questions import analyse


@pytest.mark.parametrize(
    ("question", "language", "whole"),
    [
        ("What is the article about?", "en", True),
        ("Summarise the document", "en", True),
        ("Ringkas artikel ini", "id", True),
        ("О чём статья?", "ru", True),
        ("Summarize this", "en", True),
        ("Summarise everything", "en", True),
        ("What is the whole article about?", "en", True),
        ("Summarise the article in one paragraph", "en", True),
        ("Ringkas artikel dalam satu paragraf", "id", True),
        ("Did Rahma summarise the report?", "en", False),
        ("Summarise what was said about trade", "en", False),
        ("What does the article say about terrorism?", "en", False),
        ("Who led the meeting?", "en", False),
        ("Full name of the reporter?", "en", False),
        ("Which newspaper did not publish this?", "en", False),
        ("", "en", False),
    ],
)
def test_questions_about_the_whole_source_are_noticed(question: str, language: str, whole: bool) -> None:
    assert about_source(analyse(question, language)) is whole


@pytest.mark.parametrize(
    ("question", "language", "whole", "signed"),
    [
        ("What is the article about?", "en", True, False),
        ("Which newspaper is this report from?", "en", True, False),
        ("Where was this article written?", "en", True, False),
        ("Di kota mana berita ini ditulis?", "id", True, False),
        ("From which town was this news item filed?", "en", True, False),
        ("Which town is given in the dateline?", "en", True, False),
        ("Berita ini dikirim dari kota mana?", "id", True, False),
        ("Из какого города пришла заметка?", "ru", True, False),
        ("ข่าวนี้ส่งมาจากเมืองอะไร", "th", True, False),
        ("Where will the documents be sent?", "en", False, False),
        ("Dokumen itu dikirim ke mana?", "id", False, False),
        ("Какими инициалами подписана статья?", "ru", False, True),
        ("Where was the meeting that the article is about?", "en", False, False),
        ("Who signed the agreement?", "en", False, False),
    ],
)
def test_questions_about_the_source_itself(question: str, language: str, whole: bool, signed: bool) -> None:
    asked = analyse(question, language)
    assert (about_source(asked), about_signature(asked)) == (whole, signed)


@pytest.mark.parametrize(
    "question",
    ["Who signed this note?", "Какими инициалами подписана заметка?", "inisial wartawan di akhir berita ini apa?"],
)
def test_how_a_source_is_signed_is_asked_in_several_ways(question: str) -> None:
    assert about_signature(analyse(question, identify(question))) is ("Who" not in question)


@pytest.mark.parametrize(
    "question",
    [
        "Which newspaper ran this story?",
        "Which newspaper is this from?",
        "What outlet published this report?",
        "Who published this article?",
        "Koran apa yang memuat berita ini?",
        "Berita ini dari media mana?",
        "Akhbar mana yang menyiarkan berita ini?",
        "Какое издание об этом написало?",
        "Какая газета напечатала эту заметку?",
        "Какое издание написало о гавани?",
        "Tin này là của tờ báo nào?",
        "ข่าวนี้มาจากสื่อไหน",
        "Which newspaper published this report on the harbour?",
    ],
)
def test_who_published_a_source_is_asked(question: str) -> None:
    assert about_publisher(analyse(question, identify(question)))


@pytest.mark.parametrize(
    "question",
    [
        "What do the media say about the harbour?",
        "Which Russian newspaper wrote about this?",
        "Какое российское издание об этом написало?",
        "Who published the list of members?",
        "Who read the newspaper?",
        "Who issued the report?",
        "Which newspaper did not publish this?",
        "Which media attended the meeting?",
        "Media mana yang hadir dalam pertemuan ini?",
        "Какие СМИ присутствовали на встрече?",
        "How many newspapers wrote about it?",
        "Какой тираж у этой газеты?",
        "Siapa penulis berita ini?",
    ],
)
def test_something_else_than_the_publisher_is_asked(question: str) -> None:
    assert not about_publisher(analyse(question, identify(question)))


def test_what_the_source_is_about_is_told_from_who_published_it() -> None:
    asked = analyse("Which newspaper carried this report on the harbour of Ambon?", "en")
    assert [token.text for token in reported(asked)] == ["harbour", "Ambon"]


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("How would you describe the article?", True),
        ("What situation does the article describe?", True),  # a word that says little
        ("What is the artcle about?", True),  # with a slip
        ("Where was the current news item written?", True),
        ("What harbour does the article describe?", False),
    ],
)
def test_words_that_say_little_leave_a_question_one_about_the_source(question: str, whole: bool) -> None:
    assert about_source(analyse(question, "en")) is whole


@pytest.mark.parametrize(
    ("question", "signed"),
    [
        ("What initials sign the document?", True),
        ("Which person's initials are at the end of the report?", True),
        ("What are the author's initials?", True),
        ("What are the initials?", False),  # of no text and of no author
        ("Which documents were signed?", False),  # what the source reports
        ("How is the document signed?", True),
    ],
)
def test_how_a_source_is_signed_is_asked_of_a_text_or_of_its_author(question: str, signed: bool) -> None:
    assert about_signature(analyse(question, "en")) is signed


@pytest.mark.parametrize(
    ("question", "language", "publisher"),
    [
        ("什么 报纸写了这条新闻？", "zh", True),
        ("ข่าวนี้มาจากสื่อ ไหน", "th", True),
        ("Newspapers of what size wrote about this?", "en", False),
    ],
)
def test_the_medium_stands_right_beside_which_but_for_a_space(question: str, language: str, publisher: bool) -> None:
    assert about_publisher(analyse(question, language)) is publisher


def test_a_summary_is_wanted_in_a_misspelt_word_too() -> None:
    assert [token.text for token in analyse("Sumary of the harbour meeting", "en").retold] == ["harbour", "meeting"]


@pytest.mark.parametrize(
    ("question", "language", "which"),
    [
        ("Summarise the second paragraph.", "en", 2),
        ("What is the 3rd paragraph about?", "en", 3),
        ("What does paragraph 4 say?", "en", 4),
        ("Summarize the last paragraph of the article", "en", -1),
        ("Ringkas paragraf kedua", "id", 2),
        ("Apa isi paragraf pertama?", "id", 1),
        ("Apa isi alinea ke-3?", "id", 3),
        ("Перескажи третий абзац", "ru", 3),
        ("О чём последний абзац?", "ru", -1),
        ("总结第二段", "zh", 2),
        ("Tóm tắt đoạn 2", "vi", 2),
        ("Summarise the article in one paragraph", "en", 0),
        ("Give me a two-paragraph summary", "en", 0),
        ("Ringkas artikel dalam satu paragraf", "id", 0),
        ("总结最后一段", "zh", -1),
        ("总结第二阶段", "zh", 0),  # a phase
        ("Ibuod ang ikalawang talata", "fil", 2),
        ("Summarise the paragraph", "en", 0),
        ("Summarise the second document", "en", 0),
        ("Summarise the second paragraph of the treaty", "en", 0),
        ("Who is named in the second paragraph?", "en", 0),
        ("How many paragraphs are there?", "en", 0),
        ("Does the second paragraph say so?", "en", 0),
        ("Which paragraph is the second?", "en", 0),
        (f"Summarise paragraph {'9' * 400}", "en", 0),
        ("Summarise paragraph 99999999999", "en", 99999999999),
        ("", "en", 0),
    ],
)
def test_a_paragraph_is_asked_for_by_its_number(question: str, language: str, which: int) -> None:
    assert about_paragraph(analyse(question, language)) == which
