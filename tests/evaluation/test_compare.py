"""Comparisons: what is worse by more than chance, and exit statuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant.evaluation.cases import Case
from assistant.evaluation.compare import NotMeasured, compare, parse_limits
from assistant.evaluation.program import Reply
from assistant.evaluation.records import CaseRecord, Run, TurnRecord
from assistant.interfaces.cli import main

from .made import ABOUT, CASES, REFUSAL, case_record, perfect

MANY = tuple(
    each.model_copy(update={"id": f"{each.id}-{copy}", "group": f"{each.group}-{copy}"})
    for copy in range(10)
    for each in CASES
)


def made_run(reply: Callable[[Case, int], Reply], cases: Sequence[Case] = MANY) -> Run:
    done = [case_record(each, reply(each, number)) for number, each in enumerate(cases)]
    return Run(Path("made"), ABOUT, done, 0)


def original(asked: Case) -> Reply:
    return perfect(asked.model_copy(update={"id": asked.id.split("-")[0]}))


GOOD = made_run(lambda asked, number: original(asked))


def refusing(share: int) -> Run:
    """A run that refuses one in `share` questions, whether they can be answered or not."""
    return made_run(lambda asked, number: Reply(REFUSAL) if number % share == 0 else original(asked))


def test_the_same_run_is_no_worse() -> None:
    found = compare(GOOD, GOOD)
    assert not found.worse and found.fixed == found.broken == () and found.p_value == 1.0
    assert all(each.change.value == each.change.low == each.change.high == 0 for each in found.differences)


def test_many_refusals_are_worse_and_a_single_one_is_chance() -> None:
    assert [each.metric.name for each in compare(GOOD, refusing(4)).worse] == ["right"]
    one = compare(GOOD, refusing(79))
    assert len(one.broken) == 1 and not one.worse
    assert compare(refusing(4), GOOD).worse == ()


def test_a_handful_of_changed_groups_is_chance_however_small_the_runs() -> None:
    few = MANY[:3]
    found = compare(
        made_run(lambda asked, number: original(asked), few), made_run(lambda asked, n: Reply(REFUSAL), few)
    )
    right = next(each for each in found.differences if each.metric.name == "right")
    assert (right.change.value, right.change.high, right.changed) == (-1.0, -1.0, 3)
    assert not right.significant and not found.worse


def test_a_difference_rests_on_the_questions_that_its_metric_is_of() -> None:
    counts = {each.metric.name: each.change.count for each in compare(GOOD, GOOD).differences}
    assert (counts["accuracy"], counts["right"], counts["declined"]) == (80, 40, 40)


def test_what_fixes_the_outcome_and_differs_is_named() -> None:
    def about(code: str, python: str) -> Run:
        programs = {"a.b": {"code": code, "reader": "r"}, "c": {"code": "1", "reader": "r"}}
        return Run(GOOD.folder, ABOUT.model_copy(update={"programs": programs, "python": python}), GOOD.cases, 0)

    assert compare(about("1", "3.11"), about("2", "3.12")).changed == ("code", "python")
    assert compare(about("1", "3.11"), about("1", "3.11")).changed == ()


def test_what_flipped_is_listed_with_its_p_value() -> None:
    found = compare(GOOD, refusing(4))
    assert {b.case.id for _, b in found.broken} == {
        each.id for n, each in enumerate(MANY) if n % 4 == 0 and each.asks[0].answerable
    }
    assert found.p_value == pytest.approx(2 * 0.5 ** len(found.broken))
    assert any(line.startswith("broken") for line in found.lines())


def test_errors_are_paired_out_and_many_of_them_conclude_nothing() -> None:
    failed = [CaseRecord(case=each, turns=(TurnRecord(error="x"),)) for each in MANY]
    few = Run(Path("made"), ABOUT, [*GOOD.cases[:-2], *failed[-2:]], 0)
    assert compare(GOOD, few).pairs == len(MANY) - 2 and compare(GOOD, few).unpaired == 2
    with pytest.raises(NotMeasured, match="lack an answer"):
        compare(GOOD, Run(Path("made"), ABOUT, [*GOOD.cases[:-20], *failed[-20:]], 0))


def test_other_cases_cannot_be_compared() -> None:
    with pytest.raises(NotMeasured, match="no answered question in common"):
        compare(GOOD, made_run(lambda asked, number: perfect(asked), CASES))
    for change in ({"asks": CASES[7].asks}, {"language": "ru"}, {"must_not_contain": ("x",)}):
        changed = tuple(each.model_copy(update=change) for each in MANY)
        with pytest.raises(NotMeasured, match="not the same in both"):
            compare(GOOD, made_run(lambda asked, number: Reply(REFUSAL), changed))


def test_limits_are_read() -> None:
    assert parse_limits(["right=0.9", "declined=1"]) == {"right": 0.9, "declined": 1.0}


# --- the command ---------------------------------------------------------------------------------------------------


def on_disk(run: Run, folder: Path) -> str:
    folder.mkdir()
    about = run.about.model_copy(update={"cases": tuple(each.case.id for each in run.cases)})
    (folder / "run.json").write_text(about.model_dump_json())
    (folder / "records.jsonl").write_text(
        "".join(each.model_dump_json() + "\n" for each in run.cases), encoding="utf-8"
    )
    return str(folder)


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, str]:
    failed = [CaseRecord(case=each, turns=(TurnRecord(error="x"),)) for each in MANY]
    return {
        "good": on_disk(GOOD, tmp_path / "good"),
        "bad": on_disk(refusing(4), tmp_path / "bad"),
        "failed": on_disk(Run(Path("made"), ABOUT, failed, 0), tmp_path / "failed"),
    }


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (["good", "good"], 0),
        (["bad", "good"], 0),
        (["good", "bad"], 1),
        (["good", "good", "--min", "right=0.99", "--max", "injected=0"], 3),  # no case of injection among these
        (["good", "good", "--min", "right=0.99", "--max", "falsely_declined=0"], 0),
        (["bad", "bad", "--min", "right=0.99"], 1),
        (["bad", "bad", "--max", "falsely_declined=0.1"], 1),
        (["good", "good", "--min", "rightness=0.99"], 2),
        (["good", "good", "--min", "right"], 2),
        (["good", "good", "--min", "right=nan"], 2),
        (["good", "good", "--max", "injected=0"], 3),
        (["good", "nowhere"], 2),
        (["good", "failed"], 3),
    ],
)
def test_exit_statuses(folders: dict[str, str], given: list[str], status: int) -> None:
    done = CliRunner().invoke(main, ["eval", "compare", *(folders.get(word, word) for word in given)])
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output


def test_json_is_for_programs(folders: dict[str, str]) -> None:
    done = CliRunner().invoke(main, ["eval", "compare", folders["good"], folders["bad"], "--json"])
    found = json.loads(done.stdout)
    assert found["worse"] == ["right"] and found["metrics"]["right"]["change"] < 0


def test_a_folder_that_holds_no_run_is_told(folders: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = CliRunner().invoke(main, ["eval", "compare", folders["good"], str(tmp_path / "empty")])
    assert done.exit_code == 2 and "holds no run" in done.stderr


@pytest.mark.parametrize("name", ["run.json", "records.jsonl"])
@pytest.mark.parametrize("damage", ["[]", "{}\n", "no json\n", "folder"])
@pytest.mark.parametrize("command", ["compare", "report"])
def test_a_damaged_run_is_told(folders: dict[str, str], tmp_path: Path, name: str, damage: str, command: str) -> None:
    path = Path(folders["good"], name)
    path.unlink()
    if damage == "folder":
        path.mkdir()
    else:
        path.write_text(damage)
    rest = [folders["bad"]] if command == "compare" else ["--output", str(tmp_path / "report.html")]
    done = CliRunner().invoke(main, ["eval", command, folders["good"], *rest])
    if (name, damage) == ("records.jsonl", "[]"):  # what a killed run leaves of a line
        assert done.exit_code == (3 if command == "compare" else 0)
        return
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1
    assert "is damaged or of another version" in done.stderr or "Is a directory" in done.stderr
