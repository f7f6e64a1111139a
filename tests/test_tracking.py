"""Curves in TensorBoard's event files: what is written is what is read back."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from labs_lib import models, tracking


def test_what_a_run_writes_is_read_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((20, 3)), rng.integers(0, 2, 20)
    model = models.mlp(3, [4], 2, output_activation="softmax")
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    folder = tmp_path / "apart" / "a network, seed 0"
    history = model.fit(
        x, y, epochs=4, validation_data=(x, y), callbacks=[tracking.logger(folder)], verbose=0
    ).history
    curves = tracking.read_curves(tmp_path)
    assert list(curves) == ["apart/a network, seed 0"]
    (read,) = curves.values()
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        np.testing.assert_allclose(read[name], history[name], rtol=1e-6)


def test_a_file_that_was_cut_off_gives_what_is_whole(tmp_path: Path) -> None:
    with tf.summary.create_file_writer(str(tmp_path / "one" / "train")).as_default():
        for epoch, value in enumerate([3.0, 2.0, 1.0]):
            tf.summary.scalar("epoch_loss", value, step=epoch)
    (path,) = tmp_path.rglob("events*")
    path.write_bytes(path.read_bytes()[:-10])
    np.testing.assert_allclose(tracking.read_curves(tmp_path)["one"]["loss"], [3.0, 2.0])


def test_a_folder_without_event_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="was anything trained"):
        tracking.read_curves(tmp_path)


def test_log_folders_are_new_and_the_oldest_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path))
    folders = [tracking.new_log_folder("06") for _ in range(8)]
    assert len(set(folders)) == 8
    assert folders[-1].is_dir()
    assert 5 <= sum(folder.is_dir() for folder in folders) <= 6


def test_without_a_person_the_board_is_said_and_not_started(tmp_path: Path) -> None:
    assert not tracking.live()
    assert str(tmp_path) in (tracking.board(tmp_path) or "")
