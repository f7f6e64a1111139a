"""Trainings in which one thing is done in another way: how the usual mistakes of `labs_lib.kinds.trained` are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class How:
    """A way to train.

    Attributes:
        loss: The loss, where it is not the right one.
        optimizer: Name of the optimiser.
        rate: Factor of the learning rate.
        metrics: What is recorded beside the loss.
        epochs: Number of epochs, where it is not what was asked for.
        batch: Factor of the batch size.
        watch: 'validation', 'training', or '' for nothing.
        rebuild: Whether each call builds a network of its own.
    """

    loss: Any = None
    optimizer: str = "Adam"
    rate: float = 1.0
    metrics: tuple[Any, ...] = ("accuracy",)
    epochs: int | None = None
    batch: float = 1.0
    watch: str = "validation"
    rebuild: bool = True
    kept: list[Any] = field(default_factory=list)

    def train(
        self,
        build: Callable[[], Any],
        x: Any,
        y: Any,
        validation: Any,
        *,
        loss: str,
        rate: float,
        epochs: int,
        batch_size: int = 32,
    ) -> tuple[Any, Any]:
        """Return a trained network and its history."""
        import keras

        if self.rebuild or not self.kept:
            self.kept[:] = [build()]
        model = self.kept[0]
        chosen = getattr(keras.optimizers, self.optimizer)(rate * self.rate)
        model.compile(chosen, loss=self.loss or loss, metrics=list(self.metrics))
        history = model.fit(
            x,
            y,
            epochs=self.epochs or epochs,
            batch_size=round(batch_size * self.batch),
            validation_data={"validation": validation, "training": (x, y), "": None}[self.watch],
            verbose=0,
        )
        return model, history


def _from_logits() -> How:
    import keras

    return How(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def _binary_from_logits() -> How:
    import keras

    return How(loss=keras.losses.BinaryCrossentropy(from_logits=True))


MISTAKES: Mapping[str, Callable[[], How]] = {
    "squared_error": lambda: How(loss="mse"),
    "from_logits": _from_logits,
    "binary_from_logits": _binary_from_logits,
    "sgd": lambda: How(optimizer="SGD"),
    "default_rate": lambda: How(rate=10.0),
    "rate_ignored": lambda: How(rate=0.3),
    "epochs_ignored": lambda: How(epochs=4),
    "no_accuracy": lambda: How(metrics=()),
    "other_metric": lambda: How(metrics=("acc",)),
    "no_validation": lambda: How(watch=""),
    "not_rebuilt": lambda: How(rebuild=False),
    "batch_size": lambda: How(batch=3.0),
    "validated_on_training": lambda: How(watch="training"),
}


def training_mutations(
    exercise: str, mutation: Callable[[How], Any], names: Iterable[str], **other: str
) -> dict[tuple[str, str], Any]:
    """Return the mutations of an exercise on training, by exercise and mistake.

    Args:
        exercise: Its name.
        mutation: From a way to train to a mutation, see `harness.make_tests`.
        names: The mistakes, as `MISTAKES` names them.
        **other: The exercise's own names of those that it names in another way.
    """

    def make(name: str) -> Any:
        return lambda right, solved: mutation(MISTAKES[name]())(right, solved)

    return {(exercise, other.get(name, name)): make(name) for name in names}
