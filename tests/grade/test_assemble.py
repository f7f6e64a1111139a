"""Whatever became of the cells on a student's machine, each answer is found, and what is not is named."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs_engine.grade.assemble import Assembled, assemble
from labs_engine.grade.placing import bound_names, is_code, release_from
from labs_engine.grade.reading import UnreadableSubmission

# A lab with many TODOs: of a course only this file is read.
RELEASE = Path(__file__).parent.parent.parent / "notebooks" / "01_synthetic_regression.ipynb"
NOTEBOOK = nbformat.read(RELEASE, as_version=4)
KNOWN = release_from(NOTEBOOK)
TODOS = list(KNOWN.todos.values())
QUESTIONS = list(dict.fromkeys(KNOWN.prompts.values()))

Cell = dict[str, Any]


def plain(cell: Any) -> Cell:
    return {
        "cell_type": cell.cell_type,
        "source": cell.source,
        "id": cell.id,
        "metadata": copy.deepcopy(dict(cell.metadata)),
    }


def own(source: str, kind: str = "code") -> Cell:
    return {"cell_type": kind, "source": source, "id": "made-in-an-editor", "metadata": {}}


def answer_to(todo: Any) -> str:
    """An answer that says which TODO it is of, in the form of the release: its comment, its names."""
    comment = todo.stub.splitlines()[0]
    return "\n".join([comment, *(f"{name} = {todo.cell + ':' + name!r}" for name in sorted(todo.names))])


def answered() -> list[Cell]:
    """The lab with every TODO and question answered."""
    cells = [plain(cell) for cell in NOTEBOOK.cells]
    for cell in cells:
        if cell["id"] in KNOWN.todos:
            cell["source"] = answer_to(KNOWN.todos[cell["id"]])
        elif cell["id"].startswith("answer-"):
            cell["source"] = f"The answer to {cell['id'].removeprefix('answer-')}."
    return cells


def at(cells: list[Cell], identity: str) -> int:
    return next(place for place, cell in enumerate(cells) if cell["id"] == identity)


def seen_by_checks(assembled: Assembled) -> dict[str, dict[str, Any]]:
    """What each check would be given: the students' cells run, the lab's own do nothing here."""
    names: dict[str, Any] = {}
    seen = {}
    for identity, source in assembled.cells:
        if identity.startswith("todo-") or "+" in identity:
            try:
                exec(
                    source,
                    {"__builtins__": {"str": str, "print": lambda *a: None, "__import__": __import__}},
                    names,
                )
            except Exception:
                continue
        elif identity.startswith("check-"):
            todo = KNOWN.todos[f"todo-{identity.removeprefix('check-')}"]
            seen[todo.cell] = {name: names.get(name) for name in todo.names}
    return seen


RIGHT = {todo.cell: {name: f"{todo.cell}:{name}" for name in todo.names} for todo in TODOS}
TEXTS = {name: f"The answer to {name}." for name in QUESTIONS}


def check_all(cells: list[Cell]) -> Assembled:
    assembled = assemble(NOTEBOOK, cells)
    assert seen_by_checks(assembled) == RIGHT
    assert {name: assembled.texts.get(name) for name in QUESTIONS} == TEXTS
    return assembled


def without_ids(cells: list[Cell]) -> None:
    """As some editors save it."""
    for number, cell in enumerate(cells):
        cell["id"], cell["metadata"] = f"c{number}", {}


def without_comments(cells: list[Cell]) -> None:
    for cell in cells:
        cell["source"] = re.sub(r"(?m)^# TODO \d+.*\n", "", cell["source"])


def merge(cells: list[Cell], first: int, second: int) -> None:
    """Merge two code cells and what lies between, as JupyterLab does: the first keeps its id."""
    cells[first]["source"] = "\n\n".join(
        cell["source"] for cell in cells[first : second + 1] if cell["cell_type"] == "code"
    )
    del cells[first + 1 : second + 1]


def split(cells: list[Cell], place: int, same_metadata: bool) -> None:
    """Split a cell behind its first assignment; the classic notebook gives both halves one grade_id."""
    lines = cells[place]["source"].split("\n")
    half = own("\n".join(lines[2:]))
    if same_metadata:
        half["metadata"] = copy.deepcopy(cells[place]["metadata"])
    cells[place]["source"] = "\n".join(lines[:2])
    cells.insert(place + 1, half)


def test_as_it_was_released() -> None:
    assembled = check_all(answered())
    assert assembled.remarks == ()
    assert assembled.unplaced == ()


@pytest.mark.parametrize("change", [without_ids, without_comments])
def test_ids_or_comments_may_be_lost(change: Callable[[list[Cell]], None]) -> None:
    cells = answered()
    change(cells)
    check_all(cells)


def test_ids_and_comments_may_be_lost_where_names_tell() -> None:
    cells = answered()
    without_comments(cells)
    without_ids(cells)
    assert seen_by_checks(assemble(NOTEBOOK, cells)) == RIGHT


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize(("first", "second"), list(itertools.pairwise(TODOS)), ids=lambda todo: todo.cell)
def test_two_todos_merged_into_one_cell(first: Any, second: Any, ids: bool) -> None:
    cells = answered()
    source = cells.pop(at(cells, second.cell))["source"]
    cells[at(cells, first.cell)]["source"] += "\n" + source
    if not ids:
        without_ids(cells)
    check_all(cells)


def test_a_todo_merged_with_its_check() -> None:
    cells = answered()
    for todo in TODOS:
        merge(cells, at(cells, todo.cell), at(cells, todo.check))
    check_all(cells)


@pytest.mark.parametrize("same_metadata", [True, False])
def test_split_cells(same_metadata: bool) -> None:
    cells = answered()
    for todo in TODOS:
        if len(todo.names) > 1:
            split(cells, at(cells, todo.cell), same_metadata)
    check_all(cells)


@pytest.mark.parametrize(
    "scratch",
    [
        "# TODO 5 again: what did I want?",
        "# TODO 5 again\nn_parameters = 'a later try'",
        "# TODO 5 again\nprint(n_parameters)",
    ],
)
def test_a_scratch_cell_replaces_no_answer(scratch: str) -> None:
    cells = [*answered(), own(scratch)]
    check_all(cells)
    cells = answered()
    if "later" not in scratch:
        cells.insert(at(cells, "check-count"), own(scratch))
        check_all(cells)


def test_the_last_definition_before_the_check_counts() -> None:
    cells = answered()
    cells.insert(at(cells, "todo-count"), own("# TODO 5\nn_parameters = 'a first try'"))
    check_all(cells)
    cells = answered()
    cells[at(cells, "todo-count")]["source"] = "# TODO 5\nn_parameters = 'a first try'"
    cells.insert(at(cells, "check-count"), own("n_parameters = 'todo-count:n_parameters'\nextra = 1"))
    check_all(cells)


def test_an_answer_at_the_end_counts_where_there_is_no_other() -> None:
    cells = answered()
    cells[at(cells, "todo-count")]["source"] = KNOWN.todos["todo-count"].stub
    check_all([*cells, own("n_parameters = 'todo-count:n_parameters'")])


def test_code_that_became_text_is_code_again() -> None:
    cells = answered()
    cells[at(cells, "todo-floor")]["cell_type"] = "raw"
    cells[at(cells, "todo-count")]["cell_type"] = "markdown"
    check_all(cells)


def test_an_import_in_a_cell_of_the_lab_is_kept() -> None:
    cells = answered()
    imports = at(cells, "code-84240b279880") if any(c["id"] == "code-84240b279880" for c in cells) else 5
    cells[imports]["source"] += "\nimport fractions as exact"
    cells[at(cells, "todo-floor")]["source"] = (
        "# TODO 8\nassert exact\nnoise_floor = 'todo-floor:noise_floor'"
    )
    check_all(cells)


def test_parameters_and_checks_of_a_student_do_not_count() -> None:
    cells = answered()
    for cell in cells:
        if "parameters" in cell["metadata"].get("tags", []) or cell["id"].startswith("check-"):
            cell["source"] = "noise = 7\nn_parameters = 46"
    assembled = assemble(NOTEBOOK, cells)
    assert not [
        source for identity, source in assembled.cells if "noise = 7" in source and "+" not in identity
    ]
    assert [source for identity, source in assembled.cells if identity == "check-count"] == [
        KNOWN.cells["check-count"].source
    ]


# Short answers -------------------------------------------------------------------------------------------


def _replace_answer(cells: list[Cell], name: str, *new: Cell) -> None:
    place = at(cells, f"answer-{name}")
    cells[place : place + 1] = new


@pytest.mark.parametrize("kind", ["markdown", "raw", "code"])
@pytest.mark.parametrize("keep", [True, False])
def test_a_short_answer_in_a_cell_of_its_own(kind: str, keep: bool) -> None:
    cells = answered()
    for name in QUESTIONS:
        blank = plain(KNOWN.cells[f"answer-{name}"])
        text = own(f"The answer to {name}.", kind)
        _replace_answer(cells, name, *([blank, text] if keep else [text]))
    check_all(cells)


def test_a_short_answer_in_two_cells_or_in_the_question() -> None:
    cells = answered()
    name = QUESTIONS[0]
    _replace_answer(cells, name, own("One.", "markdown"), own("Two.", "markdown"))
    assert assemble(NOTEBOOK, cells).texts[name] == "One.\n\nTwo."
    cells = answered()
    place = at(cells, f"answer-{name}")
    cells[place] = plain(KNOWN.cells[f"answer-{name}"])
    cells[place - 1]["source"] += "\n\nWritten below the question."
    assert assemble(NOTEBOOK, cells).texts[name] == "Written below the question."


def test_a_tag_alone_places_a_short_answer() -> None:
    cells = answered()
    for name in QUESTIONS:
        moved = cells.pop(at(cells, f"answer-{name}"))
        cells.insert(0, own(moved["source"], "markdown") | {"metadata": {"tags": [f"answer-{name}"]}})
    check_all(cells)


def test_what_has_no_place_is_named() -> None:
    cells = [own("A thought on the whole.", "markdown"), *answered()]
    given = next(cell for cell in reversed(cells) if cell["id"].startswith("text-"))
    given["source"] += "\nMy remark."
    found = assemble(NOTEBOOK, cells).unplaced
    assert [piece.text for piece in found] == ["A thought on the whole.", "My remark."]
    assert found[0].number == 1


def test_places_chosen_by_hand() -> None:
    cells = answered()
    name = QUESTIONS[0]
    cells[at(cells, f"answer-{name}")] = plain(KNOWN.cells[f"answer-{name}"])
    cells[at(cells, "todo-count")]["source"] = KNOWN.todos["todo-count"].stub
    cells = [
        *cells,
        own(f"The answer to {name}.", "markdown"),
        own("exec(\"n_parameters = 'todo-count:n_parameters'\")"),
    ]
    cells[-1]["source"] = "for n_parameters in ['todo-count:n_parameters']:\n    pass"
    manual = {len(cells) - 1: f"answer-{name}", len(cells): "todo-count"}
    assembled = assemble(NOTEBOOK, cells, manual)
    assert assembled.texts[name] == f"The answer to {name}."
    assert seen_by_checks(assembled) == RIGHT


def test_a_place_chosen_by_hand_counts_before_all_others() -> None:
    cells = answered()
    cells[at(cells, "todo-count")]["source"] = "# TODO 5\nn_parameters = 'a wrong one'"
    cells.append(own("n_parameters = 'todo-count:n_parameters'"))
    assert seen_by_checks(assemble(NOTEBOOK, cells))["todo-count"] == {"n_parameters": "a wrong one"}
    assert seen_by_checks(assemble(NOTEBOOK, cells, {len(cells): "todo-count"})) == RIGHT


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("print('something else')", "code"),
        ("A text, no code.", "markdown"),
        ("half of it (", "code"),
        ("", "code"),
        ("n_parameters_of_mine = 'x'", "code"),
    ],
)
@pytest.mark.parametrize("last", [True, False])
def test_a_cell_that_is_placed_in_vain_takes_no_answer_away(source: str, kind: str, last: bool) -> None:
    cells = answered()
    cells.insert(len(cells) if last else 3, own(source, kind))
    assembled = assemble(NOTEBOOK, cells, {len(cells) if last else 4: "todo-count"})
    assert seen_by_checks(assembled) == RIGHT
    assert any("placed as count without defining all of it (n_parameters)" in r for r in assembled.remarks)


@pytest.mark.parametrize("chosen", ["todo-count", f"answer-{QUESTIONS[0]}"])
@pytest.mark.parametrize("identity", [todo.cell for todo in TODOS] + ["check-count"])
@pytest.mark.parametrize("marked", [True, False])
def test_no_cell_placed_elsewhere_loses_what_it_answers(chosen: str, identity: str, marked: bool) -> None:
    cells = answered()
    place = at(cells, identity)
    if not marked:
        cells[place] = own(re.sub(r"(?m)^# TODO \d+.*\n", "", cells[place]["source"]))
    assembled = assemble(NOTEBOOK, cells, {place + 1: chosen})
    assert seen_by_checks(assembled) == RIGHT
    for name in QUESTIONS:
        assert f"The answer to {name}." in assembled.texts[name]


def test_what_a_cell_placed_by_hand_needs_runs_before_it() -> None:
    cells = answered()
    cells[at(cells, "todo-count")]["source"] = (
        "# TODO 5\nhelper = 'todo-count:'\nn_parameters = 'a wrong one'"
    )
    cells.append(own("n_parameters = helper + 'n_parameters'"))
    assert seen_by_checks(assemble(NOTEBOOK, cells, {len(cells): "todo-count"})) == RIGHT


def test_an_attempt_behind_the_cell_placed_by_hand_does_not_count() -> None:
    cells = answered()
    place = at(cells, "todo-count")
    cells.insert(place + 1, own("# TODO 5\nn_parameters = 'a wrong one'"))
    assert seen_by_checks(assemble(NOTEBOOK, cells, {place + 1: "todo-count"})) == RIGHT


# Any sequence of what happens to notebooks ------------------------------------------------------------------


def _insert_helper(cells: list[Cell], draw: Any) -> None:
    cells.insert(draw(st.integers(0, len(cells))), own("helper = 1"))


def _insert_text(cells: list[Cell], draw: Any) -> None:
    # Not behind a question: there it is part of an answer.
    cells.insert(draw(st.integers(0, at(cells, "todo-noise_free"))), own("A note of mine.", "markdown"))


def _merge_with_next(cells: list[Cell], draw: Any) -> None:
    todo = draw(st.sampled_from(TODOS))
    place = at(cells, todo.cell)
    if place + 1 < len(cells) and cells[place + 1]["cell_type"] == "code":
        merge(cells, place, place + 1)


def _split_one(cells: list[Cell], draw: Any) -> None:
    todo = draw(st.sampled_from([todo for todo in TODOS if len(todo.names) > 1]))
    place = at(cells, todo.cell)
    if cells[place]["source"].count("\n") == len(todo.names):
        split(cells, place, draw(st.booleans()))


def _delete_given(cells: list[Cell], draw: Any) -> None:
    given_cells = [
        n
        for n, cell in enumerate(cells)
        if cell["id"].startswith(("code-", "text-", "check-")) and cell["id"] not in KNOWN.prompts
    ]
    if given_cells:
        del cells[draw(st.sampled_from(given_cells))]


def _double(cells: list[Cell], draw: Any) -> None:
    place = at(cells, draw(st.sampled_from(TODOS)).cell)
    cells.insert(place + 1, copy.deepcopy(cells[place]))


CHANGES = [_insert_helper, _insert_text, _merge_with_next, _split_one, _delete_given, _double]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_any_sequence_of_honest_edits_keeps_every_answer(data: st.DataObject) -> None:
    cells = answered()
    for change in data.draw(st.lists(st.sampled_from(CHANGES), max_size=8)):
        change(cells, data.draw)
    ending = data.draw(st.sampled_from([None, without_ids]))
    if ending:
        ending(cells)
    check_all(cells)


# What nobody would write by accident ------------------------------------------------------------------------


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_no_text_breaks_the_reading_of_code(source: str) -> None:
    is_code(source), bound_names(source)
    cells = answered()
    cells[at(cells, "todo-count")]["source"] = source
    assembled = assemble(NOTEBOOK, cells)
    "".join(code for _, code in assembled.cells).encode()


DEEP = [
    "-" * 190_000 + "1",
    "a" + ".b" * 90_000,
    "if a:\n pass\n" + "elif a:\n pass\n" * 12_000,
    "(" * 190_000,
    "a=" * 90_000 + "1",
    "lambda:" * 25_000 + "1",
]


@pytest.mark.parametrize("source", DEEP, ids=lambda source: source[:6])
def test_deep_code_breaks_nothing(source: str) -> None:
    cells = answered()
    cells[at(cells, "todo-count")]["source"] = "# TODO 5\n" + source
    cells[5]["source"] += "\n" + source
    assemble(NOTEBOOK, cells)


def test_a_number_of_any_length_names_no_todo() -> None:
    cells = answered()
    source = "# TODO 5\nn_parameters = 'todo-count:n_parameters'\n# TODO " + "9" * 6000 + "\nextra = 1"
    cells[at(cells, "todo-count")]["source"] = source
    cells[at(cells, "todo-floor")]["source"] += f"\n{source}\n# TODO 12345"
    check_all(cells)


def test_a_notebook_of_many_cells_is_refused_in_words() -> None:
    with pytest.raises(UnreadableSubmission, match="more than is looked at"):
        assemble(NOTEBOOK, [own("x = 1")] * 5000)
