"""The page of a lab: students' text, folded solutions and answers, outputs worth showing."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_runs import FIGURE, PROJECT, html, make_run, sound
from nbformat.v4 import new_output

from labs_engine.build.project import Published
from labs_engine.build.stubs import BEGIN, END, YOUR_CODE
from labs_engine.declare.course import find_lab
from labs_engine.site.executed import read_runs
from labs_engine.site.gallery import gallery
from labs_engine.site.labpage import ANSWER_PROMPT, SOLUTION, LabPage, conditions, make_page
from labs_engine.site.media import MediaStore


def _page(folder: Path, number: str = "01", repository: str = "", **options: object) -> LabPage:
    make_run(folder / "runs", number, **options)  # type: ignore[arg-type]
    (lab,) = read_runs(PROJECT, [find_lab(number)], folder / "runs")
    return make_page(lab, MediaStore(folder / "media", "../_media/"), Published(repository))


@pytest.mark.parametrize("number", ["01", "03", "06"])
def test_solutions_are_folded_behind_what_the_student_gets(tmp_path: Path, number: str) -> None:
    cells = _page(tmp_path, number).notebook.cells
    folded = [n for n, cell in enumerate(cells) if SOLUTION in str(cell.metadata.get("mystnb", ""))]
    assert len(folded) >= len(find_lab(number).exercises)
    for place in folded:
        assert cells[place].metadata["tags"] == ["hide-input"]
        assert YOUR_CODE in cells[place - 1].source
        assert not cells[place - 1].outputs
    text = "\n".join(cell.source for cell in cells)
    assert BEGIN not in text
    assert END not in text


def test_model_answers_are_folded_and_their_questions_are_not(tmp_path: Path) -> None:
    cells = [cell.source for cell in _page(tmp_path, "06").notebook.cells]
    answers = [n for n, text in enumerate(cells) if ANSWER_PROMPT in text]
    assert len(answers) == len(find_lab("06").questions)
    for place in answers:
        assert cells[place].startswith("<details")
        assert cells[place].endswith("</details>")
        assert "**Question" in cells[place - 1]
    assert not any("Full marks" in text for n, text in enumerate(cells) if n not in answers)


def test_generated_cells_are_folded(tmp_path: Path) -> None:
    head = _page(tmp_path).notebook.cells[1:4]
    assert [cell.metadata["tags"] for cell in head] == [["hide-input"]] * 3
    assert len({cell.metadata["mystnb"]["code_prompt_show"] for cell in head}) == 3


def test_a_page_has_one_first_heading_and_its_parts_stand_below(tmp_path: Path) -> None:
    text = [c.source for c in _page(tmp_path, "03").notebook.cells if c.cell_type == "markdown"]
    lines = "\n".join(text).splitlines()
    assert [line for line in lines if line.startswith("# ")] == [text[0].splitlines()[0]]
    assert "## Part A · Backpropagation" in lines
    assert "### 1 The network and its graph" in lines


def test_colab_is_a_link_and_nothing_is_loaded_from_there(tmp_path: Path) -> None:
    assert "colab" not in _page(tmp_path / "a").notebook.cells[0].source.lower()
    title = _page(tmp_path / "b", repository="someone/course").notebook.cells[0].source
    assert "[Open this lab in Colab](https://colab.research.google.com/github/someone/course/" in title
    assert "![" not in title


def test_progress_bars_and_names_of_plots_are_left_out(tmp_path: Path) -> None:
    bar = "making:  40%|████      | 2/5 [00:01<00:02]\rmaking: 100%|██████████| 5/5 [00:03<00:00]\nfound 5\n"
    page = _page(
        tmp_path,
        outputs={
            3: [
                new_output("stream", name="stdout", text=bar),
                new_output("execute_result", {"text/plain": "<Axes: title={'left': 'x'}>"}),
                new_output("stream", name="stderr", text="it: 100%|███| 5/5 [00:03<00:00]\r"),
            ]
        },
    )
    outputs = [output for cell in page.notebook.cells for output in cell.get("outputs", [])]
    assert [o.text for o in outputs if o.output_type == "stream"] == ["found 5\n"]
    assert not any("<Axes" in str(o) for o in outputs)


def test_scores_on_stand_ins_stay_labelled(tmp_path: Path) -> None:
    page = _page(tmp_path, data_sources=["standin"], data_source="standin")
    title = page.notebook.cells[0].source
    assert "synthesised stand-in sounds" in title
    assert "say nothing about the real recordings" in title
    parameters = {"seed": 3, "profile": "full"}
    assert conditions({"data_sources": [], "parameters": parameters}) == (
        "Executed with seed 3, in the full profile, on synthetic data."
    )


def test_the_gallery_leads_from_each_figure_and_sound_to_its_place(tmp_path: Path) -> None:
    page = _page(tmp_path, "04", outputs={5: [html(FIGURE), html(sound("a clarinet & more"))]})
    assert [placed.medium.kind for placed in page.media] == ["figure", "sound"]
    shown = "\n".join(str(c.get("outputs", "")) for c in page.notebook.cells)
    text = gallery([page], "_media/")
    for placed in page.media:
        assert f'id="{placed.medium.anchor}"' in shown
        assert f"labs/{find_lab('04').name}.html#{placed.medium.anchor}" in text
        assert f'src="_media/{placed.medium.file}"' in text
    assert 'alt="A curve that falls."' in text
    assert "a clarinet &amp; more" in text
    assert page.media[0].section in text


def test_a_lab_without_figures_has_no_place_in_the_gallery(tmp_path: Path) -> None:
    assert "## Lab" not in gallery([_page(tmp_path)], "_media/")
