"""Augmentation: each batch of spectrograms is changed at random, so no clip is seen twice alike.

Every step is a function (x, y, seed) -> (x, y) of tensors, for `map` of a `tf.data.Dataset` of
batches. x has shape (batch, bands, frames, channels), y one label per clip; `mixup` needs a row of
class probabilities for each instead, shape (batch, classes). A seed is an int32 tensor of shape
(2,): the same seed, the same change. Inputs are expected to be standardised, so that 0 is an
average value.

Sources: masks after Park et al. (2019), SpecAugment, doi 10.21437/Interspeech.2019-2680;
mixup after Zhang et al. (2018), mixup: Beyond Empirical Risk Minimization, arXiv 1710.09412.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

Augment = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]

_TINY = 1e-20  # keeps the quotient of two draws defined where both are rounded to 0


def chain(*steps: Augment) -> Augment:
    """Return one step that does several in turn, each with a seed of its own.

    Args:
        steps: Steps such as `time_shift()` and `mixup(0.2)`.
    """

    def augment(x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        for number, step in enumerate(steps):
            x, y = step(x, y, tf.random.experimental.stateless_fold_in(seed, number))
        return x, y

    return augment


def time_shift() -> Augment:
    """Return a step that rolls each clip in time: what leaves at the end comes back at the start.

    Every shift, from none to the whole length, is equally likely.
    """

    def augment(x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        clips, frames = tf.shape(x)[0], tf.shape(x)[2]
        shifts = tf.random.stateless_uniform([clips, 1], seed, 0, frames, tf.int32)
        places = (tf.range(frames)[None] - shifts) % frames
        return tf.gather(x, places, axis=2, batch_dims=1), y

    return augment


def pitch_shift(most: int) -> Augment:
    """Return a step that moves each clip up or down by some bands; the outermost band is repeated.

    On a mel axis this is close to another pitch, and to an animal of another size.

    Args:
        most: Bands that are not passed; every shift from -most to most is equally likely.
    """

    def augment(x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        clips, bands = tf.shape(x)[0], tf.shape(x)[1]
        shifts = tf.random.stateless_uniform([clips, 1], seed, -most, most + 1, tf.int32)
        places = tf.clip_by_value(tf.range(bands)[None] - shifts, 0, bands - 1)
        return tf.gather(x, places, axis=1, batch_dims=1), y

    return augment


def level_shift(deviation: float) -> Augment:
    """Return a step that makes each clip louder or softer: a number is added to its log-mel values.

    Args:
        deviation: Standard deviation of that number, in units of the standardised values.
    """

    def augment(x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return x + tf.random.stateless_normal([tf.shape(x)[0], 1, 1, 1], seed, stddev=deviation), y

    return augment


def mask_bands(widest: int, masks: int = 1) -> Augment:
    """Return a step that sets random stretches of mel bands to 0 (SpecAugment's frequency masks).

    Args:
        widest: Bands of the widest mask; every width from 0 to this one is equally likely.
        masks: Number of masks per clip.
    """
    return _masks(1, widest, masks)


def mask_frames(widest: int, masks: int = 1) -> Augment:
    """Return a step that sets random stretches of frames to 0 (SpecAugment's time masks).

    Args:
        widest: Frames of the widest mask; every width from 0 to this one is equally likely.
        masks: Number of masks per clip.
    """
    return _masks(2, widest, masks)


def mixup(alpha: float) -> Augment:
    """Return a step that mixes each clip with another of its batch, and their labels likewise.

    A clip becomes w * itself + (1 - w) * its partner. The weight w is drawn from Beta(alpha, alpha)
    and exchanged for 1 - w where that is larger, so that a clip keeps the larger share.

    Args:
        alpha: Above 0. Small values leave most clips almost alone, large ones mix them half and half.

    Raises:
        ValueError: When the step is given class numbers, which cannot be mixed.
    """

    def augment(x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if y.shape.rank != 2 or not y.dtype.is_floating:
            raise ValueError(
                f"mixup needs class probabilities, shape (batch, classes), not {y.dtype.name} labels of shape "
                f"{y.shape}: np.eye(n_classes)[labels] and the loss 'categorical_crossentropy'"
            )
        clips = tf.shape(x)[0]
        draw = tf.random.stateless_gamma([2, clips], seed, alpha) + _TINY
        weight = tf.reduce_max(draw, axis=0) / tf.reduce_sum(draw, axis=0)
        order = tf.random.experimental.stateless_shuffle(tf.range(clips), seed)
        of_clips = tf.reshape(weight, [clips, 1, 1, 1])
        of_labels = weight[:, None]
        mixed = of_clips * x + (1 - of_clips) * tf.gather(x, order)
        return mixed, of_labels * y + (1 - of_labels) * tf.gather(y, order)

    return augment


def _masks(axis: int, widest: int, masks: int) -> Augment:
    def augment(x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        clips, length = tf.shape(x)[0], tf.shape(x)[axis]
        of_width, of_start = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
        width = tf.random.stateless_uniform([clips, masks, 1], of_width, 0, widest + 1, tf.int32)
        # A start for every width is equally likely among those that keep the mask inside.
        share = tf.random.stateless_uniform([clips, masks, 1], of_start)
        start = tf.cast(share * tf.cast(length - width + 1, tf.float32), tf.int32)
        places = tf.range(length)[None, None]
        hidden = tf.reduce_any((places >= start) & (places < start + width), axis=1)
        shape = [clips, length, 1, 1] if axis == 1 else [clips, 1, length, 1]
        return x * tf.cast(~tf.reshape(hidden, shape), x.dtype), y

    return augment
