"""A classifier is one file that carries its labels; it takes any sound file and says what it did."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
import soundfile

from labs_lib import audio, classify, features
from labs_lib.classify import Classified, Classifier, ClassifierError

RATE = 8000
HOW = features.Spectral(rate=RATE, n_mels=20, n_fft=512, hop=256)
RECIPE = features.Segments(0.5, 3, "log_mel", HOW)
LABELS = ("low", "middle", "high")


def _model(shape: tuple[int, ...], outputs: int = 3) -> keras.Model:
    inputs = keras.Input(shape)
    return keras.Model(
        inputs, keras.layers.Dense(outputs, activation="softmax")(keras.layers.Flatten()(inputs))
    )


def _pitch_model() -> keras.Model:
    """A network that tells in which third of the mel bands the energy lies."""
    shape = RECIPE.row_shape
    model = _model((*shape, 1))
    weights = np.zeros((*shape, 3), np.float32)
    for k in range(3):
        weights[:, 7 * k : 7 * k + 7, k] = 0.01
    model.set_weights([weights.reshape(-1, 3), np.zeros(3, np.float32)])
    return model


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(_pitch_model(), LABELS, RECIPE, mean=-40.0, deviation=20.0)


def _write(path: Path, *parts: tuple[float, float]) -> Path:
    """Write tones, each given by its frequency in Hz and its length in s."""
    tones = [0.4 * np.sin(2 * np.pi * hertz * np.arange(round(RATE * s)) / RATE) for hertz, s in parts]
    soundfile.write(path, np.concatenate(tones), RATE)
    return path


LOW, MIDDLE, HIGH = 150.0, 1000.0, 3000.0


def test_all_segments_count_not_only_the_first(classifier: Classifier, tmp_path: Path) -> None:
    result = classifier.classify_file(_write(tmp_path / "song.wav", (LOW, 0.5), (HIGH, 2.2)))
    assert result.probabilities.shape == (5, 3), "the rest of 0.2 s is left out"
    np.testing.assert_allclose(result.times, [0, 0.5, 1.0, 1.5, 2.0])
    np.testing.assert_allclose(result.probabilities.sum(axis=1), 1, rtol=1e-5)
    assert result.votes.tolist() == [1, 0, 4]
    assert (result.vote, result.mean_choice, result.padded) == ("high", "high", False)


def test_vote_and_mean_can_differ_and_equal_votes_are_settled_by_the_mean() -> None:
    def result(probabilities: list[list[float]]) -> Classified:
        rows = np.array(probabilities)
        return Classified(Path("x.wav"), LABELS, np.arange(len(rows)), 0.5, rows, False)

    split = result([[0.4, 0.35, 0.25], [0.4, 0.35, 0.25], [0.0, 1.0, 0.0]])
    assert (split.vote, split.mean_choice) == ("low", "middle")
    even = result([[0.6, 0.4, 0.0], [0.1, 0.9, 0.0]])
    assert (even.votes.tolist(), even.vote) == ([1, 1, 0], "middle")


def test_it_is_one_file_that_carries_everything(classifier: Classifier, tmp_path: Path) -> None:
    path = classifier.save(tmp_path / "pitch.keras")
    assert [item.name for item in tmp_path.iterdir() if not item.name.endswith(".lock")] == ["pitch.keras"]
    again = classify.load(path)
    assert (again.labels, again.recipe) == (LABELS, RECIPE)
    song = _write(tmp_path / "song.wav", (MIDDLE, 0.7), (HIGH, 0.8))
    np.testing.assert_allclose(
        again.classify_file(song).probabilities, classifier.classify_file(song).probabilities, atol=1e-6
    )
    plain = keras.saving.load_model(path, safe_mode=True)
    assert plain.count_params() == classifier.model.count_params(), "Keras alone reads it as a model"


def test_scaling_by_column_travels_along(tmp_path: Path) -> None:
    mean, deviation = np.linspace(-60, -20, 20), np.linspace(5, 30, 20)
    made = Classifier(_model(RECIPE.row_shape), LABELS, RECIPE, mean, deviation)
    rows = np.random.default_rng(0).uniform(-80, 0, (4, *RECIPE.row_shape))
    again = classify.load(made.save(tmp_path / "net.keras"))
    assert made.inputs(rows).shape == rows.shape, "no axis of channels where the network takes none"
    np.testing.assert_allclose(made.inputs(rows), (rows - mean) / deviation, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(again.inputs(rows), made.inputs(rows), rtol=1e-6, atol=1e-6)


def test_mp3_stereo_and_another_rate_are_read(classifier: Classifier, tmp_path: Path) -> None:
    time = np.arange(3 * 44_100) / 44_100
    stereo = np.stack([0.3 * np.sin(2 * np.pi * HIGH * time)] * 2, axis=1)
    soundfile.write(tmp_path / "song.mp3", stereo, 44_100)
    result = classifier.classify_file(tmp_path / "song.mp3")
    assert result.mean_choice == "high"
    assert len(result.times) >= 6


def test_a_short_file_is_repeated_and_flagged(classifier: Classifier, tmp_path: Path) -> None:
    result = classifier.classify_file(_write(tmp_path / "note.wav", (HIGH, 0.2)))
    assert (result.padded, result.probabilities.shape, result.mean_choice) == (True, (1, 3), "high")


def test_what_cannot_be_classified_is_said(classifier: Classifier, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no sound file at"):
        classifier.classify_file(tmp_path / "none.wav")
    (tmp_path / "page.mp3").write_text("<html>not found</html>")
    with pytest.raises(audio.AudioError, match="HTML page"):
        classifier.classify_file(tmp_path / "page.mp3")
    with pytest.raises(audio.AudioError, match="lasts 25 ms; a spectrum takes at least 64 ms"):
        classifier.classify_file(_write(tmp_path / "click.wav", (HIGH, 0.025)))
    soundfile.write(tmp_path / "silence.wav", np.zeros(2 * RATE), RATE)
    with pytest.raises(audio.AudioError, match=r"silence\.wav is silent"):
        classifier.classify_file(tmp_path / "silence.wav")


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"model": lambda: _model((5, 20))}, r"takes inputs of shape \(5, 20\), the recipe gives \(16, 20\)"),
        ({"labels": ("low", "high")}, "3 outputs, found 2 labels"),
        ({"labels": "low"}, "3 outputs"),
        ({"labels": ("low", "high", "low")}, "same label"),
        ({"mean": np.zeros(13)}, "one number, or 20"),
        ({"deviation": np.r_[np.ones(19), 0]}, "deviations above 0"),
        ({"mean": np.nan}, "expected a mean"),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts: dict, reason: str) -> None:
    given = {"model": lambda: _model(RECIPE.row_shape), "labels": LABELS, "recipe": RECIPE, **parts}
    with pytest.raises(ClassifierError, match=reason):
        Classifier(**{**given, "model": given["model"]()})


def test_files_that_are_no_classifier_are_refused(classifier: Classifier, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no classifier at"):
        classify.load(tmp_path / "none.keras")
    with pytest.raises(ClassifierError, match=r"ends in \.keras"):
        classifier.save(tmp_path / "net.h5")
    (tmp_path / "text.keras").write_text("no archive")
    with pytest.raises(ClassifierError, match=r"cannot be read as a \.keras file"):
        classify.load(tmp_path / "text.keras")
    with zipfile.ZipFile(tmp_path / "other.keras", "w") as archive:
        archive.writestr("readme", "something else")
    with pytest.raises(ClassifierError, match="not one of a Keras model"):
        classify.load(tmp_path / "other.keras")
    classifier.model.save(tmp_path / "plain.keras")
    with pytest.raises(ClassifierError, match="without labels"):
        classify.load(tmp_path / "plain.keras")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda about: about.pop("labels"), "is damaged: 'labels'"),
        (lambda about: about["labels"].pop(), "found 2 labels"),
        (lambda about: about.update(format=2), "has format 2; this version reads 1"),
        (lambda about: about["recipe"].update(colour="blue"), "is damaged"),
    ],
)
def test_damaged_notes_are_named(classifier: Classifier, tmp_path: Path, change, reason: str) -> None:
    path = classifier.save(tmp_path / "net.keras")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(members["labs.json"])
    change(about)
    members["labs.json"] = json.dumps(about).encode()
    with zipfile.ZipFile(tmp_path / "changed.keras", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(ClassifierError, match=reason):
        classify.load(tmp_path / "changed.keras")


def test_a_layer_that_runs_code_is_not_loaded(tmp_path: Path) -> None:
    inputs = keras.Input(RECIPE.row_shape)
    x = keras.layers.Lambda(lambda t: 2 * t)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(x)))
    path = Classifier(model, LABELS, RECIPE).save(tmp_path / "code.keras")
    with pytest.raises(ClassifierError, match="no network that Keras can load"):
        classify.load(path)
