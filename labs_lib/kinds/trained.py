"""Trained networks as answers: how they were compiled, what their curves hold, and that the two belong together.

A `Training` says what must hold of them. From it follow the judge and the usual mistakes, in every lab alike: the labs
name those that they know, with hints of their own where the text calls for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.context import Context
from labs_engine.declare.framework import Failure, Mistake, close
from labs_lib.kinds.networks import cross_entropy, learning_rate, loss_name, optimizer_name, units

Data = tuple[np.ndarray, np.ndarray]

# Losses that are one and the same: class numbers, or a column for each class.
_SAME = {"categorical_crossentropy": "sparse_categorical_crossentropy"}
_IN_WORDS = {
    "sparse_categorical_crossentropy": "the cross-entropy for labels that are class numbers",
    "binary_crossentropy": "the binary cross-entropy as loss",
    "mean_squared_error": "the mean squared error as loss",
}
_IN_WORDS_OF_OPTIMIZERS = {"SGD": "plain stochastic gradient descent"}


@dataclass(frozen=True)
class Trained:
    """A network after a training, and what was asked for.

    Attributes:
        model: The network.
        curves: What `fit` recorded.
        epochs: Number of epochs.
        rate: The learning rate.
        data: What it was to be trained on; None where that cannot be told from here.
        batch_size: Samples an update; 0 where that is left open.
        validation: What it was to be watched on; None where nothing was.
    """

    model: Any
    curves: Mapping[str, np.ndarray]
    epochs: int
    rate: float
    data: Data | None = None
    batch_size: int = 0
    validation: Data | None = None

    @property
    def updates(self) -> int:
        """How many updates its optimiser has made."""
        return int(self.model.optimizer.iterations)

    @property
    def updates_fit(self) -> bool:
        """Whether they are as many as its data, batch size and epochs ask for, where these are known."""
        return self.data is None or not self.batch_size or self.updates == self.updates_on(len(self.data[0]))

    def updates_on(self, samples: int) -> int:
        """Return how many updates a training on so many samples makes."""
        return self.epochs * -(-samples // self.batch_size)

    def ends_on(self, data: Data) -> bool:
        """Tell whether the validation curve ends at the network's loss on some data."""
        found = self.curves.get("val_loss")
        if found is None:
            return False
        try:
            loss = cross_entropy(self.model, *data)
        except (IndexError, ValueError):  # data that a student passed, which do not fit
            return False
        return close(found[-1], loss, rtol=1e-3)


@dataclass(frozen=True)
class Training:
    """What must hold of trained networks.

    Attributes:
        trained: From the collected answers, the networks, in the order in which they were trained.
        optimizer: The optimiser's class in Keras.
        loss: The loss in Keras's long spelling.
        units: From the run, the units of the dense layers; None where another TODO judges them.
        afresh: Whether each training is a call of its own, with the same seed, on the same data.
    """

    trained: Callable[[SimpleNamespace, Context], list[Trained]]
    optimizer: str = "Adam"
    loss: str = "sparse_categorical_crossentropy"
    units: Callable[[Context], list[int]] | None = None
    afresh: bool = False

    def judge(self, answers: SimpleNamespace, ctx: Context) -> Failure | None:
        """Return the first thing that does not hold, or None."""
        trained = self.trained(answers, ctx)
        for look in (self._compiled, self._recorded, self._updated):
            for one in trained:
                if (wrong := look(one, ctx)) is not None:
                    return wrong
            if look == self._recorded and self.afresh and (wrong := self._starts(trained)) is not None:
                return wrong
        return None

    def mistakes(self, **hints: str) -> list[Mistake]:
        """Return usual mistakes by name, the most specific first, with the lab's own hint or, for '', the usual one.

        Raises:
            KeyError: A name that is not among them.
        """
        return [
            Mistake(name, self._recogniser(name), hint=hint or _HINTS[name]) for name, hint in hints.items()
        ]

    def _compiled(self, one: Trained, ctx: Context) -> Failure | None:
        wanted = self.units(ctx) if self.units else None
        if wanted is not None and units(one.model) != wanted:
            return Failure(
                f"the network asked for, with dense layers of {wanted} units", f"{units(one.model)}"
            )
        name = loss_name(one.model)
        if _SAME.get(name, name) != self.loss:
            return Failure(_IN_WORDS[self.loss], name)
        if _from_logits(one.model):
            return Failure("a loss that takes the probabilities that the network gives", "from_logits=True")
        if optimizer_name(one.model) != self.optimizer:
            words = _IN_WORDS_OF_OPTIMIZERS.get(self.optimizer, f"the optimiser {self.optimizer}")
            return Failure(words, f"the optimiser {optimizer_name(one.model)}")
        if not close(learning_rate(one.model), one.rate, rtol=1e-3):
            return Failure(f"the learning rate {one.rate:g}", f"{learning_rate(one.model):g}")
        return None

    def _recorded(self, one: Trained, ctx: Context) -> Failure | None:
        if len(one.curves["loss"]) != one.epochs:
            return Failure(f"{one.epochs} epochs", f"a curve of {len(one.curves['loss'])} epochs")
        wanted = ("accuracy", "val_loss", "val_accuracy") if one.validation is not None else ()
        if any(name not in one.curves for name in wanted):
            return Failure(
                "curves of 'loss' and 'accuracy', on training and validation data",
                f"the curves {', '.join(map(repr, one.curves))}",
            )
        return None

    def _updated(self, one: Trained, ctx: Context) -> Failure | None:
        if one.data is not None and one.batch_size:
            wanted = one.updates_on(len(one.data[0]))
            if one.updates != wanted:
                return Failure(
                    f"one update for each batch of {one.batch_size}: {wanted} in {one.epochs} epochs of "
                    f"{len(one.data[0])} examples",
                    f"{one.updates} updates",
                )
        if one.validation is not None and not one.ends_on(one.validation):
            return Failure(
                "a validation curve that ends at this network's loss on the validation data",
                f"{one.curves['val_loss'][-1]:.4f}, which is not that loss",
            )
        return None

    def _starts(self, trained: list[Trained]) -> Failure | None:
        first, *others = trained
        for other in others:
            both = min(first.epochs, other.epochs)
            same = close(first.curves["loss"][:both], other.curves["loss"][:both], rtol=1e-3)
            if other.model is first.model or not same:
                return Failure(
                    "a run that starts afresh: the same first losses for the same seed",
                    f"first losses {first.curves['loss'][0]:.4f} and {other.curves['loss'][0]:.4f}",
                )
        return None

    def _recogniser(self, name: str) -> Callable[[SimpleNamespace, Context], bool]:
        recognises = _RECOGNISERS[name]
        return lambda answers, ctx: recognises(self, self.trained(answers, ctx))


def _from_logits(model: Any) -> bool:
    """Tell whether the loss expects any numbers where the network gives probabilities."""
    last = getattr(model.layers[-1], "activation", None)
    return bool(getattr(model.loss, "from_logits", False)) and getattr(last, "__name__", "") != "linear"


def _rate_ignored(training: Training, trained: list[Trained]) -> bool:
    first = trained[0]
    right = optimizer_name(first.model) == training.optimizer
    return right and not close(learning_rate(first.model), first.rate, rtol=1e-3)


def _epochs_ignored(training: Training, trained: list[Trained]) -> bool:
    lengths = {len(one.curves["loss"]) for one in trained}
    return len(lengths) == 1 < len({one.epochs for one in trained})


def _not_rebuilt(training: Training, trained: list[Trained]) -> bool:
    first, second = trained[0], trained[1]
    before, after = first.curves["loss"], second.curves["loss"]
    went_on = after[0] < 0.97 * before[0] and after[0] < 1.03 * before[-1]
    return first.model is second.model or went_on


def _other_updates(training: Training, trained: list[Trained]) -> bool:
    return not all(one.updates_fit for one in trained)


def _validated_on_training(training: Training, trained: list[Trained]) -> bool:
    return all(one.data is not None and one.ends_on(one.data) for one in trained)


_RECOGNISERS: dict[str, Callable[[Training, list[Trained]], bool]] = {
    "sgd": lambda t, all_: optimizer_name(all_[0].model).startswith("SGD"),
    "adam": lambda t, all_: optimizer_name(all_[0].model).startswith("Adam"),
    "squared_error": lambda t, all_: loss_name(all_[0].model) == "mean_squared_error",
    "absolute_error": lambda t, all_: loss_name(all_[0].model) in ("mean_absolute_error", "mae"),
    "from_logits": lambda t, all_: _from_logits(all_[0].model),
    "default_rate": _rate_ignored,
    "rate_ignored": _rate_ignored,
    "epochs": lambda t, all_: len(all_[0].curves["loss"]) != all_[0].epochs,
    "epochs_ignored": _epochs_ignored,
    "no_accuracy": lambda t, all_: not any("acc" in name for name in all_[0].curves),
    "other_metric": lambda t, all_: (
        any("acc" in name for name in all_[0].curves) and "accuracy" not in all_[0].curves
    ),
    "no_validation": lambda t, all_: "val_loss" not in all_[0].curves,
    "not_rebuilt": _not_rebuilt,
    "batch_size": _other_updates,
    "validated_on_training": _validated_on_training,
}
_HINTS = {
    "sgd": "This is SGD; the text asks for Adam.",
    "from_logits": "from_logits=True says that the network's outputs are not probabilities yet. Its last layer has "
    "made them so.",
    "default_rate": "The optimiser is the right one, with another rate than `learning_rate`. Passing its name as "
    "a text instead of an optimiser object uses Keras's default.",
    "rate_ignored": "The optimiser has another rate than the one asked for. Passing its name as a text instead of an "
    "optimiser object uses Keras's default.",
    "epochs": "The number of epochs is not the parameter `epochs`.",
    "epochs_ignored": "The curves have the same length whatever is asked for: use the argument `epochs`.",
    "no_accuracy": "The history holds the loss alone. Keras records what it is told to: see the argument metrics of "
    "compile.",
    "other_metric": "The accuracy is recorded under another name: the text asks for metrics=['accuracy'].",
    "no_validation": "The history holds no validation curves: see the argument validation_data of fit.",
    "not_rebuilt": "The second call goes on where the first one stopped: build the network inside the function.",
    "batch_size": "The number of updates does not fit the training data and the batch size.",
    "validated_on_training": "The validation curve is measured on the training data, which the network has seen.",
}
