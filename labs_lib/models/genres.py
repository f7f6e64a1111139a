"""The published networks of lab 06, as settings: six dense ones and seven convolutional ones."""

from __future__ import annotations

from typing import NamedTuple

Filters = tuple[int, int, int, int]  # of the four convolutions

# The published filter combinations, by their number from 1, and the accuracy that the hand-outs give for
# each, from 0 to 1: measured on segments split at random, with segments of one track on both sides.
GENRE_FILTERS: dict[Filters, float] = {
    (32, 32, 32, 32): 0.7029,
    (64, 32, 32, 32): 0.7557,
    (128, 64, 64, 32): 0.7784,
    (256, 128, 64, 64): 0.8565,
    (256, 128, 64, 32): 0.8715,
    (32, 64, 128, 256): 0.7917,
    (64, 128, 256, 256): 0.8328,
}


class DenseShape(NamedTuple):
    """What tells the published dense networks apart.

    Attributes:
        hidden: Units of the hidden layers.
        l2: Weight of the L2 penalty on the kernels of the hidden layers.
        dropout: Rate of the dropout behind each hidden layer.
        normalised: Whether batch normalisation stands behind the flattened input and every hidden layer.
    """

    hidden: tuple[int, ...]
    l2: float = 0.0
    dropout: float = 0.0
    normalised: bool = False


# By the number that the lab gives them.
GENRE_MLPS: dict[int, DenseShape] = {
    1: DenseShape((512, 256, 128, 64, 32)),
    2: DenseShape((256, 128, 64, 32), l2=1e-3, dropout=0.3),
    3: DenseShape((512, 256, 128, 64)),
    4: DenseShape((256, 128, 64), l2=1e-3, dropout=0.3),
    5: DenseShape((512, 256, 128, 64), normalised=True),
    6: DenseShape((512, 256, 128, 64), l2=1e-3, normalised=True),
}


def filter_combinations(text: str) -> list[Filters]:
    """Return the filter combinations that a text names.

    Args:
        text: Combinations such as '32-32-32-32', separated by blanks; 'all' for the seven published ones.

    Raises:
        ValueError: It is something else.

    Example:
        >>> filter_combinations("32-32-32-32 64-32-32-32")
        [(32, 32, 32, 32), (64, 32, 32, 32)]

    See Also:
        notebooks/06_music_genres.ipynb
    """
    if text.strip() == "all":
        return list(GENRE_FILTERS)
    found = []
    for part in text.split():
        numbers = part.split("-")
        if len(numbers) != 4 or not all(number.isdecimal() and int(number) for number in numbers):
            break
        found.append((int(numbers[0]), int(numbers[1]), int(numbers[2]), int(numbers[3])))
    if not found or len(found) != len(text.split()):
        raise ValueError(
            f"{text!r} names no filters: expected combinations of four numbers such as '32-32-32-32 64-32-32-32', "
            "or 'all'"
        )
    return found
