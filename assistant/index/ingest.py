"""Brings an index up to its sources: builds the next snapshot from the one in use and what differs, then switches.

The sources are the seeds and what was added by upload. A change of the uploads leaves the seeds as they were indexed.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import AssistantError, IndexUnusable, SeedsError, SourceError, UploadConflict
from assistant.index.build import BATCH, Builder, OtherDimension, Plan, Progress
from assistant.index.manifest import Manifest, check_origin, text_hash
from assistant.index.snapshots import Snapshots, snapshots_of
from assistant.index.sources import read_source, scan, source_id_of
from assistant.index.uploads.folder import Staged, UploadFolder
from assistant.models.embedder import Embedder
from assistant.types import UPLOADS, Source

__all__ = ["BATCH", "IngestReport", "Progress", "add_upload", "ingest", "is_current", "remove_upload"]

WAIT_SECONDS = 2.0
"""How long another process that writes the index is waited for."""

INGEST_PATIENCE = 60.0
"""Seconds that a Chroma server may take to answer: longer than for a reader, who has somebody waiting."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did. The ids are sorted; `embedded` counts the texts that the embedder was given."""

    snapshot: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    problems: tuple[SourceError, ...] = ()
    embedded: int = 0
    rebuilt: str | None = None  # why the index was built anew, in words; None: it was not


@dataclass(frozen=True, slots=True)
class _Found:
    """The sources as they are now."""

    sources: Mapping[str, Source]
    problems: tuple[SourceError, ...]
    not_looked_at: frozenset[str] = frozenset()  # they stay as they were indexed

    @property
    def unread(self) -> set[str]:
        return {*self.not_looked_at, *(problem.source_id for problem in self.problems)}


@dataclass(frozen=True, slots=True)
class _Old:
    """The snapshot in use, as far as it can be used."""

    name: str | None = None
    manifest: Manifest | None = None  # None: there is none, or nothing of it can be used
    rebuild: str | None = None  # why it cannot be built upon
    has_vectors: bool = False  # whether its vectors are this embedder's

    @property
    def sources(self) -> Mapping[str, str]:
        return self.manifest.sources if self.manifest else {}


def ingest(
    seeds: Path,
    data: Path,
    embeddings: Embedder,
    embedder_identity: str,
    *,
    prune: bool = False,
    progress: Progress | None = None,
    wait: float = WAIT_SECONDS,
    chroma_url: str | None = None,
) -> IngestReport:
    """Makes the index in `data` agree with the folder `seeds` and the uploads; where nothing differs, nothing is written.

    With `chroma_url` the index is on that Chroma server, and holds no uploads.

    Texts that the index holds already are not embedded again, also after a rename or a change of other sentences. A
    source that cannot be read now stays as it was indexed. `prune` allows a difference that removes most seeds; it takes
    no upload away.

    Raises:
        SeedsError: the seeds folder cannot be used, no source in it can be read, or most sources are gone from it.
        IndexBusy: another process is still writing the index after `wait` seconds.
        DataFolderError: the data folder cannot be written.
        IndexUnreachable: the Chroma server cannot be used.
    """
    scan(seeds)  # wrong seeds are the likelier mistake: said before the data folder is made
    uploads = None if chroma_url else UploadFolder(data)
    with closing(snapshots_of(data, chroma_url, patience=INGEST_PATIENCE)) as snapshots, snapshots.writer(wait):
        found = _read(seeds, uploads)
        old = _proven(snapshots, _find_old(snapshots, embedder_identity))
        report = _difference(found, old)
        if not found.sources and not report.unchanged:
            raise SeedsError(f"seeds: no source can be read; the first problem: {found.problems[0]}")
        if not prune:
            _refuse_loss(found, old, report)
        return _built(snapshots, found, old, Builder(snapshots, embeddings, embedder_identity, progress))


def add_upload(
    data: Path,
    staged: Staged,
    embeddings: Embedder,
    embedder_identity: str,
    *,
    progress: Progress | None = None,
    wait: float = WAIT_SECONDS,
) -> IngestReport:
    """Adds an article that lies ready in the uploads of `data`; the seeds stay as they were indexed.

    Whatever is raised, it is not added.

    Raises:
        UploadConflict: its words are a source already, or another article has its name.
        UploadError: too many have been added.
        IndexUnusable: there is no index to add it to.
        IndexBusy, DataFolderError: as of `ingest`.
    """
    snapshots, uploads = Snapshots(data), UploadFolder(data)
    with snapshots.writer(wait):
        old = _usable(snapshots, embedder_identity)
        digest = text_hash(staged.source.text)
        for source_id, known in old.manifest.texts.items() if old.manifest else ():
            if known == digest:
                raise UploadConflict("same_text", source_id, f"these words are there already, as {source_id}")
        with uploads.placed(staged):
            builder = Builder(snapshots, embeddings, embedder_identity, progress)
            return _built(snapshots, _read_uploads(data, old), old, builder)


def remove_upload(
    data: Path,
    source_id: str,
    embeddings: Embedder,
    embedder_identity: str,
    *,
    wait: float = WAIT_SECONDS,
) -> IngestReport | None:
    """Removes an article that was added by upload; None if there is none of this id. Whatever is raised, it stays.

    Raises:
        IndexUnusable: there is no index to take it from.
        IndexBusy, DataFolderError: as of `ingest`.
    """
    snapshots, uploads = Snapshots(data), UploadFolder(data)
    with snapshots.writer(wait):
        old = _usable(snapshots, embedder_identity)
        with uploads.without(source_id) as was_there:
            if not was_there and source_id not in old.sources:
                return None
            builder = Builder(snapshots, embeddings, embedder_identity, None)
            return _built(snapshots, _read_uploads(data, old), old, builder)


def _built(snapshots: Snapshots, found: _Found, old: _Old, builder: Builder) -> IngestReport:
    """Builds and switches to the snapshot that agrees with what was found, if the one in use does not."""
    report = _difference(found, old)
    try:
        if not (report.rebuilt or report.added or report.changed or report.removed):
            builder.check_dimension(old.manifest)
            # An ingest that was killed when it had switched left what it would have removed.
            snapshots.clean(old.name, old.manifest.previous if old.manifest else None)
            return report
        name = builder.build(_plan(found, old, report))
    except OtherDimension as exc:
        old = replace(old, rebuild=str(exc), has_vectors=False)
        report = _difference(found, old)
        name = builder.build(_plan(found, old, report))
    snapshots.clean(name, old.name)
    return replace(report, snapshot=name, embedded=builder.embedded)


def is_current(seeds: Path, data: Path, embedder_identity: str, *, chroma_url: str | None = None) -> bool:
    """Whether the index can be used as it is and holds what the seeds hold; writes nothing.

    True for a usable index whose seeds folder is missing or empty: there is nothing that it could be older than.
    Reads and hashes the seeds (about 1 ms for each MB). Raises IndexUnreachable as `ingest` does.
    """
    with closing(snapshots_of(data, chroma_url)) as snapshots:
        old = _find_old(snapshots, embedder_identity)
    if old.manifest is None or old.rebuild:
        return False
    try:
        report = _difference(_read(seeds, None if chroma_url else UploadFolder(data)), old)
    except SeedsError:
        return True
    return not (report.added or report.changed or report.removed)


def _usable(snapshots: Snapshots, embedder: str) -> _Old:
    """The snapshot in use, of which the seeds can be taken over. Raises IndexUnusable."""
    old = _proven(snapshots, _find_old(snapshots, embedder))
    if old.manifest is None:
        raise IndexUnusable(f"{old.rebuild or f'there is no index in {snapshots.where}'}; run `assistant ingest`")
    return old


def _read_uploads(data: Path, old: _Old) -> _Found:
    sources, problems = UploadFolder(data).read()
    seeds = frozenset(source_id for source_id in old.sources if not source_id.startswith(UPLOADS))
    return _Found(sources, tuple(problems), not_looked_at=seeds)


def _read(seeds: Path, uploads: UploadFolder | None) -> _Found:
    uploaded, unreadable = uploads.read() if uploads else ({}, [])
    sources: dict[str, Source] = dict(uploaded)
    problems: list[SourceError] = list(unreadable)
    seen: set[str] = set()
    for path in scan(seeds):
        source_id = source_id_of(seeds, path)
        try:
            if source_id in seen:
                raise SourceError(source_id, f"two files have this name ({path.name!a} is the second); rename one")
            seen.add(source_id)
            sources[source_id] = read_source(seeds, path, source_id)
        except SourceError as exc:
            problems.append(exc)
    return _Found(sources, tuple(problems))


def _find_old(snapshots: Snapshots, embedder: str) -> _Old:
    name: str | None = None
    try:
        name = snapshots.current()
        if name is None:
            return _Old()
        manifest = snapshots.manifest(name)
        snapshots.check(name, manifest)
    except IndexUnusable as exc:
        return _Old(name, rebuild=_reason(exc))
    try:
        check_origin(manifest, embedder)
    except IndexUnusable as exc:
        return _Old(name, manifest, _reason(exc), has_vectors=manifest.embedder == embedder)
    return _Old(name, manifest, has_vectors=True)


def _proven(snapshots: Snapshots, old: _Old) -> _Old:
    """The same, unless a file is not what was written, which its mark need not show, or it cannot be built upon."""
    if old.name is None or old.manifest is None:
        return old
    try:
        snapshots.check(old.name, old.manifest, thorough=True)
    except IndexUnusable as exc:
        return _Old(old.name, rebuild=_reason(exc))
    try:
        snapshots.prove(old.name, old.manifest)
    except IndexUnusable as exc:
        return replace(old, rebuild=_reason(exc), has_vectors=False)
    return old


def _reason(problem: AssistantError) -> str:
    return str(problem).removesuffix("; run `assistant ingest`")


def _difference(found: _Found, old: _Old) -> IngestReport:
    known = old.sources
    here, unread = found.sources, found.unread
    kept = [source_id for source_id in known if source_id not in here and source_id in unread]
    same = [source_id for source_id, source in here.items() if known.get(source_id) == source.sha256]
    changed = [source_id for source_id, source in here.items() if known.get(source_id, source.sha256) != source.sha256]
    return IngestReport(
        snapshot=old.name or "",
        added=tuple(sorted(here.keys() - known.keys())),
        changed=tuple(sorted(changed)),
        removed=tuple(sorted(known.keys() - here.keys() - set(kept))),
        unchanged=tuple(sorted([*same, *kept])),
        problems=found.problems,
        rebuilt=old.rebuild,
    )


def _plan(found: _Found, old: _Old, report: IngestReport) -> Plan:
    if not old.rebuild and old.manifest:
        put = {source_id: found.sources[source_id] for source_id in (*report.added, *report.changed)}
        return Plan(old.name, old.name, put, (*report.removed, *report.changed), old.manifest)
    kept = [source_id for source_id in report.unchanged if source_id not in found.sources]
    reuse = old.name if old.manifest and old.has_vectors else None
    return Plan(old.name, None, found.sources, (), None, kept=tuple(kept), reuse=reuse)


def _refuse_loss(found: _Found, old: _Old, report: IngestReport) -> None:
    """Most seeds gone at once is a folder that is not mounted, or the wrong one, sooner than a wish."""
    moved = {text_hash(found.sources[source_id].text) for source_id in report.added}
    texts = old.manifest.texts if old.manifest else {}
    # What was uploaded is removed by a person, one by one, and is not in the seeds folder.
    seeds = [source_id for source_id in texts if not source_id.startswith(UPLOADS)]
    gone = [source_id for source_id in report.removed if source_id in set(seeds) and texts[source_id] not in moved]
    if 2 * len(gone) > len(seeds):
        shown = ", ".join(gone[:3]) + (", ..." if len(gone) > 3 else "")
        raise SeedsError(
            f"seeds: {len(gone)} of the {len(seeds)} indexed sources are gone ({shown}); if that is meant, run "
            "`assistant ingest --prune`, if not, look whether the folder is the right one"
        )
