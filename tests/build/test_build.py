"""Deriving, writing and holding the files of a lab against their source."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from labs_engine.build import write as building
from labs_engine.build.contents import contents_text, expected_hours
from labs_engine.build.derive import read_source, student_version, to_percent
from labs_engine.build.project import Project, ProjectNotFound, Published, find_project
from labs_engine.build.roles import answered_question, checked_exercise
from labs_engine.build.stubs import BEGIN, END, SourceError, regions
from labs_engine.declare.course import all_labs, find_lab

PROJECT = find_project(Path(__file__))
LABS = all_labs()
NAMES = [lab.name for lab in LABS]


def _no_execution(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    raise AssertionError("the stored outputs are up to date; nothing has to be executed")


def _solution(lab) -> nbformat.NotebookNode:
    return read_source(PROJECT.source(lab).read_text(encoding="utf-8"), lab, PROJECT.published)


@pytest.fixture
def copy(tmp_path: Path) -> Project:
    """A copy of the course's sources and notebooks, to be spoiled."""
    for folder in ("solutions", "notebooks"):
        shutil.copytree(PROJECT.root / folder, tmp_path / folder, ignore=shutil.ignore_patterns(".*"))
    shutil.copy(PROJECT.root / "pyproject.toml", tmp_path)
    return Project(tmp_path)


def test_no_derived_file_has_drifted_from_its_source() -> None:
    assert building.drift(PROJECT, LABS) == []


def test_building_again_changes_nothing(copy: Project) -> None:
    assert building.build(copy, LABS, _no_execution) == []


def test_an_edited_derived_file_is_listed_and_restored(copy: Project) -> None:
    lab = LABS[0]
    notebook = copy.notebook(lab, "student")
    before = notebook.read_text(encoding="utf-8")
    notebook.write_text(before.replace("your code here", "your code"), encoding="utf-8")
    (line,) = building.drift(copy, LABS)
    assert line == f"notebooks/{lab.name}.ipynb differs from what solutions/{lab.name}.py gives"
    assert building.build(copy, LABS, _no_execution) == [notebook]
    assert notebook.read_text(encoding="utf-8") == before


def test_the_table_of_contents_follows_the_labs(copy: Project) -> None:
    text = copy.contents.read_text(encoding="utf-8")
    copy.contents.write_text(text.replace("Music genres", "Genres"), encoding="utf-8")
    assert building.drift(copy, LABS[:1]) == ["notebooks/README.md differs from what the labs give"]
    assert building.build(copy, LABS[:1], _no_execution) == [copy.contents]
    assert copy.contents.read_text(encoding="utf-8") == text
    copy.contents.unlink()
    assert building.drift(copy, LABS[:1]) == ["notebooks/README.md is missing"]


def test_the_table_in_a_document_follows_the_labs_and_the_rest_stays(copy: Project) -> None:
    readme = copy.root / "README.md"
    readme.write_text("Labs:\n\n<!-- labs -->\nold\n<!-- /labs -->\n\nEnd.\n", encoding="utf-8")
    (copy.root / "docs").mkdir()
    (copy.root / "docs" / "guide.md").write_text("No table.\n", encoding="utf-8")
    assert building.drift(copy, LABS[:1]) == ["README.md differs from what the labs give"]
    assert building.build(copy, LABS[:1], _no_execution) == [readme]
    before, table, after = re.split("<!-- /?labs -->", readme.read_text(encoding="utf-8"))
    assert (before, after) == ("Labs:\n\n", "\n\nEnd.\n")
    assert f"[{LABS[-1].title}](notebooks/{LABS[-1].name}.ipynb)" in table
    assert building.build(copy, LABS[:1], _no_execution) == []


def test_the_table_of_contents_counts_points_and_reading() -> None:
    lab = LABS[0]
    words = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("word " * 3000)])
    row = next(line for line in contents_text([(lab, words)]).splitlines() if lab.title in line)
    points = sum(e.points for e in lab.exercises), sum(q.points for q in lab.questions)
    # Half an hour to read, 8 minutes a TODO, 6 a short answer, in half hours.
    work = 8 * len(lab.exercises) + 6 * len(lab.questions)
    hours = round((30 + work) / 30) / 2
    assert f"| {points[0]} + {points[1]} | {hours:g} h |" in row
    assert expected_hours(lab, words) == hours
    assert expected_hours(lab, nbformat.v4.new_notebook()) == round(work / 30) / 2


def test_a_missing_file_is_listed(copy: Project) -> None:
    copy.notebook(LABS[0], "student").with_suffix(".py").unlink()
    assert building.drift(copy, LABS) == [f"notebooks/{LABS[0].name}.py is missing"]


def test_changed_code_makes_the_stored_outputs_stale(copy: Project) -> None:
    source = copy.source(LABS[0])
    source.write_text(source.read_text(encoding="utf-8") + "\n# %%\n1 + 1\n", encoding="utf-8")
    (line,) = building.drift(copy, LABS[:1])
    assert "outputs belong to other code" in line


def test_changed_prose_needs_no_execution(copy: Project) -> None:
    source = copy.source(LABS[0])
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("What to take away", "What to keep"), encoding="utf-8")
    assert len(building.build(copy, LABS[:1], _no_execution)) == 3


@pytest.mark.parametrize("lab", LABS, ids=NAMES)
def test_cell_ids_are_unique_and_the_same_twice(lab) -> None:
    ids = [cell.id for cell in _solution(lab).cells]
    assert len(set(ids)) == len(ids)
    assert ids == [cell.id for cell in _solution(lab).cells]


@pytest.mark.parametrize("lab", LABS, ids=NAMES)
def test_no_solution_text_is_left_for_students(lab) -> None:
    student = PROJECT.notebook(lab, "student")
    texts = [student.read_text(encoding="utf-8"), student.with_suffix(".py").read_text(encoding="utf-8")]
    secrets = [BEGIN, END]
    for cell in _solution(lab).cells:
        if cell.cell_type == "code":
            # Lines that also stand outside the marks of some cell are no secret.
            secrets += [line.strip() for region in regions(cell.source) for line in region.code.splitlines()]
        elif answered_question(cell):
            secrets += [line for line in cell.source.splitlines() if len(line) > 30]
    given = {
        line.strip()
        for cell in student_version(_solution(lab)).cells
        for line in cell.source.splitlines()
        if "your code here" not in line
    }
    for secret in secrets:
        if len(secret) > 12 and secret not in given:
            assert all(secret not in text and json.dumps(secret)[1:-1] not in text for text in texts), secret
    taken = [secret for secret in secrets if len(secret) > 12 and secret not in given]
    assert len(taken) >= len(lab.exercises)


@pytest.mark.parametrize("lab", LABS, ids=NAMES)
def test_stub_and_solution_agree_in_names_and_signatures(lab) -> None:
    solution, student = _solution(lab), nbformat.read(PROJECT.notebook(lab, "student"), as_version=4)
    assert [cell.id for cell in solution.cells] == [cell.id for cell in student.cells]
    for given, solved in zip(student.cells, solution.cells, strict=True):
        if given.cell_type == "code":
            stubbed = _functions(given.source)
            assert stubbed == {name: _functions(solved.source)[name] for name in stubbed}


def _functions(source: str) -> dict[str, str]:
    return {
        node.name: f"{ast.unparse(node.args)} {ast.get_docstring(node)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize("lab", LABS, ids=NAMES)
def test_every_answer_has_a_placeholder(lab) -> None:
    """What a check is called with stands, as a placeholder or as given code, before the check."""
    defined: set[str] = set()
    for cell in nbformat.read(PROJECT.notebook(lab, "student"), as_version=4).cells:
        if cell.cell_type != "code":
            continue
        if checked_exercise(cell):
            call = next(
                node
                for node in ast.walk(ast.parse(cell.source))
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "lab.check"
            )
            wanted = {
                name.id for k in call.keywords for name in ast.walk(k.value) if isinstance(name, ast.Name)
            }
            assert wanted <= defined, wanted - defined
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                defined.add(node.id)
            elif isinstance(node, ast.FunctionDef):
                defined.add(node.name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                defined |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}


@pytest.mark.parametrize("lab", LABS, ids=NAMES)
def test_nbgrader_metadata_says_what_is_graded(lab) -> None:
    for name in ("solution", "student"):
        cells = nbformat.read(PROJECT.notebook(lab, name), as_version=4).cells
        marks = [cell.metadata.nbgrader for cell in cells if "nbgrader" in cell.metadata]
        assert len({mark.grade_id for mark in marks}) == len(marks)
        assert all(mark.schema_version == 3 for mark in marks)
        points = sum(mark.get("points", 0) for mark in marks if mark.grade)
        assert points == sum(e.points for e in lab.exercises) + sum(q.points for q in lab.questions)
        writable = [mark.grade_id for mark in marks if not mark.locked]
        assert all(mark.startswith(("todo-", "answer-")) for mark in writable)
        assert len(writable) >= len(lab.exercises) + len(lab.questions)


@pytest.mark.parametrize("lab", LABS, ids=NAMES)
def test_only_compared_cells_store_outputs(lab) -> None:
    for cell in nbformat.read(PROJECT.notebook(lab, "solution"), as_version=4).cells:
        compared = "nbval-check-output" in cell.metadata.get("tags", [])
        assert bool(cell.get("outputs")) == compared
    for cell in nbformat.read(PROJECT.notebook(lab, "student"), as_version=4).cells:
        assert not cell.get("outputs")


@pytest.mark.parametrize("lab", LABS, ids=NAMES)
def test_notebook_and_script_are_a_pair(lab) -> None:
    for version in ("solution", "student"):
        path = PROJECT.notebook(lab, version)
        notebook = nbformat.read(path, as_version=4)
        assert to_percent(notebook) == path.with_suffix(".py").read_text(encoding="utf-8")


def test_a_badge_appears_once_the_repository_is_set() -> None:
    lab = find_lab("01")
    text = PROJECT.source(lab).read_text(encoding="utf-8")
    title = read_source(text, lab, Published("someone/course", "autumn")).cells[0].source
    assert "github/someone/course/blob/autumn/notebooks/01_synthetic_regression.ipynb" in title
    assert "colab.research" not in read_source(text, lab, Published()).cells[0].source


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('lab.check("floor"', 'lab.check("flor"', "the source checks"),
        ("# TODO 3:", "# To do:", "no cell with a solution and the comment '# TODO 3'"),
        ('tags=["answer-longer"]', 'tags=["answer-other"]', "the source answers"),
        ("n_parameters = (1", "n_parameters = ((1", "was never closed"),
        ("### END SOLUTION", "### The end", "never closed|without its partner"),
    ],
)
def test_a_source_that_disagrees_with_its_declaration_is_refused(old: str, new: str, complaint: str) -> None:
    lab = find_lab("01")
    text = PROJECT.source(lab).read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(SourceError, match=complaint):
        student_version(read_source(text.replace(old, new), lab, Published()))


def test_a_source_that_is_not_in_utf8_is_named_with_the_line_and_what_to_do(copy: Project) -> None:
    source = copy.source(LABS[0])
    lines = source.read_bytes().splitlines(keepends=True)
    lines[40:40] = ["# Durchläufe\n".encode("latin-1")]
    source.write_bytes(b"".join(lines))
    with pytest.raises(SourceError, match=rf"{source.name}, line 41: .*'# Durchläufe'.*Save it as UTF-8"):
        building.build(copy, LABS[:1], _no_execution)
    with pytest.raises(SourceError, match="line 41"):
        building.drift(copy, LABS[:1])


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_source(copy: Project) -> None:
    source = copy.source(LABS[0])
    before = source.read_bytes()
    source.write_bytes(b"\xef\xbb\xbf" + before.replace(b"\n", b"\r\n"))
    assert building.build(copy, LABS[:1], _no_execution) == [source]
    assert source.read_bytes() == before


def test_a_derived_file_that_is_not_in_utf8_is_written_anew(copy: Project) -> None:
    script = copy.notebook(LABS[0], "student").with_suffix(".py")
    before = script.read_bytes()
    script.write_bytes(before + b"# \xe9\n")
    assert building.drift(copy, LABS[:1])
    assert building.build(copy, LABS[:1], _no_execution) == [script]
    assert script.read_bytes() == before


def test_the_course_is_found_from_below_and_missed_with_a_clear_message(tmp_path: Path) -> None:
    assert find_project(PROJECT.root / "labs_lib" / "plots").root == PROJECT.root
    with pytest.raises(ProjectNotFound, match="expected a folder with notebooks/01_"):
        find_project(tmp_path)
