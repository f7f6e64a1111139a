"""The student's page: what was right, what was not, and nothing that was not meant for this student."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fake_results import FORMULA, NAMES, SCRIPT, SECRET_NUMBER, SPEC, not_graded, result
from test_pictures import _html, _notebook, png

from labs_engine.grade.feedback import feedback_page, write_feedback
from labs_engine.grade.final_grades import ManualMark, marks_of
from labs_engine.grade.late import LatePolicy
from labs_engine.grade.overrides import Override

NOWHERE = Path("/nowhere")


class Tags(HTMLParser):
    """The elements and attributes of a page, as a browser reads them, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_harmless(page: str) -> None:
    """Nothing on the page can run or fetch anything."""
    found = Tags(page)
    allowed = "html head meta title style body main h1 h2 h3 p strong section div ol li figure img code table thead tbody tr th td"
    assert found.tags <= set(allowed.split())
    for tag, name, value in found.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in ("style", "href", "action", "srcdoc"), (tag, name)
        assert name != "src" or value.startswith("data:image/png;base64,")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]


def _page(wrong: dict | None = None, notebooks: Path = NOWHERE, **changes: object) -> str:
    (mark,) = marks_of([result("ada", wrong, **changes)], SPEC)
    return feedback_page(mark, SPEC, notebooks)


def test_the_page_says_what_the_cards_of_the_notebook_say() -> None:
    text = Tags(_page({"sgd": "adam", "floor": ""}, name="Ada Lovelace")).text
    assert "Ada Lovelace · ada" in text
    assert re.search(r"12\s+of 19 points", text)
    assert "TODO 4 · Train with SGD: not right yet (0 of 2 points)" in text
    assert next(m.hint for m in SPEC.exercise("sgd").mistakes if m.name == "adam") in text
    assert "Recognised as: adam" in text
    assert "Expected: what must hold" in text
    assert "TODO 1 · The generating function: passed (2 of 2 points)" in text
    assert "Came to its end." in text


def test_an_answer_that_held_in_some_runs_says_so() -> None:
    made = result("ada", {"floor": "default_noise"})
    made["exercises"]["floor"]["passed_runs"] = 1
    (mark,) = marks_of([made], SPEC)
    assert "right in 1 of 2; an answer must hold with other numbers" in feedback_page(mark, SPEC, NOWHERE)


def test_an_answer_that_is_not_there_says_what_came_between(tmp_path: Path) -> None:
    error = {"output_type": "error", "ename": "NameError", "evalue": f"name 'x'\n{SCRIPT}", "traceback": []}
    cells = [
        {"id": "todo-sgd", "outputs": [error, {**error, "ename": "Later"}]},
        {"id": "todo-model", "outputs": [error]},
    ]
    (tmp_path / "ada-1.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    made = result("ada")
    made["exercises"]["sgd"] |= {"status": "unattempted", "points": 0}
    made["runs"][1]["ended"] = "more than 600 s in all"
    (mark,) = marks_of([made], SPEC)
    page = feedback_page(mark, SPEC, tmp_path)
    text = Tags(page).text
    assert f"Error in the first run: NameError: name 'x' {SCRIPT}" in text
    assert text.count("Error in the first run") == 1, "what passed needs no excuse"
    assert "A run ended early" in text
    assert "More than 600 s in all." in text
    assert_harmless(page)


def test_points_by_hand_decisions_and_lateness_are_told() -> None:
    (mark,) = marks_of(
        [result("ada", {"sgd": ""}, late_seconds=1.0)],
        SPEC,
        policy=LatePolicy.parse("1/day"),
        manual={("ada", "longer"): ManualMark(1.5, "Which floor?")},
        overrides={"ada": {"sgd": Override(1, "nearly there")}},
    )
    text = Tags(feedback_page(mark, SPEC, NOWHERE)).text
    assert "longer: 1.5 of 2 points" in text
    assert "Comment: Which floor?" in text
    assert "beat the floor: not read yet" in text
    assert "1 point taken off for lateness" in text
    assert "1 of 2 points count, by decision of the instructor" in text
    assert "(nearly there)" in text
    assert "Not final" in text


def test_figures_of_the_first_run_are_shown(tmp_path: Path) -> None:
    notebook = _notebook(tmp_path, {"text/html": _html(png(), alt="the curve")}, {"text/html": SCRIPT})
    notebook.rename(tmp_path / "ada-1.ipynb")
    page = _page(notebooks=tmp_path)
    assert base64.b64encode(png()).decode() in page
    assert ("img", "alt", "the curve") in Tags(page).attributes
    assert_harmless(page)


def test_a_notebook_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    _notebook(tmp_path, {"text/html": _html(png())})
    runs = [{"parameters": {}, "notebook": "../run.ipynb", "ended": "", "limit": "", "points": 0}]
    assert "<img" not in _page(notebooks=tmp_path / "runs", runs=runs)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_hostile_submission_runs_in_a_browser(name: str) -> None:
    ended = [{"parameters": {}, "notebook": SCRIPT, "ended": SCRIPT, "limit": SCRIPT, "points": 0}]
    questions = {question.name: SCRIPT for question in SPEC.questions}
    hands = {(name, question.name): ManualMark(1, SCRIPT, note=SCRIPT) for question in SPEC.questions}
    made = result(name, {"sgd": "adam"}, name=name, questions=questions, runs=ended, remarks=[SCRIPT])
    (mark,) = marks_of([made], SPEC, manual=hands, overrides={name: {"floor": Override(1, SCRIPT)}})
    page = feedback_page(mark, SPEC, NOWHERE)
    assert_harmless(page)
    assert SCRIPT in Tags(page).text, "it is shown as text"


def test_parameters_and_other_students_stay_unknown(tmp_path: Path) -> None:
    marks = marks_of([result("ada", {"sgd": "adam"}), result("bob"), result("eve")], SPEC)
    write_feedback(marks, SPEC, tmp_path, NOWHERE)
    for mark in marks:
        page = (tmp_path / f"{mark.student}.html").read_text(encoding="utf-8")
        assert str(SECRET_NUMBER) not in page
        for other in {"What ada", "What bob", "What eve"} - {f"What {mark.student}"}:
            assert other not in page


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("missing", "No submission was found"),
        ("unreadable", "the file is empty"),
        ("lost", "no fault of yours"),
        ("unclear", "not clear whose submission"),
    ],
)
def test_what_was_not_graded_gets_a_page_that_says_why(status: str, text: str) -> None:
    (mark,) = marks_of([not_graded("ada", status, "the file is empty")], SPEC)
    page = feedback_page(mark, SPEC, NOWHERE)
    assert text in page
    assert "TODO" not in page


def test_pages_stay_in_their_folder_under_one_name_each(tmp_path: Path) -> None:
    marks = marks_of([result(name) for name in (*NAMES, "..", "a/b", "a_b", FORMULA[1:])], SPEC)
    write_feedback(marks, SPEC, tmp_path / "in" / "feedback", NOWHERE)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == len(marks)
    assert {path.parent for path in files} == {tmp_path / "in" / "feedback"}
