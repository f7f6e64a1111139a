"""A study of several networks: every one starts anew, and what is done stays done."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from labs_lib import genre_study, models, study, tracking
from labs_lib.datasets import splits
from labs_lib.datasets.recordings import Examples
from labs_lib.datasets.splits import Split


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))


def _data(seed: int = 0) -> Examples:
    """Return segments of 12 tracks in two classes, which differ in their first coefficient."""
    rng = np.random.default_rng(seed)
    tracks = np.repeat(np.arange(12), 3)
    labels = tracks % 2
    x = rng.normal(5.0, 3.0, (36, 7, 4)).astype(np.float32)
    x[..., 0] += 8 * labels[:, None]
    return Examples(
        name="probe",
        x=x,
        labels=labels,
        class_names=("low", "high"),
        groups={"track": tracks},
        standin=True,
        provenance="drawn",
    )


def _network(width: int, shape: tuple[int, ...], n_classes: int) -> keras.Model:
    inputs = keras.Input(shape)
    x = keras.layers.Dense(width, activation="relu")(keras.layers.Flatten()(inputs))
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))


def _plans(*widths: int, **settings: Any) -> list[study.Plan]:
    kept = {"rate": 0.01, "epochs": 3, **settings}
    return [study.Plan(f"width {width}", partial(_network, width), **kept) for width in widths]


def _splits(data: Examples) -> dict[str, Split]:
    return {
        "track": splits.by_group(data, "track", 0.25, 0.25, seed=0),
        "random": splits.random_ignoring_groups(data, 0.25, 0.25, seed=0),
    }


def _figures(found: list[study.Trained]) -> list[tuple[Any, ...]]:
    return [(t.plan, t.split, t.seed, t.accuracy, t.track_accuracy, t.history["loss"]) for t in found]


class _Stop(Exception):
    pass


def test_a_study_that_was_stopped_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _data()
    one = {"track": _splits(data)["track"]}
    trained: list[str] = []
    fit = study.training.fit

    def counted(model: keras.Model, *arguments: Any, **options: Any) -> Any:
        if len(trained) == 1:
            raise _Stop
        trained.append(model.name)
        return fit(model, *arguments, **options)

    monkeypatch.setattr(study.training, "fit", counted)
    with pytest.raises(_Stop):
        study.run(_plans(2, 3, 4), data, one, what="")
    trained.clear()
    monkeypatch.setattr(study.training, "fit", lambda *a, **o: (trained.append(""), fit(*a, **o))[1])
    resumed = study.run(_plans(2, 3, 4), data, one, what="")
    assert len(trained) == 3 - 1
    assert [found.resumed for found in resumed] == [True, False, False]

    monkeypatch.setenv("LABS_CACHE", str(resumed[0].folder.parents[1] / "afresh"))
    afresh = study.run(_plans(2, 3, 4), data, one, what="")
    assert _figures(resumed) == _figures(afresh)
    for mine, other in zip(resumed, afresh, strict=True):
        np.testing.assert_array_equal(mine.probabilities, other.probabilities)


def test_what_is_reported_is_what_the_kept_network_does() -> None:
    data = _data()
    split = _splits(data)["track"]
    (found,) = study.run(_plans(6, epochs=40), data, {"track": split}, what="")
    scaled = (data.x - data.x[split.train].mean((0, 1))) / data.x[split.train].std((0, 1))
    probabilities = found.model().predict(scaled[split.test], verbose=0)
    np.testing.assert_allclose(found.probabilities, probabilities, atol=1e-5)
    np.testing.assert_allclose(found.scaling(data.x), scaled, atol=1e-5)
    assert found.accuracy == np.mean(probabilities.argmax(1) == data.labels[split.test])
    assert found.accuracy > 0.8
    assert (found.epochs, len(found.history["val_loss"]), found.parameters) == (40, 40, 188)


def test_rows_outside_the_training_set_change_nothing_that_is_learned() -> None:
    data = _data()
    split = _splits(data)["track"]
    other = _data()
    other.x[split.test] += 100.0
    mine, theirs = (study.run(_plans(3), d, {"track": split}, what="")[0] for d in (data, other))
    assert mine.history == theirs.history
    np.testing.assert_array_equal(mine.scaling.mean, theirs.scaling.mean)


@pytest.mark.parametrize(
    "change",
    [
        {"rate": 0.02},
        {"epochs": 4},
        {"batch_size": 8},
        {"patience": 2},
        {"schedule": lambda epoch, rate: rate / 2},
    ],
)
def test_whatever_decides_the_result_is_part_of_the_key(change: dict[str, Any]) -> None:
    data = _data()
    split = _splits(data)["track"]

    def key(plan: study.Plan, seed: int = 0, rows: Split = split, digest: str = "d") -> str:
        return study.key_of(plan.build((7, 4), 2), plan, rows, seed, digest)

    (plain,), (changed,) = _plans(3), _plans(3, **change)
    assert key(plain) == key(plain)  # whatever numbers Keras gives the layers
    others = [key(changed), key(_plans(4)[0]), key(plain, seed=1), key(plain, digest="e")]
    others.append(key(plain, rows=Split(split.train, split.validation, split.test)))
    assert len({key(plain), *others}) == 6


def test_a_damaged_network_is_trained_again() -> None:
    data = _data()
    one = {"track": _splits(data)["track"]}
    (first,) = study.run(_plans(3), data, one, what="")
    (first.folder / "probabilities.npy").write_bytes(b"cut off")
    (again,) = study.run(_plans(3), data, one, what="")
    assert not again.resumed
    assert _figures([again]) == _figures([first])


def test_patience_stops_at_the_best_epoch_and_goes_back_to_it() -> None:
    data = _data()
    data.labels[:] = np.random.default_rng(1).permutation(data.labels)  # nothing to learn but by heart
    split = _splits(data)["random"]
    (found,) = study.run(_plans(40, rate=0.05, epochs=60, patience=4), data, {"random": split}, what="")
    losses = found.history["val_loss"]
    assert len(losses) == found.kept + 4 < 60
    assert found.kept == 1 + int(np.argmin(losses))
    model = found.model()
    validation = found.scaling(data.x[split.validation])
    probabilities = model.predict(validation, verbose=0)
    loss = -np.log(probabilities[np.arange(len(validation)), data.labels[split.validation]]).mean()
    assert loss == pytest.approx(min(losses), rel=1e-3)
    right = probabilities.argmax(axis=1) == data.labels[split.validation]
    assert found.validation_accuracy == pytest.approx(right.mean())


def test_event_files_are_written_for_trained_and_for_resumed_networks(tmp_path: Path) -> None:
    data = _data()
    one = {"track": _splits(data)["track"]}
    curves = []
    for name in ("first", "second"):
        (found,) = study.run(_plans(3), data, one, logs=tmp_path / name, what="")
        curves.append(tracking.read_curves(tmp_path / name)["track/width 3, seed 0"])
        np.testing.assert_allclose(curves[-1]["val_loss"], found.history["val_loss"], rtol=1e-6)
    assert found.resumed
    assert set(curves[0]) == set(curves[1])


def test_bad_plans_are_refused_before_anything_is_trained() -> None:
    data = _data()
    with pytest.raises(ValueError, match="share one"):
        study.run(_plans(3, 3), data, _splits(data), what="")
    with pytest.raises(ValueError, match="needs validation rows"):
        study.run(_plans(3, patience=2), data, {"track": splits.by_group(data, "track")}, what="")


def test_accuracy_of_tracks_is_that_of_mean_probabilities() -> None:
    # One sure segment outweighs two doubtful ones.
    probabilities = np.array([[0.45, 0.55], [0.9, 0.1], [0.45, 0.55], [0.2, 0.8]])
    assert study.track_accuracy(probabilities, np.array([0, 0, 0, 1]), np.array([7, 7, 7, 3])) == 1.0
    assert study.track_accuracy(probabilities, np.array([1, 1, 1, 1]), np.array([7, 7, 7, 3])) == 0.5


class TestGenrePlans:
    def test_the_published_rates(self) -> None:
        (cnn,) = genre_study.cnn_plans([(32, 32, 32, 32)])
        rates = cnn.rates()
        assert (rates[0], rates[24], rates[25], rates[99], rates[100], rates[199]) == (
            1e-4,
            1e-4,
            5e-5,
            5e-5,
            3e-5,
            3e-5,
        )
        dense = {plan.name: plan.rates() for plan in genre_study.mlp_plans()}
        assert dense["dense 1"] == [0.01] * 50
        assert dense["dense 3"][9] == 0.01
        assert dense["dense 3"][10:12] == pytest.approx([0.01 * np.exp(-0.1), 0.01 * np.exp(-0.2)])
        assert dense["dense 4"][10] == pytest.approx(0.01 * np.exp(-0.01))

    def test_every_plan_builds_its_network(self) -> None:
        for plan in (*genre_study.mlp_plans([1, 6]), *genre_study.cnn_plans([(2, 3, 4, 5)])):
            shape = (130, 13, 1) if plan.channel else (130, 13)
            assert plan.build(shape, 10).output_shape == (None, 10)
        assert len(genre_study.cnn_plans()) == len(models.GENRE_FILTERS) == 7
