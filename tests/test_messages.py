"""The words for people: the same keys and variables in every language, and a message for all that the steps say."""

from __future__ import annotations

import ast
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.messages import FALLBACK, catalogue, languages, variables
from assistant.text.languages import identify
from assistant.text.lexicon import LANGUAGES
from assistant.text.questions import ASKS
from assistant.text.smalltalk import INTENTS

PROGRAM = Path(__file__).parents[1] / "assistant"


def tables(language: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads((PROGRAM / "messages" / f"{language}.toml").read_text(encoding="utf-8"))


def calls(name: str) -> Iterator[ast.Call]:
    """The calls of a function or method of that name in the program."""
    for path in PROGRAM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if getattr(called, "id", None) == name or getattr(called, "attr", None) == name:
                assert isinstance(node, ast.Call)
                yield node


def checks() -> set[str]:
    """The names of the checks that the program makes."""
    names = set()
    for call in calls("Check"):
        named = call.args[0] if call.args else next(k.value for k in call.keywords if k.arg == "check")
        assert isinstance(named, ast.Constant), f"line {call.lineno}: the name of a check has to be a literal"
        names.add(str(named.value))
    return names


@pytest.mark.parametrize("language", languages())
def test_keys_and_variables_are_those_of_the_english(language: str) -> None:
    def shape(name: str) -> dict[str, Any]:
        return {
            f"{table}.{key}": sorted(variables(message)) if isinstance(message, str) else type(message).__name__
            for table, messages in tables(name).items()
            for key, message in messages.items()
        }

    assert shape(language) == shape(FALLBACK)


def texts(language: str, value: str = "") -> dict[str, str]:
    """The messages of a language by key, with a value for all their variables."""
    return {
        f"{table}.{key}": re.sub(r"\{\w+\}", value, message)
        for table, messages in tables(language).items()
        for key, message in messages.items()
    }


def scripts(text: str) -> set[str]:
    return {unicodedata.name(character).split()[0] for character in text if character.isalpha()}


def test_every_language_that_is_understood_has_a_catalogue() -> None:
    assert set(languages()) == set(LANGUAGES)


@pytest.mark.parametrize("language", languages())
def test_no_message_is_empty_or_left_in_english(language: str) -> None:
    english, said = texts(FALLBACK), texts(language)
    assert [key for key, message in said.items() if not message.strip()] == []
    alike = [key for key, m in said.items() if m == english[key] and not key.startswith("language.")]
    assert language == FALLBACK or alike == ALIKE.get(language, [])


ALIKE = {"fil": ["login.key"]}
"""Words that a language has from English."""


@pytest.mark.parametrize("language", languages())
def test_a_catalogue_is_written_in_its_own_script(language: str) -> None:
    own = {"ru": "CYRILLIC", "th": "THAI", "zh": "CJK"}.get(language, "LATIN")
    foreign = {key: scripts(m.replace("API", "")) - {own} for key, m in texts(language).items()}
    assert {key: found for key, found in foreign.items() if found} == {}


@pytest.mark.parametrize("language", languages())
def test_a_message_of_some_length_is_in_the_language_of_its_catalogue(language: str) -> None:
    long = {
        key: m for key, m in texts(language).items() if len(m.split()) >= 6 or (len(m) >= 12 and language in "thzh")
    }
    either = {"id", "ms"} if language in ("id", "ms") else {language}  # many sentences are both
    assert len(long) >= 20
    assert {key: told for key, m in long.items() if (told := identify(m)) not in either} == {}


def test_malay_is_not_indonesian() -> None:
    indonesian, malay = (texts(name) for name in ("id", "ms"))
    same = [key for key, message in malay.items() if message == indonesian[key]]
    assert len(same) < 0.35 * len(malay)
    assert [identify(" ".join(said.values())) for said in (indonesian, malay)] == ["id", "ms"]


MARKS = {".": ".", ":": ":", "…": "…"}
ENDS = {"zh": {".": "。", ":": "：", "…": "……"}, "th": {".": "", ":": "", "…": "…"}}
"""How a message ends; Thai has no full stop, and needs no colon after "that"."""


@pytest.mark.parametrize("language", languages())
def test_messages_end_as_the_english_do(language: str) -> None:
    ends = ENDS.get(language, MARKS)
    for key, message in tables(FALLBACK).items():
        for name, english in message.items():
            said = tables(language)[key][name]
            last = ends.get(english[-1], "")
            assert said.endswith(last), f"{key}.{name}"
            if not last or english[-1] not in MARKS:
                assert said[-1] not in ".,;。，；", f"{key}.{name}"


@pytest.mark.parametrize("language", languages())
def test_punctuation_is_that_of_print(language: str) -> None:
    for key, message in texts(language, "x").items():
        assert message == message.strip(), key
        assert not re.search(r"[.]{2}|  |\"| [.,;:!?。，；：]", message), key
        assert message.count("“") == message.count("”"), key
        assert language != "zh" or not re.search(r"[.,;:!?()]", message), key


@pytest.mark.parametrize("language", languages())
def test_languages_have_names_that_differ(language: str) -> None:
    names = tables(language)["language"]
    assert set(names) == {*LANGUAGES, "other"}
    assert len({name.casefold() for name in names.values()}) == len(names)


def test_the_steps_make_checks_that_are_found_here() -> None:
    assert {"absent", "coverage", "probability", "facts"} <= checks()


@pytest.mark.parametrize(
    "name",
    sorted(checks()),
)
def test_every_check_has_a_message_in_every_language(name: str) -> None:
    for language in languages():
        assert "x7x" in catalogue(language).text(f"check.{name}", words="x7x")


@pytest.mark.parametrize(
    "kind",
    ASKS,
)
def test_every_kind_of_answer_has_a_name_in_every_language(kind: str) -> None:
    assert [language for language in languages() if kind not in catalogue(language).table("asks")] == []


@pytest.mark.parametrize("language", languages())
def test_every_intent_and_language_has_its_words(language: str) -> None:
    words = catalogue(language)
    for kind in INTENTS:
        assert words.text(f"smalltalk.{kind}", **({"titles": "x"} if kind == "documents" else {}))
    assert {*LANGUAGES, "other"} <= words.table("language").keys()


def test_every_message_that_is_named_in_full_exists() -> None:
    keys = {
        call.args[0].value
        for call in calls("text")
        if call.args and isinstance(call.args[0], ast.Constant) and "." in str(call.args[0].value)
    }
    known = {f"{table}.{key}" for table, messages in tables(FALLBACK).items() for key in messages}
    assert "refusal.not_in_sources" in keys
    assert keys - known == set()


BY_NAME = (
    "answer.lead", "asks.", "check.", "language.", "llm.", "login.", "page.act_", "page.add_", "page.partial", "page.progress_",
    "page.refused", "page.verified", "smalltalk.",
)  # fmt: skip
"""What messages begin with whose names are put together where they are said."""


def test_every_message_is_said_somewhere() -> None:
    said = "".join(p.read_text(encoding="utf-8") for p in PROGRAM.rglob("*") if p.suffix in (".py", ".js", ".html"))
    idle = [
        f"{table}.{key}"
        for table, messages in tables(FALLBACK).items()
        for key in messages
        if not (f"{table}.{key}".startswith(BY_NAME) or f'"{table}.{key}"' in said)
        and not (table == "page" and re.search(rf"\b(?:words|told)\.{key}\b", said))
        and not (table == "upload" and (f'"{key}"' in said or f"words.upload.{key}" in said))  # why a file is refused
    ]
    assert idle == []
    assert tables(FALLBACK)["check"].keys() == checks()


def test_a_missing_or_unknown_variable_is_named() -> None:
    words = catalogue("en")
    with pytest.raises(KeyError, match="refusal.missing needs words"):
        words.text("refusal.missing")
    with pytest.raises(ValueError, match="refusal.related has no variable nonsense"):
        words.text("refusal.related", nonsense=1)
    with pytest.raises(KeyError, match="no message refusal.nonsense"):
        words.text("refusal.nonsense")
    with pytest.raises(KeyError, match="no message nonsense"):
        words.text("nonsense")


@pytest.mark.parametrize(
    ("tag", "language"), [("id-ID", "id"), ("RU", "ru"), ("zh-Hant-TW", "zh"), ("tl", "fil"), ("de", "en"), ("", "en")]
)
def test_a_language_without_a_catalogue_gets_the_english_words(tag: str, language: str) -> None:
    assert catalogue(tag).language == language
