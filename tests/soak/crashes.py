"""kill -9 at moments spread over what a command does: nothing that was acknowledged is lost, and no answer is wrong."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from assistant.errors import AssistantError

from ..interfaces.fake_api import FakeApi
from ..interfaces.fake_slack import APP_TOKEN, BOT_TOKEN, FakeSlack
from .home import SECONDS, TRACEBACK, Home, ask, problems, spread, within
from .trial import Trial


def ingest_killed(folder: Path, times: int) -> Trial:
    """After a kill of `assistant ingest` the index of before or the new one answers, and the next ingest makes it current."""
    trial, home = Trial(), Home(folder)
    home.write(0)
    home.run("ingest")
    home.write(1)
    begun = time.monotonic()
    home.run("ingest")
    whole = time.monotonic() - begun
    kept = 0
    for version, moment in enumerate(spread(times, whole * 1.1), 2):
        home.write(version)
        process = home.start("ingest")
        time.sleep(moment)
        process.kill()
        _, said = process.communicate(timeout=SECONDS)
        trial.tried += 1
        trial.hold(TRACEBACK not in said, f"after {moment:.2f} s: a traceback")
        assistant = home.assistant()
        try:
            found = assistant.chain.invoke("Who led the harbour meeting in Ambon?")
            trial.none_of(problems(found, [version - 1, version]), f"killed after {moment:.2f} s")
            kept += bool(problems(found, [version]))
            assistant.ingest()
            trial.hold(assistant.is_current(), f"killed after {moment:.2f} s: not current after the next ingest")
            assistant.live.renew()
            trial.none_of(
                problems(assistant.chain.invoke("Who led the harbour meeting in Ambon?"), [version]), "mended"
            )
        except AssistantError as exc:
            trial.wrong.append(f"killed after {moment:.2f} s: {exc}")
        finally:
            assistant.live.close()
        left = [path.name for path in (home.data / "index").iterdir() if path.is_dir()]
        trial.hold(len(left) <= 2, f"killed after {moment:.2f} s: {len(left)} snapshots are left")
    trial.figures = {"a whole ingest": f"{whole:.1f} s", "old index served after": kept}
    return trial


def server_killed(folder: Path, times: int) -> Trial:
    """After a kill of `assistant serve` every acknowledged thumb and article is there, every answer given was right, and
    the server starts again."""
    trial, home, kept = Trial(), Home(folder), _Kept()
    home.write(0)
    home.run("ingest")
    for moment in spread(times, 2.0):
        with home.serving(ASSISTANT_UPLOADS="true") as served:
            trial.none_of(kept.missing(served.url, home.data), "after a restart")
            stop = threading.Event()
            with ThreadPoolExecutor(3) as pool:
                works: tuple[Callable[[httpx.Client], None], ...] = (kept.ask, kept.rate, kept.change_articles)
                clients = [pool.submit(_until, stop, served.url, work) for work in works]
                time.sleep(moment)
                served.process.kill()
                stop.set()
                trial.none_of([problem for client in clients for problem in client.result(SECONDS)], "a client")
            trial.hold(not served.traceback, f"killed after {moment:.2f} s: a traceback in the log")
        trial.tried += 1
    with home.serving(ASSISTANT_UPLOADS="true") as served:
        trial.none_of(kept.missing(served.url, home.data), "at the end")
    trial.none_of(kept.wrong, "an answer")
    trial.figures = {
        "answers": kept.answers,
        "thumbs acknowledged": len(kept.rated),
        "articles added": kept.added,
        "removed": kept.removed,
    }
    return trial


class _Kept:
    """What a server has acknowledged."""

    def __init__(self) -> None:
        self.answers = self.added = self.removed = 0
        self.rated: list[str] = []
        self.articles: dict[str, str] = {}
        self.unsure: set[str] = set()  # articles that were being added or removed when the server was killed
        self.wrong: list[str] = []
        self._number = 0

    def ask(self, client: httpx.Client) -> None:
        self.wrong += problems(ask(client), [0])
        self.answers += 1

    def rate(self, client: httpx.Client) -> None:
        self._number += 1
        name = f"answer-{self._number}"
        client.post("/v1/feedback", json={"answer_id": name, "rating": "up", "comment": "c" * 500}).raise_for_status()
        self.rated.append(name)

    def change_articles(self, client: httpx.Client) -> None:
        self._number += 1
        name, text = (
            f"note-{self._number}.txt",
            f"Note {self._number} of the harbour tells of {self._number * 3} cranes.",
        )
        source_id = f"_uploads/{name}"
        self.unsure = {source_id}
        client.post("/v1/sources", params={"name": name}, content=text.encode()).raise_for_status()
        self.articles[source_id] = text
        self.added += 1
        if self._number % 3 == 0:
            gone = next(iter(self.articles))
            self.unsure = {gone}
            text = self.articles.pop(gone)
            client.delete(f"/v1/sources/{gone}").raise_for_status()
            self.removed += 1
        self.unsure = set()

    def missing(self, url: str, data: Path) -> list[str]:
        """What was acknowledged and is not there, or the other way round."""
        found: list[str] = []
        with httpx.Client(base_url=url, timeout=SECONDS) as client:
            listed = {each["source_id"] for each in client.get("/v1/sources").raise_for_status().json()["sources"]}
            found += [f"{each} is lost" for each in self.articles if each not in listed]
            uploads = {each for each in listed if each.startswith("_uploads/")}
            found += [f"{each} was removed" for each in uploads - self.articles.keys() - self.unsure]
            self.articles |= {each: client.get(f"/v1/sources/{each}").json()["text"] for each in uploads & self.unsure}
            self.unsure = set()
            client.post("/v1/feedback", json={"answer_id": "check", "rating": "up"}).raise_for_status()
        written = [json.loads(line)["answer_id"] for line in (data / "feedback.jsonl").read_text().splitlines()]
        return found + [f"the thumb for {name} is lost" for name in self.rated if name not in set(written)]


def _until(stop: threading.Event, url: str, work: Callable[[httpx.Client], None]) -> list[str]:
    """Repeats some work until the server is gone; what went wrong before."""
    with httpx.Client(base_url=url, timeout=SECONDS) as client:
        while not stop.is_set():
            try:
                work(client)
            except httpx.HTTPStatusError as exc:
                return [f"{exc.response.status_code} {exc.response.text[:200]}"]
            except httpx.TransportError:
                return [] if stop.wait(5) else ["the connection broke while the server ran"]
    return []


def slack_killed(folder: Path, times: int) -> Trial:
    """After a kill of `assistant slack` it starts again and answers, and answers no message twice that Slack sends again."""
    trial, home, random_ = Trial(), Home(folder), random.Random(1)
    lost = answered = 0
    with FakeSlack() as slack, FakeApi() as api:
        settings = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": slack.url,
            "ASSISTANT_URL": api.url,
        }
        event: dict[str, object] | None = None
        for moment in [*spread(times, 0.5), None]:  # None: the last time it is not killed
            log = home.path / f"slack-{time.monotonic_ns()}.log"
            process = home.start("slack", log=log, **settings)
            if not within(lambda log=log: "Ready in Slack" in log.read_text(), SECONDS):  # type: ignore[misc]
                trial.wrong.append(f"not ready: {log.read_text()[-300:]}")
            if event is not None:
                trial.none_of(_sent_again(slack, event), "sent again")
                replies = slack.replies(str(event["ts"]))
                whole = [reply for reply in replies if reply.blocks]
                answered += bool(whole)
                lost += not whole
                trial.hold(len(whole) <= 1, f"{len(whole)} answers to one message")
            event = slack.mention("How large was trade?")
            slack.send(event)
            if moment is None:
                trial.none_of(_unanswered(slack, event), "not killed")
                _ended(process)
            else:
                time.sleep(moment * random_.uniform(0.9, 1.1))
                process.kill()
                trial.tried += 1
            process.communicate(timeout=SECONDS)
            trial.hold(TRACEBACK not in log.read_text(), f"a traceback: {log.read_text()[-300:]}")
        trial.none_of(slack.broken, "Slack")
    trial.figures = {"answered in the end": answered, "acknowledged or begun, and cut off": lost}
    return trial


def _sent_again(slack: FakeSlack, event: dict[str, object]) -> list[str]:
    """Sends an event again as Slack does; what is wrong with how it was taken."""
    envelope = slack.send(event)
    if not within(lambda: envelope in slack.acknowledged, 10):
        return ["not acknowledged within 10 s"]
    time.sleep(0.3)
    return []


def _unanswered(slack: FakeSlack, event: dict[str, object]) -> list[str]:
    done = within(lambda: any(reply.blocks for reply in slack.replies(str(event["ts"]))), 20)
    return [] if done else ["not answered within 20 s"]


def _ended(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(SECONDS)
