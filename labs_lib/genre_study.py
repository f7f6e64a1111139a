"""The published networks of lab 06 with the settings that they are trained with, as plans of a study."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from labs_lib.models import GENRE_FILTERS, GENRE_MLPS, genre_cnn, genre_mlp
from labs_lib.models.genres import Filters
from labs_lib.study import Plan


@dataclass(frozen=True)
class Decay:
    """A rate that is constant at first and then falls by the same factor every epoch.

    Attributes:
        start: Epochs without a change.
        speed: From then on the rate is multiplied by exp(-speed) every epoch.
    """

    start: int
    speed: float

    def __call__(self, epoch: int, rate: float) -> float:
        """Return the rate of an epoch, counted from 0, from that of the epoch before."""
        return rate if epoch < self.start else rate * math.exp(-self.speed)


@dataclass(frozen=True)
class Steps:
    """A rate that falls in steps.

    Attributes:
        rates: The rate from an epoch on, by that epoch, counted from 0.
    """

    rates: Mapping[int, float]

    def __call__(self, epoch: int, rate: float) -> float:
        """Return the rate of an epoch, counted from 0."""
        begun = [start for start in self.rates if start <= epoch]
        return self.rates[max(begun)] if begun else rate


CNN_RATES = Steps(MappingProxyType({0: 1e-4, 25: 5e-5, 100: 3e-5}))

# Number of epochs, patience and schedule of each dense network, by its number. For the two with batch
# normalisation the hand-outs name neither; they get what the third one has.
_MLP_TRAINING: Mapping[int, tuple[int, int, Decay | None]] = {
    1: (50, 0, None),
    2: (100, 0, None),
    3: (100, 10, Decay(10, 0.1)),
    4: (100, 10, Decay(10, 0.01)),
    5: (100, 10, Decay(10, 0.1)),
    6: (100, 10, Decay(10, 0.1)),
}


def cnn_name(filters: Sequence[int]) -> str:
    """Return how tables name a convolutional network, 'CNN 32-32-32-32'."""
    return "CNN " + "-".join(map(str, filters))


def mlp_plans(numbers: Sequence[int] = tuple(GENRE_MLPS), *, epochs: int | None = None) -> list[Plan]:
    """Return plans of the published dense networks: Adam at 0.01, batches of 32.

    Args:
        numbers: Which of the six, by number.
        epochs: Epochs at most; each network's own number without.
    """
    plans = []
    for number in numbers:
        most, patience, schedule = _MLP_TRAINING[number]
        build = partial(genre_mlp, **GENRE_MLPS[number]._asdict())
        plans.append(Plan(f"dense {number}", build, 0.01, epochs or most, patience, schedule))
    return plans


def cnn_plans(
    filters: Sequence[Filters] = tuple(GENRE_FILTERS), *, epochs: int = 200, patience: int = 20
) -> list[Plan]:
    """Return plans of convolutional networks as published: Adam at 1e-4 in steps to 3e-5, batches of 32.

    Args:
        filters: Filters of the four convolutions of each.
        epochs: Epochs at most.
        patience: Stop when the validation loss has not fallen for so many epochs.
    """
    return [
        Plan(
            cnn_name(of_network),
            partial(genre_cnn, filters=of_network),
            1e-4,
            epochs,
            patience,
            CNN_RATES,
            channel=True,
        )
        for of_network in filters
    ]
