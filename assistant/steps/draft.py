"""Draft: cuts what a language model writes into sentences as it comes, markers and markup taken out.

A state machine over single characters, so that how the text is cut into chunks cannot matter. A sentence is given out
when it is certain to be over, with the markers that follow it ("... dolar AS. [3]").
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_SENTENCE = 700
"""Code points; a longer stretch without an end is cut."""

_THINK = re.compile(r"<(think|thinking|reasoning)>", re.IGNORECASE)
_THOUGHT = re.compile(r"</(think|thinking|reasoning)>$", re.IGNORECASE)
_LONGEST_TAG = len("</reasoning>")
_UNSPACED_TERMINATORS = "。！？｡॥"
_CLOSERS = "\"'”’»›)」』】）*_`"
_BULLETS = "-*•‣–—"
_CLOSING = {"[": "]", "【": "】"}
_MARKER = re.compile(r"\[\s*\^?(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)[^\]\n]{0,20}\]|【\s*(\d{1,3})[^】\n]{0,20}】")
_MAX_MARKER = 32
_END = re.compile(
    rf"[.!?…؟۔।][{re.escape(_CLOSERS)}]*(?:\s*(?:\[[\d ,;–^-]+\]|【\d[^】]{{0,20}}】))*[{re.escape(_CLOSERS)}]*$"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"«])(?:[^\W\d_]|mr|mrs|ms|dr|drs|prof|st|no|nos|vs|gen|col|sen|gov|ir|jl|jln|dsb|dkk|dll|tgl|hlm|e\.g|i\.e|"
    r"u\.s|u\.k|т\.е|т\.д|т\.п|гг|вв|стр|ул|им|др|см|тыс|млн|млрд|руб|долл|акад|проф|обл|кв)\.$",
    re.IGNORECASE,
)
_ITEM_NUMBER = re.compile(r"(?:^|[;:])\s*\d{1,2}\.$")
_LIST_MARK = re.compile(r"(?:^|(?<=[;:]))\s*(?:(?:[-*•‣–—]|\(?\d{1,2}[.)]|#{1,6}|>)(?:\s+|$))+")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|<!--.*?-->")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`+|~~)(?=\S)(.+?)(?<=\S)\1")
_PREFIX = re.compile(r"^(?:answer|jawaban|ответ|final answer|sentence|kalimat|предложение)\s*:\s*", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A sentence of a draft: its plain text in one line, and the numbers of the passages that its markers named."""

    text: str
    hints: tuple[int, ...] = ()


class Cutter:
    """Feed it the chunks of one draft in order, then `close` it."""

    def __init__(self) -> None:
        self._text = ""  # of the sentence that is being written
        self._over = False  # its end has been seen; what may still belong to it is closing marks, spaces and markers
        self._certain = False  # even a small letter after the end does not mean that it was none
        self._list = False  # it introduces a list, whose items belong to it
        self._marker = ""  # a marker after the end, as far as it has come
        self._tag = ""  # the end of what is thought aloud
        self._thinking = False

    def feed(self, chunk: str) -> list[Drafted]:
        """The sentences that this chunk completes."""
        done: list[Drafted] = []
        for character in chunk:
            self._step(character, done)
        return done

    def close(self) -> list[Drafted]:
        """What was left: the last sentence, whether or not it was ended."""
        done: list[Drafted] = []
        if not self._thinking:
            self._text += self._marker
            self._give(done)
        self._text = self._marker = ""
        return done

    @property
    def ended(self) -> bool:
        """Whether the sentence that is being written has had its end: what is left is no fragment."""
        return self._over or not self._text.strip()

    def _step(self, character: str, done: list[Drafted]) -> None:
        if self._thinking:
            self._tag = (self._tag + character)[-_LONGEST_TAG:]
            if _THOUGHT.search(self._tag):
                self._thinking, self._tag = False, ""
            return
        if character == "\r":
            return
        if self._over:
            self._after_end(character, done)
        else:
            self._within(character, done)
        if (
            character == ">"
            and not self._over
            and (thought := _THINK.search(self._text, max(0, len(self._text) - _LONGEST_TAG)))
        ):
            self._text = self._text[: thought.start()]
            self._thinking = True

    def _within(self, character: str, done: list[Drafted]) -> None:
        if character == "\n":
            self._line_end()
        elif character.isspace() and self._ends():
            self._text += character
            self._over, self._certain = True, False
        else:
            self._text += character
            if character in _UNSPACED_TERMINATORS or len(self._text) >= MAX_SENTENCE:
                self._over = self._certain = True

    def _line_end(self) -> None:
        self._text += " "
        if self._text.rstrip().endswith(":"):  # what a list is introduced by goes with its items
            self._list = True
        elif self._text.strip():
            self._over = self._certain = True

    def _ends(self) -> bool:
        text = self._text[-80:]
        if not _END.search(text):
            return False
        return not (_ABBREVIATION.search(text) or _ITEM_NUMBER.search(text))

    def _after_end(self, character: str, done: list[Drafted]) -> None:
        if self._marker:
            self._in_marker(character, done)
        elif character in _CLOSING:
            self._marker = character
        elif self._list and character in _BULLETS:
            self._text = self._text.rstrip().rstrip(";,") + "; "
            self._over = False
        elif character.isspace() or (character in _CLOSERS and not self._text[-1:].isspace()):
            self._text += " " if character == "\n" else character
            self._certain = self._certain or character == "\n"
        elif character.islower() and not self._certain:
            self._over = False
            self._text += character
        else:
            self._give(done)
            self._within(character, done)

    def _in_marker(self, character: str, done: list[Drafted]) -> None:
        self._marker += character
        if character == _CLOSING[self._marker[0]]:
            marker, self._marker = self._marker, ""
            if _MARKER.fullmatch(marker):
                self._text += marker
                self._certain = True
            else:
                self._give(done)
                self._text = marker
        elif len(self._marker) > _MAX_MARKER or character == "\n":
            marker, self._marker = self._marker, ""
            self._give(done)
            for each in marker:
                self._within(each, done)

    def _give(self, done: list[Drafted]) -> None:
        if drafted := tidy(self._text):
            done.append(drafted)
        self._text, self._over, self._certain, self._list = "", False, False, False


def tidy(text: str) -> Drafted | None:
    """A sentence without markers, markup and what cannot be seen; None where no letter or digit is left."""
    hints: list[int] = []

    def hint(marker: re.Match[str]) -> str:
        hints.extend(map(int, re.findall(r"\d+", marker[1] or marker[2])))
        return " "

    text = _INVISIBLE.sub("", text)
    text = "".join(c if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs") else "" for c in text)
    text = _LINK.sub(r"\1", text)
    text = _MARKER.sub(hint, text)
    text = _TAG.sub(" ", text)
    text = _LIST_MARK.sub(" ", text)
    for _ in range(3):
        text = _EMPHASIS.sub(r"\2", text)
    text = text.replace("**", "").replace("`", "")
    text = _PREFIX.sub("", text.strip())
    text = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(text.split()))
    return Drafted(text, tuple(dict.fromkeys(hints))) if any(map(str.isalnum, text)) else None
