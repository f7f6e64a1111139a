"""Outputs of executed notebooks: errors in one line, and nothing from what is no notebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labs_engine.grade.outputs import errors_in, outputs_of


def test_the_first_error_of_each_cell_is_told_in_one_line(tmp_path: Path) -> None:
    outputs = [
        {"output_type": "stream", "text": "fine"},
        {"output_type": "error", "ename": "ValueError", "evalue": "two\n  lines"},
        {"output_type": "error", "ename": "Later", "evalue": ""},
    ]
    long = {"output_type": "error", "ename": ["no text"], "evalue": "x" * 10_000}
    path = tmp_path / "run.ipynb"
    path.write_text(json.dumps({"cells": [{"id": "a", "outputs": outputs}, {"id": "b", "outputs": [long]}]}))
    errors = errors_in(path)
    assert errors["a"] == "ValueError: two lines"
    assert len(errors["b"]) == 300
    assert [cell for cell, _ in outputs_of(path)] == ["a", "a", "a", "b"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"cells": 1}',
        '{"cells": [1]}',
        '{"cells": [{"outputs": 1}]}',
        '{"cells": [{"outputs": [1]}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_notebook_has_no_outputs(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.ipynb").write_text(content, encoding="utf-8")
    assert outputs_of(tmp_path / "run.ipynb") == []
    assert outputs_of(tmp_path / "none.ipynb") == []
