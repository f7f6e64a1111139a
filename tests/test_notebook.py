"""What the course does where a lab opens."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import keras
import pytest

from labs_lib import notebook, open_lab, training


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


def test_many_networks_bring_no_advice_on_retracing_and_other_warnings_arrive(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("tensorflow")
    notebook.set_up()
    training.accelerate(False)
    logger.warning("5 out of the last 5 calls to %s triggered tf.function retracing.", "predict")
    logger.warning("a real one")
    assert [record.getMessage() for record in caplog.records] == ["a real one"]
