"""The page on the class: its statistics are those of the results, and it is as harmless as the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fake_results import FORMULA, SCRIPT, SPEC, not_graded, result
from test_feedback import Tags

from labs_engine.grade.classpage import item_statistics, mistakes_made, write_class_page
from labs_engine.grade.final_grades import Mark, marks_of
from labs_engine.grade.overrides import Override


def _page(marks: list[Mark], folder: Path) -> Tags:
    write_class_page(marks, SPEC, folder / "class.html")
    return Tags((folder / "class.html").read_text(encoding="utf-8"))


def test_difficulty_and_discrimination_are_those_of_the_definition() -> None:
    marks = marks_of(
        [
            result("a"),
            result("b", {"sgd": "adam"}),
            result("c", {"sgd": "adam", "floor": ""}),
            result("d", {"sgd": "", "floor": "", "model": ""}),
        ],
        SPEC,
    )
    items = {item["name"]: item for item in item_statistics(marks, SPEC)}
    assert items["sgd"]["share"] == 0.25
    assert items["floor"]["share"] == 0.5
    # Points of the others: 13 without TODO 4; 'a' and 'b' have all of them, 'c' lacks 1, 'd' lacks 3.
    assert items["sgd"]["discrimination"] == pytest.approx(np.corrcoef([2, 0, 0, 0], [13, 13, 12, 10])[0, 1])
    assert items["count"]["discrimination"] is None, "all have it"
    assert items["sgd"]["n"] == 4


def test_decisions_of_the_instructor_are_in_the_statistics() -> None:
    marks = marks_of([result("a", {"sgd": ""})], SPEC, overrides={"a": {"sgd": Override(1)}})
    assert item_statistics(marks, SPEC)[3]["share"] == 0.5


def test_mistakes_are_counted_with_their_hints() -> None:
    results = [
        result("a", {"sgd": "adam"}),
        result("b", {"sgd": "adam", "floor": "half"}),
        result("c", {"sgd": ""}),
    ]
    first, second, third = mistakes_made(marks_of(results, SPEC), SPEC)
    assert (first["name"], first["count"], first["number"]) == ("adam", 2, 4)
    assert first["hint"].startswith("What happened with sgd: adam")
    assert (second["name"], second["count"], second["hint"]) == ("", 1, "")
    assert (third["name"], third["count"]) == ("half", 1)


def test_the_page_names_what_was_not_graded_and_what_hit_a_limit(tmp_path: Path) -> None:
    slow = result("slow")
    slow["runs"][1] |= {"ended": "more than 3000 MB of memory", "limit": "memory"}
    results = [
        slow,
        result("ada"),
        not_graded("bad", "unreadable", "the file is empty"),
        not_graded("eve", "missing", "x"),
    ]
    page = _page(marks_of(results, SPEC), tmp_path)
    assert "4 students: 2 graded, 1 unreadable, 1 missing." in page.text
    assert "more than 3000 MB of memory" in page.text
    assert "the file is empty" in page.text
    assert "Not final: 4 short answers" in page.text
    assert "With 2 students it says little" in page.text
    alts = [value for tag, name, value in page.attributes if (tag, name) == ("img", "alt")]
    assert [alt[:28] for alt in alts] == ["Points of 2 students, of 19:", "Mean share of the points for"]


def test_grading_without_a_sandbox_is_said(tmp_path: Path) -> None:
    assert "without a sandbox" in _page(marks_of([result("ada", sandbox="none")], SPEC), tmp_path).text
    assert "without a sandbox" not in _page(marks_of([result("ada")], SPEC), tmp_path).text


@pytest.mark.parametrize("results", [[], [not_graded("eve", "missing", "x")], [result("ada")]])
def test_a_class_of_nobody_or_one_has_a_page(tmp_path: Path, results: list) -> None:
    assert f"{len(results)} students" in _page(marks_of(results, SPEC), tmp_path).text


def test_a_hostile_class_is_harmless(tmp_path: Path) -> None:
    bad = result(SCRIPT, {"sgd": SCRIPT}, name=FORMULA, remarks=[SCRIPT])
    bad["runs"][0] |= {"ended": SCRIPT, "limit": SCRIPT}
    page = _page(marks_of([bad, not_graded("x" * 3000, "unreadable", SCRIPT)], SPEC), tmp_path)
    assert "script" not in page.tags
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert SCRIPT in page.text
