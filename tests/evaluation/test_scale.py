"""The sources of evals/invented.py, its stand-in vectors, and a measurement of a tiny index by evals/scale.py."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from assistant.index.ingest import ingest
from assistant.text.sentences import split
from evals import folder
from evals.invented import (
    IDENTITY,
    SENTENCES,
    Base,
    another,
    base_sentences,
    frame,
    made_sources,
    moved_vectors,
    write_seeds,
)
from evals.scale import WARM_UP, Measured, measure, questions, table
from evals.times import Time
from tests.index.fakes import FakeEmbeddings

BASE = [
    Base("The board met in Kuta on 12 March 2019.", "en", ("The board met in Kuta on 12 March 2019.",)),
    Base("Jose Tavares said that 14 ports were open.", "en", ("Jose Tavares said that 14 ports were open.",)),
    Base("Совет собрался в Куте в 2019 году.", "ru", ("Совет собрался в Куте в 2019 году.",)),
]


def test_another_sentence_has_other_names_and_digits_and_the_same_words() -> None:
    made = another(BASE[1], ["Badoki"], np.random.default_rng(1))
    assert "Tavares" not in made and "14" not in made and "Badoki" in made
    assert frame(made) == frame(BASE[1].text) == "said that ports were open"
    assert len(split(made)) == 1


def test_sources_are_the_same_every_time_and_have_as_many_sentences() -> None:
    made = list(made_sources(BASE, 100))
    assert made == list(made_sources(BASE, 100))
    assert {language for _, language in made} <= {"en", "ru"}
    assert [len(split(text)) for text, _ in made] == [SENTENCES, SENTENCES, 100 - 2 * SENTENCES]
    assert len({text for text, _ in made}) == 3


def test_the_real_sentences_make_about_as_many_and_nearly_all_are_known() -> None:
    base = base_sentences()
    known = {frame(text) for each in base for text in (each.text, *each.clauses)}
    texts = [text for text, _ in islice(made_sources(base, 400), 10)]
    found = [text[a:b] for text in texts for each in split(text) for a, b in [(each.start, each.end), *each.clauses]]
    assert np.mean([frame(text) in known for text in found]) > 0.95
    assert sum(len(split(text)) for text in texts) == pytest.approx(400, rel=0.1)


def test_a_vector_is_near_to_that_of_the_text_it_was_made_from() -> None:
    real = FakeEmbeddings()
    moved = moved_vectors(BASE, real)
    one, same, other = moved.embed_documents(
        ["Badoki said that 99 ports were open.", "Badoki said that 99 ports were open.", "?"]
    )
    near = np.array(real.embed_documents([BASE[1].text])[0])
    assert one == same != other
    assert np.linalg.norm(one) == pytest.approx(1)
    assert np.array(one) @ near / np.linalg.norm(near) > 0.8
    assert moved.embed_query("Who?") == real.embed_query("Who?")
    assert moved.spent.clock > 0


def test_a_tiny_index_is_measured(tmp_path: Path) -> None:
    write_seeds(tmp_path / "seeds", BASE, 60)
    asked = questions(WARM_UP + 4)
    assert len(asked) == len(set(asked)) == WARM_UP + 4
    embeddings = moved_vectors(BASE, FakeEmbeddings())
    ingest(tmp_path / "seeds", tmp_path / "index", embeddings, IDENTITY)
    found = measure(tmp_path / "index", embeddings, asked, 2, tmp_path / "p")
    assert found.sentences == 60 and len(found.total) == len(found.embedding) == len(found.rest) == 4
    assert found.memory > 10
    assert all(whole.clock > part.clock > 0 for whole, part in zip(found.total, found.embedding, strict=True))
    assert (tmp_path / "p").stat().st_size


def test_a_folder_of_small_files_is_measured(tmp_path: Path) -> None:
    folder.write_files(tmp_path / "seeds", BASE, 20)
    assert len(list((tmp_path / "seeds").iterdir())) == 20
    added, *timed = folder.measure(tmp_path / "seeds", tmp_path / "index", FakeEmbeddings())
    assert added.startswith("20 files added")
    assert [line.partition(":")[0] for line in timed] == ["first ingest", "is it current", "ingest of one changed"]


def test_the_table_has_medians_and_what_is_left_without_embedding() -> None:
    found = Measured(
        1_020, (Time(30, 28), Time(40, 30)), (Time(20, 20), Time(20, 20)), (Time(10, 8), Time(20, 10)), 150.2
    )
    assert table([found]).splitlines()[-1] == (
        "| 1,020 | 2 | 35.0 / 39.5 | 20.0 / 20.0 | 15.0 / 19.5 | 20.0 / 20.0 | 9.0 / 9.9 | 150 |"
    )


def test_the_least_of_several_times_counts() -> None:
    assert Time.least([Time(3, 1), Time(2, 4)]) == Time(2, 1)
