"""Reading an index: exact offsets, ranking, and reopening while others read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import IndexUnusable
from assistant.index import exact
from assistant.index.exact import ExactVectors
from assistant.index.ingest import IngestReport, ingest
from assistant.index.passages import Passages, PassagesWriter
from assistant.index.store import MATCHED_ROWS, Index, LiveIndex, open_index
from assistant.index.vectors import Record, Vectors
from assistant.text.languages import language_of
from assistant.text.sentences import split
from assistant.text.tokens import index_terms
from assistant.types import Source

from .fakes import IDENTITY, SENTENCES, FakeEmbeddings, start, write_seeds

Run = Callable[..., IngestReport]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def everything(index: Index) -> list[int]:
    return [sentence.number for source_id in index.sources for sentence in index.of_source(source_id)]


def test_sentences_are_consecutive_within_a_source_and_apart_between(run: Run, data: Path) -> None:
    run()
    index = open_index(data, IDENTITY)
    seen: set[int] = set()
    for source_id, source in index.sources.items():
        sentences = index.of_source(source_id)
        numbers = [sentence.number for sentence in sentences]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) == list(index.numbers_of(source_id))
        assert not {numbers[0] - 1, numbers[-1] + 1} & seen
        seen |= set(numbers)
        assert [(each.start, each.end, each.paragraph, each.clauses) for each in sentences] == [
            (each.start, each.end, each.paragraph, each.clauses) for each in split(source.text)
        ]
        assert index.sentences([numbers[0] - 1, numbers[-1] + 1]) == []
    assert index.sentence_count == len(seen)
    assert not index.numbers_of("unknown.txt")
    index.close()


def test_a_sentence_stands_under_what_its_source_opens_with_and_its_heading(run: Run, seeds: Path, data: Path) -> None:
    (seeds / "fees.md").write_text("# Fees\n\n## Stands\n\nThe fee is 40 crowns. Pay on time.")
    run()
    index = open_index(data, IDENTITY)
    title, heading, *rest = index.of_source("fees.md")
    assert (title.under, heading.under) == (((), ()), ((title.number,), ()))
    assert [each.under for each in rest] == [((title.number,), (heading.number,))] * 2
    index.close()


def test_sentences_by_number(run: Run, data: Path) -> None:
    run()
    index = open_index(data, IDENTITY)
    numbers = everything(index)
    wanted = [numbers[3], 10**9, numbers[0], numbers[3], -5]
    for _ in range(2):  # read, then from memory
        assert [sentence.number for sentence in index.sentences(wanted)] == [numbers[3], numbers[0]]
    assert [each.number for each in index.sentences(range(5_000))] == sorted(numbers)
    assert index.of_source("no such") == []
    with pytest.raises(KeyError):
        index.sources["no such"]
    index.close()


def test_nearest_is_the_best_record_of_each_sentence(run: Run, data: Path, embeddings: FakeEmbeddings) -> None:
    run()
    index = open_index(data, IDENTITY)
    numbers = everything(index)
    hits = index.nearest(embeddings.embed_query("Imports of steel fell,"), 100)
    assert sorted(hit.number for hit in hits) == sorted(numbers)
    assert [hit.similarity for hit in hits] == sorted((hit.similarity for hit in hits), reverse=True)
    assert all(-1 <= hit.similarity <= 1 for hit in hits)
    for sentence in index.sentences(numbers):
        source = index.sources[sentence.source_id]
        for a, b in [(sentence.start, sentence.end), *sentence.clauses]:
            best = index.nearest(embeddings.embed_query(source.text[a:b]), 1)[0]
            assert best.number == sentence.number
            assert best.similarity == pytest.approx(1, abs=1e-5)
    assert len(index.nearest([1.0] * 16, 2)) == 2
    assert index.nearest([1.0] * 16, 0) == []
    with pytest.raises(IndexUnusable, match="gives 3 numbers, the index holds 16"):
        index.nearest([1.0] * 3, 1)
    index.close()


def test_matching_and_frequencies(run: Run, data: Path) -> None:
    run()
    index = open_index(data, IDENTITY)
    for number in everything(index):
        sentence = index.sentences([number])[0]
        keys = index_terms(sentence.text, language_of(None, index.sources[sentence.source_id].text))
        scored = index.matching(keys, 100)
        assert scored[0][0] == number
        assert all(score > 0 for _, score in scored)
        assert [score for _, score in scored] == sorted((score for _, score in scored), reverse=True)
        for key, count in index.frequencies(keys).items():
            assert count == len(index.matching([key], 100)) >= 1
    assert index.frequencies(["nowhere", "nowhere"]) == {"nowhere": 0}
    assert index.frequencies([]) == {}
    assert index.matching([], 5) == index.matching(["nowhere"], 5) == index.matching(["", " "], 5) == []
    assert index.matching(["meet", '"', "OR", "NEAR(", "a*b", "keys:x", *map(str, range(3_000))], 3) != []
    index.close()


def test_of_frequent_keys_the_rarest_are_looked_for(tmp_path: Path) -> None:
    said = ["Trade grew."] * MATCHED_ROWS + ["Rice fell.", "Trade of steel grew.", "Steel and trade fell, rice grew."]
    with PassagesWriter(tmp_path) as writer:
        added = writer.add(Source("a.txt", " ".join(said), "a", "", "en"))
    rice, *_, both = added[-3:]
    np.savez(tmp_path / exact.FILE, places=[(0, 0, 11)], vectors=[(1.0, 0.0)])
    index = Index("made", Passages(tmp_path), ExactVectors(tmp_path), 2, lambda: None)
    trade, steel, grain = (index_terms(word, "en")[0] for word in ("trade", "steel", "rice"))
    assert index.matching([trade, steel, grain], 9)[0][0] == both.number
    assert len(index.matching([trade, steel, grain, "nowhere"], 9)) == 3  # none that has nothing but trade
    assert rice.number in dict(index.matching([grain], 9))
    assert len(index.matching([trade], 9)) == 9  # the only key
    index.close()


ODD = [
    "CRLF one.\r\nTwo two.\r\n\r\nThree.\r",
    "\ufeffSecond mark stays. Emoji 👩\u200d👩\u200d👧 here. Flag 🇮🇩 end.",
    "Combining e\u0301 and n\u0303. Hangul \u1112\u1161\u11ab.",
    "\u0645\u0631\u062d\u0628\u0627. \u05e9\u05dc\u05d5\u05dd \u202eabc\u202c.",
    "ประเทศไทย การประชุม",
    "A\u2028B\u0085C\x1cD\x0bE",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1, max_size=3)
)
def test_texts_round_trip_at_exact_offsets(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("odd")
    wanted = {f"{n}.txt": "w" + text for n, text in enumerate([*texts, *ODD])}
    seeds = write_seeds(folder / "seeds", wanted)
    ingest(seeds, folder / "data", FakeEmbeddings(), IDENTITY)
    index = open_index(folder / "data", IDENTITY)
    try:
        assert {source_id: source.text for source_id, source in index.sources.items()} == wanted
        for source_id, text in wanted.items():
            for sentence in index.of_source(source_id):
                assert text[sentence.start : sentence.end] == sentence.text
                keys = list(dict.fromkeys(index_terms(sentence.text, language_of(None, text))))
                assert all(count >= 1 for count in index.frequencies(keys).values())
                assert not keys or sentence.number in [number for number, _ in index.matching(keys, 1_000)]
    finally:
        index.close()


def test_a_text_that_stands_in_thousands_of_records_is_known_beside_others(tmp_path: Path) -> None:
    """More records than are read at a time (Chroma fails where a text has more than 32,766)."""
    same = [Record(number, "a.txt", 0, 5, "Same.", "Same.", True) for number in range(2_500)]
    other = Record(9_000, "b.txt", 0, 6, "Other.", "Other.", True)
    vectors = Vectors(tmp_path, create=True)
    vectors.add([*same, other], {same[0].digest: [1.0, 0.0], other.digest: [0.0, 1.0]})
    digests = [same[0].digest, other.digest, "none"]
    assert vectors.known_digests(digests) == {same[0].digest, other.digest}
    assert vectors.known(digests) == {same[0].digest: [1.0, 0.0], other.digest: [0.0, 1.0]}
    assert vectors.known([]) == {}
    vectors.close()


def test_nothing_to_open(data: Path) -> None:
    with (
        pytest.raises(IndexUnusable, match=r"there is no index in .*; run `assistant ingest`"),
        LiveIndex(data, IDENTITY).open(),
    ):
        pass
    assert not data.exists()


def test_reopens_at_most_once_a_second(run: Run, seeds: Path, data: Path) -> None:
    clock = Clock()
    first = run().snapshot
    live = LiveIndex(data, IDENTITY, clock=clock)
    with live.open() as index:
        assert index.snapshot == first
    write_seeds(seeds, {"new.txt": "Something new."})
    second = run().snapshot
    with live.open() as index:
        assert index.snapshot == first
    clock.now = 1.5
    with live.open() as index:
        assert index.snapshot == second
        with live.open() as again:
            assert again is index
    live.close()


def test_a_lent_index_stays_open_until_its_last_reader_is_done(run: Run, seeds: Path, data: Path) -> None:
    clock = Clock()
    run()
    live = LiveIndex(data, IDENTITY, clock=clock)
    with live.open() as old:
        for n in range(3):  # its snapshot is removed from the data folder, too
            write_seeds(seeds, {"new.txt": f"Something new {n}."})
            run()
        clock.now = 2
        with live.open() as new:
            assert new.snapshot != old.snapshot
            assert "new.txt" in new.sources
        assert {source_id: source.text for source_id, source in old.sources.items()} == SENTENCES
        assert old.nearest([1.0] * 16, 1)
        assert old.matching(["russia"], 1)
        live.close()
        assert old.nearest([1.0] * 16, 1)


def test_closed_copies_leave_nothing_behind(run: Run, data: Path, tmp_path: Path) -> None:
    run()
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    code = (
        "import sys, pathlib\nfrom fakes import *\nfrom assistant.index.store import LiveIndex\n"
        "live = LiveIndex(pathlib.Path(sys.argv[1]), IDENTITY)\n"
        "with live.open() as index: print(len(list(pathlib.Path(sys.argv[2]).iterdir())))\n"
    )
    process = start(f"import tempfile, sys; tempfile.tempdir = sys.argv[2]\n{code}", data, temporary)
    assert process.communicate(timeout=60)[0].strip() == "1"
    assert list(temporary.iterdir()) == []


def test_many_threads_read_while_the_index_changes(run: Run, seeds: Path, data: Path) -> None:
    run()
    ticks = iter(range(10**9))
    live = LiveIndex(data, IDENTITY, clock=lambda: float(next(ticks)))  # looks at CURRENT at each open
    stop, failures, seen = threading.Event(), [], set()

    def read() -> None:
        while not stop.is_set():
            try:
                with live.open() as index:
                    seen.add(index.snapshot)
                    assert len(index.nearest([1.0] * 16, 3)) == 3
                    assert index.matching(["russia"], 1)
                    assert len(index.sentences(everything(index))) == index.sentence_count
            except Exception as exc:
                failures.append(exc)
                return

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for n in range(6):
        write_seeds(seeds, {"new.txt": f"Something new {n}. " * (n + 1)})
        run()
    stop.set()
    for thread in threads:
        thread.join()
    live.close()
    assert failures == []
    assert len(seen) > 2
