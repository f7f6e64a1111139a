"""Python's and NumPy's global generators of random numbers, which Keras and tf-keras-vis draw from."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def preserve_rng_state(seed: int | None = None) -> Iterator[None]:
    """Restore the global generators afterwards, so that draws in the block have no effect outside.

    Args:
        seed: Seed for the block; by default the generators continue where they are.

    Example:
        >>> before = random.getstate()
        >>> with preserve_rng_state(seed=0):
        ...     drawn = random.random()
        >>> random.getstate() == before
        True
    """
    states = random.getstate(), np.random.get_state()  # noqa: NPY002 - the global state is what is kept
    if seed is not None:
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
