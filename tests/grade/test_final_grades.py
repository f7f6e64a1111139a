"""What a submission is worth: lateness, points by hand and decisions on top of what the checks found."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_results import SPEC, not_graded, result

from labs_engine.grade.final_grades import ManualMark, Mark, marks_of
from labs_engine.grade.late import NO_PENALTY, LatePolicy, LatePolicyError
from labs_engine.grade.overrides import Override, describe_overrides, read_overrides
from labs_engine.grade.spreadsheet import TableError

DAY = 86400.0


def _mark(late: float = 0.0, policy: str = "", hands: dict | None = None, **overrides: float) -> Mark:
    decided = {"ada": {name: Override(points, "a reason") for name, points in overrides.items()}}
    (mark,) = marks_of(
        [result("ada", {"sgd": "adam"}, late_seconds=late)],
        SPEC,
        policy=LatePolicy.parse(policy) if policy else NO_PENALTY,
        manual={("ada", name): hand for name, hand in (hands or {}).items()},
        overrides=decided,
    )
    return mark


@pytest.mark.parametrize(
    ("policy", "late", "points"),
    [
        ("10%/day", 0, 0),
        ("10%/day", 1, 2),
        ("10%/day", DAY, 2),
        ("10%/day", DAY + 1, 4),
        ("10%/day", 30 * DAY, 13),
        ("10%/day max 30%", 30 * DAY, 6),
        ("10%/day grace 15min", 900, 0),
        ("10%/day  grace 15min", 901, 2),
        ("2.5%/hour max 50% grace 1h", 3 * 3600, 1.5),
        ("0.5/hour", 5400, 1),
        ("1/week max 1.5", 20 * DAY, 1.5),
    ],
)
def test_lateness_costs_what_the_policy_says_and_never_more_than_was_reached(
    policy: str, late: float, points: float
) -> None:
    assert LatePolicy.parse(policy).penalty(late, reached=13, possible=20) == points


@pytest.mark.parametrize(
    "text", ["10", "10%", "10% per day", "-1/day", "10%/day max 5", "10%/month", "x", ""]
)
def test_a_policy_written_in_another_way_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(LatePolicyError, match=r"Write '10%/day'"):
        LatePolicy.parse(text)


def test_a_total_is_checks_and_hands_less_lateness() -> None:
    mark = _mark(1.0, "10%/day", {"longer": ManualMark(1.5), "beat_the_floor": ManualMark(2.0)})
    assert (mark.possible, mark.penalty, mark.total) == (19, 1.9, 13 + 3.5 - 1.9)
    assert mark.open_questions == ()


def test_what_nobody_has_read_counts_nothing_and_is_open() -> None:
    mark = _mark(hands={"longer": ManualMark(answered=False)})
    assert (mark.total, mark.open_questions) == (13, ("beat_the_floor",))
    assert mark.questions == {"longer": 0.0, "beat_the_floor": None}


def test_decisions_replace_what_they_name() -> None:
    assert _mark(sgd=2).total == 15
    assert _mark(longer=1).total == 14
    assert _mark(longer=1).open_questions == ("beat_the_floor",)
    assert _mark(1, "1/day", penalty=0).total == 13
    assert _mark(1, "1/day", total=7.5).total == 7.5
    assert describe_overrides(_mark(sgd=1).overrides, SPEC) == [
        "Train with SGD: 1 points by decision of the instructor (a reason)"
    ]


def test_what_was_not_graded_has_no_points_and_nothing_to_read() -> None:
    marks = marks_of([not_graded("b", "missing", "x"), not_graded("a", "unreadable", "y")], SPEC)
    assert [(m.student, m.total, m.open_questions) for m in marks] == [("a", 0, ()), ("b", 0, ())]


def test_overrides_are_read_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "overrides.csv"
    assert read_overrides(path, SPEC, ["ada"]) == {}
    assert path.read_text(encoding="utf-8-sig") == '"student","exercise","points","reason"\n'
    text = "student;exercise;points;reason\nada;sgd;1,5;ill\n'=ada;total;3;\nada;model;;not decided yet\n"
    path.write_text(text, encoding="utf-8")
    found = read_overrides(path, SPEC, ["ada", "=ada"])
    assert found == {"ada": {"sgd": Override(1.5, "ill")}, "=ada": {"total": Override(3.0)}}
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("eve,sgd,1,", "line 2: there is no student 'eve' among the 1"),
        ("ada,sdg,1,", "line 2: 'sdg' is not one of: noise_free, model, .*, penalty, total"),
        ("ada,sgd,one,", "line 2: points are a number from 0, not 'one'"),
        ("ada,sgd,1,\nada,sgd,2,", "line 3: sgd of ada is decided twice"),
        ("ada,sgd,99,", "line 2: 99 points are more than the 2 of sgd"),
        ("ada,total,20,", "line 2: 20 points are more than the 19 of total"),
        ("ada,penalty,20,", "line 2: 20 points are more than the 19 of penalty"),
        ("ad,sgd,1,", "line 2: there is no student 'ad' among the 1 of this grading. The nearest: ada"),
        ("ada,sdg,1,", "line 2: 'sdg' is not one of: .* The nearest: sgd"),
        ("eve;sgd;1;why", "line 2: there is no student 'eve' among the 1"),
        ("ada;sgd;1,5;why", "line 2: 2 of 4 cells; is it a semicolon"),
        ("ada;sgd;1;ill, at, 2, home", "line 2: there is no student 'ada;sgd;1;ill'"),
        ("ada,sgd,1,ill, at home", "line 2: 5 cells below 4 headings"),
        ("ada,sgd", "line 2: 2 of 4 cells"),
        ("ada sgd 1", "line 2: 1 of 4 cells"),
        ("eve,sgd,,later", "line 2: there is no student 'eve' among the 1"),
        ("ada,sdg,,later", "line 2: 'sdg' is not one of"),
    ],
)
def test_a_decision_that_cannot_be_followed_says_where(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "overrides.csv"
    path.write_text(f"student,exercise,points,reason\n{line}\n", encoding="utf-8")
    with pytest.raises(TableError, match=message):
        read_overrides(path, SPEC, ["ada", "ada"])


@pytest.mark.parametrize("line", ["ada;sgd;1;why", "ada\tsgd\t1\twhy", "ada;sgd;1", "ada,sgd,1"])
def test_a_line_below_the_commands_own_heading_counts_whatever_separates_it(
    tmp_path: Path, line: str
) -> None:
    path = tmp_path / "overrides.csv"
    read_overrides(path, SPEC, ["ada"])
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    assert read_overrides(path, SPEC, ["ada"])["ada"]["sgd"].points == 1


def test_a_decision_on_an_id_that_excel_changed_finds_its_student(tmp_path: Path) -> None:
    path = tmp_path / "overrides.csv"
    path.write_text("student,exercise,points,reason\n7,sgd,1,\n1.23457E+11,sgd,2,\n", encoding="utf-8")
    students = ["0007", "123456789012", "70"]
    assert set(read_overrides(path, SPEC, students)) == {"0007", "123456789012"}
    with pytest.raises(TableError, match=r"line 3: .* may be any of: 123456789012, 123456789013"):
        read_overrides(path, SPEC, [*students, "123456789013"])


def test_overrides_without_a_column_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "overrides.csv"
    path.write_text("student,points\nada,1\n", encoding="utf-8")
    with pytest.raises(
        TableError, match="has no column exercise; it needs: student, exercise, points, reason"
    ):
        read_overrides(path, SPEC, ["ada"])
