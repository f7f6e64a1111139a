"""What the course does where a lab opens."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import pytest

from labs_lib import open_lab, training


def test_opening_a_lab_in_a_notebook_accelerates_fit_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    training.accelerate(False)
    plain = keras.Model.fit
    open_lab("01", {})
    assert keras.Model.fit is plain
    assert "model.fit" not in capsys.readouterr().out
    shell = SimpleNamespace(ast_transformers=[], events=SimpleNamespace(register=lambda event, call: None))
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    open_lab("01", {})
    assert len(shell.ast_transformers) == 1
    assert keras.Model.fit is not plain
    assert "accelerate(False) restores Keras's own" in capsys.readouterr().out
    training.accelerate(False)
