"""Full disks, folders that may not be written, damaged and half-copied files, clocks that jump."""

from __future__ import annotations

import ctypes
import os
import random
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from assistant.app import Assistant
from assistant.chain import AnswerChain
from assistant.errors import AssistantError
from assistant.index.store import RETRY_SECONDS, LiveIndex
from assistant.interfaces.doctor import examine
from assistant.steps.calibration import calibration
from assistant.steps.retrieve import Retriever

from .home import CHAIR, SECONDS, Done, Home, ask, problems, spread
from .trial import Trial

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def disk_full(folder: Path, times: int) -> Trial:
    """Where files cannot grow, or a disk is full, each command says so in a line, the index of before answers, and with
    room again it becomes current."""
    trial, home = Trial(), Home(folder)
    home.write(0)
    home.run("ingest")
    for version, allowed in enumerate(spread(times, 500_000), 1):
        home.write(version)

        def limited(size: int = int(allowed)) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        done = home.run("ingest", options={"preexec_fn": limited})
        trial.tried += 1
        _said(trial, done, f"files of {allowed / 1000:.0f} kB at most")
        _still_answers(trial, home, [version - 1, version])
        home.run("ingest")
        _still_answers(trial, home, [version])
    with _small_disk(folder / "disk", 9) as disk:
        if disk is not None:
            _full_disk(trial, Home(folder / "on-disk"), disk, times)
        trial.figures["a disk of 9 MB"] = "tried" if disk else "cannot be mounted here"
    return trial


def _full_disk(trial: Trial, home: Home, disk: Path, times: int) -> None:
    home.data = disk / "data"
    home.write(0)
    home.run("ingest")
    filler = disk / "filler"
    with home.serving(ASSISTANT_UPLOADS="true", TMPDIR=str(home.path)) as served:
        with httpx.Client(base_url=served.url, timeout=SECONDS) as client:
            kept = 0
            for version, left in enumerate(spread(times, 900_000), 1):
                filler.unlink(missing_ok=True)
                free = os.statvfs(disk)
                assert free.f_blocks * free.f_frsize < 10_000_000, (
                    "the small disk is gone: the machine's own is not filled"
                )
                _fill(filler, free.f_bavail * free.f_frsize - int(left))
                home.write(version)
                trial.tried += 1
                _said(trial, home.run("ingest"), f"{left / 1000:.0f} kB left")
                for path, body in (
                    ("/v1/feedback", None),
                    (f"/v1/sources?name=note-{version}.txt", f"Note {version}. " * 9000),
                ):
                    thumb = {"answer_id": f"a{version}", "rating": "up", "comment": "c" * 2000}
                    response = client.post(path, content=body.encode()) if body else client.post(path, json=thumb)
                    trial.hold(
                        response.status_code in (200, 503), f"{path}: {response.status_code} {response.text[:200]}"
                    )
                    kept += response.status_code == 200 and not body
                trial.none_of(problems(ask(client), [version - 1, version]), f"served with {left / 1000:.0f} kB left")
                filler.unlink()
                done = home.run("ingest")
                trial.hold(done.status == 0, f"with room again: {done.err}")
                _still_answers(trial, home, [version])
            written = (home.data / "feedback.jsonl").read_text().splitlines() if kept else []
            trial.hold(len(written) == kept, f"{kept} thumbs acknowledged, {len(written)} kept")
        trial.hold(not served.traceback, "a traceback in the server's log")


def _fill(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.write(b"x" * max(0, size))


@contextmanager
def _small_disk(place: Path, megabytes: int) -> Iterator[Path | None]:
    """A disk of its own, None where this user may mount none."""
    place.mkdir(parents=True)
    mounted = _quietly("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place))
    try:
        yield place if mounted else None
    finally:
        if mounted:
            _quietly("umount", "--lazy", str(place))


def read_only(folder: Path, times: int) -> Trial:
    """A data folder that may only be read is read; one that may not is told of in a line."""
    trial, home = Trial(), Home(folder)
    home.write(0)
    home.run("ingest")
    as_any_owner = {"preexec_fn": _heed_modes} if os.geteuid() == 0 else {}
    for mode in (0o555, 0o000):
        for path in [*home.data.rglob("*"), home.data]:
            path.chmod(mode | (0o111 if path.is_dir() and mode else 0))
        for stale in (False, True):
            home.write(int(stale))
            for command in (("ask", CHAIR), ("ingest",), ("doctor",)):
                done = home.run(*command, options=as_any_owner)
                trial.tried += 1
                _said(trial, done, f"{command[0]}, mode {mode:o}, {'stale' if stale else 'current'}")
                if command[0] == "ask":
                    trial.hold((done.status == 0) == bool(mode), f"ask, mode {mode:o}: status {done.status} {done.err}")
                    trial.hold(not mode or "Siti Rahma" in done.out, f"ask, mode {mode:o}: {done.out[:200]}")
    for path in [home.data, *home.data.rglob("*")]:
        path.chmod(0o755)
    trial.figures = {"as": "root, whom modes bind" if as_any_owner else "the owner"}
    return trial


def _heed_modes() -> None:
    """Gives up, in what root starts, root's right to read and write whatever the modes of a file say (capabilities(7))."""
    libc = ctypes.CDLL(None, use_errno=True)
    for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        if libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "root's rights cannot be given up here")


def _flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    if content:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(content))


DAMAGE: dict[str, Callable[[Path, random.Random], object]] = {
    "flipped": _flip,
    "truncated": lambda path, chance: os.truncate(path, chance.randrange(path.stat().st_size or 1)),
    "emptied": lambda path, _: os.truncate(path, 0),
    "lengthened": lambda path, chance: path.write_bytes(path.read_bytes() + chance.randbytes(100)),
    "removed": lambda path, _: path.unlink(),
}


def damaged(folder: Path, times: int) -> Trial:
    """Whatever happens to a file of the index, also without a change of its size and time: an answer is right or there is
    a line that says what to do, `doctor` says so too, and one ingest mends it."""
    trial, home, chance = Trial(), Home(folder), random.Random(2)
    home.write(0)
    home.assistant().ingest()
    told = 0
    while trial.tried < times:
        assistant = home.assistant()
        files = sorted(path for path in (home.data / "index").rglob("*") if path.is_file())
        path = files[trial.tried % len(files)]
        kind = [*DAMAGE][trial.tried // len(files) % len(DAMAGE)]
        before = path.stat()
        DAMAGE[kind](path, chance)
        if path.exists():
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        trial.tried += 1
        what = f"{path.name} {kind}"
        refused = _answer_or_line(trial, assistant, what, [0])
        _, healthy = examine(assistant, set())
        trial.hold(healthy == (not refused), f"{what}: refused {refused}, but doctor says healthy: {healthy}")
        told += bool(refused)
        assistant.live.close()
        again = home.assistant()
        try:
            again.ingest()
            again.live.renew()
            trial.none_of(problems(again.chain.invoke(CHAIR), [0]), f"{what}, mended")
            trial.hold(examine(again, set())[1], f"{what}: doctor is not content after an ingest")
        except AssistantError as exc:
            trial.wrong.append(f"{what}: one ingest does not mend it: {exc}")
        again.live.close()
    trial.figures = {"told of in a line": told, "harmless": trial.tried - told}
    return trial


def half_copied(folder: Path, times: int) -> Trial:
    """A server whose data folder is being copied to it, file by file in any order, answers from what it had, or says that
    it cannot, and answers from the new index soon after the copy is whole."""
    trial, chance = Trial(), random.Random(3)
    source = Home(folder / "source")
    there = Home(folder / "there")
    for home, version in ((source, 1), (there, 0)):
        home.write(version)
        home.assistant().ingest()
    made = source.assistant()
    files = sorted(path for path in source.data.rglob("*") if path.is_file())
    for _ in range(times):
        target = folder / "target"
        shutil.copytree(there.data, target)
        now = [0.0]
        live = LiveIndex(target, made.embedder, clock=lambda now=now: now[0])  # type: ignore[misc]
        chain = AnswerChain(Retriever(live, made.embeddings, calibration().ranking), calibration())
        trial.none_of(problems(chain.invoke(CHAIR), [0]), "before")
        chance.shuffle(files)
        for path in files:
            place = target / path.relative_to(source.data)
            place.parent.mkdir(parents=True, exist_ok=True)
            content = path.read_bytes()
            for part in (content[: len(content) // 2], content):
                place.write_bytes(part)
                now[0] += 2
                trial.tried += 1
                trial.none_of(problems(chain.invoke(CHAIR), [0, 1]), f"with half of {path.name}")
        now[0] += RETRY_SECONDS + 1
        trial.none_of(problems(chain.invoke(CHAIR), [1]), "after")
        live.close()
        shutil.rmtree(target)
    return trial


def clock_jumps(folder: Path, times: int) -> Trial:
    """Wherever the clock jumps to, back or on, between commands and within one: ingests take effect and answers are right."""
    trial, home = Trial(), Home(folder)
    # The monotonic clock goes on as it does: no machine's jumps, and what runs a thousand times too fast only meets its limits.
    library = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}
    jumps = ["-10y", "+10y", "-1d", "+3600d", "+0 x20", "-30y", "+70 x0.1"]
    home.write(0)
    home.run("ingest")
    for version in range(1, times + 1):
        home.write(version)
        moved = {**library, "FAKETIME": jumps[version % len(jumps)]} if FAKETIME.exists() else {}
        done = home.run("ingest", **moved)
        trial.tried += 1
        trial.hold(done.status == 0, f"{moved.get('FAKETIME')}: {done.err}")
        _still_answers(trial, home, [version])
        asked = home.run("ask", "--json", CHAIR, **moved)
        trial.hold(asked.status == 0, f"{moved.get('FAKETIME')}: {asked.err}")
    trial.figures = {"the clock": "moved by libfaketime" if FAKETIME.exists() else "not moved: no libfaketime here"}
    return trial


def _answer_or_line(trial: Trial, assistant: Assistant, what: str, versions: list[int]) -> str:
    """Asks; the line that was said instead of an answer."""
    try:
        trial.none_of(problems(assistant.chain.invoke(CHAIR), versions), what)
    except AssistantError as exc:
        trial.hold("\n" not in str(exc), f"{what}: more than a line")
        return str(exc)
    except Exception as exc:
        trial.wrong.append(f"{what}: {type(exc).__name__}: {exc}")
        return "unexpected"
    return ""


def _still_answers(trial: Trial, home: Home, versions: list[int]) -> None:
    assistant = home.assistant()
    refused = _answer_or_line(trial, assistant, f"versions {versions}", versions)
    trial.hold(not refused, refused)
    assistant.live.close()


def _said(trial: Trial, done: Done, what: str) -> None:
    trial.hold(not done.traceback, f"{what}: a traceback: {done.err[-300:]}")
    trial.hold("this should not have happened" not in done.err, f"{what}: {done.err[-300:]}")
    trial.hold(done.status == 0 or done.err or done.out, f"{what}: status {done.status}, and nothing said")


def _quietly(*command: str) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True, timeout=SECONDS).returncode == 0
    except OSError:
        return False
