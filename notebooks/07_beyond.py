# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,-all
#     formats: ipynb,py:percent
#     notebook_metadata_filter: -jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["head"]
# # Lab 07 · Beyond the original labs
#
# Recurrent networks and other inputs for music, maps of what a network looks at, whether these maps say anything, and what they sound like.
#
# Each TODO asks for the steps themselves, with Python, NumPy, Keras, librosa and scikit-learn as you like. A function of `labs_lib` that does a whole TODO is no answer to it, unless the text before it names that function.
#
# *No Colab badge: this copy of the course does not name its public repository.*

# %% tags=["head"]
# Installs the course's helper package, and what it needs, where they are missing (on Colab, for example).
# What is there already is never replaced.
import importlib.util
import subprocess
import sys
from pathlib import Path

if importlib.util.find_spec("labs_lib") is None:
    wheels = sorted(str(wheel) for folder in (".", "..") for wheel in Path(folder).glob("labs_lib-*.whl"))
    source = wheels[-1] if wheels else ""
    if not source:
        raise ModuleNotFoundError("labs_lib is not installed: see the course's README, 'Start here'.")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "packaging"]
    if subprocess.run([*pip, source]).returncode:
        raise RuntimeError(f"{source} could not be installed: is there a network? pip says more above.")
    importlib.invalidate_caches()
    importlib.import_module("labs_engine.base.bootstrap").install_missing("labs-lib")

# %% tags=["parameters"]
seed = 0  # seed of every random draw
profile = "quick"  # how much to compute: 'quick' or 'full'
source = "auto"  # which tracks: 'auto' takes the real ones where data_home names them: 'auto' or 'standin' or 'real'
data_home = None  # folder that holds the real recordings
tracks_per_genre = None  # tracks of each genre, at most; None: 8 in the quick profile, 40 in the full one
units = 64  # length of the state of a recurrent layer
epochs = None  # epochs of each network; None: 12 in the quick profile, 40 in the full one
batch_size = 32  # segments per update
n_explained = 100  # test segments whose maps are tested
noisy_copies = None  # copies of a segment that SmoothGrad averages; None: 10 in the quick profile, 20 in the full one
n_random = 10  # networks without training that maps are compared with

# %% tags=["head"]
import labs_lib

lab = labs_lib.open_lab("07", globals())

# %% [markdown]
# The earlier labs end where the published hand-outs end. This one takes up what they left as future work:
#
# - networks that read a sound from its beginning to its end, and remember: GRU, LSTM and a CRNN;
# - inputs of another kind: MFCC against log-mel against the plain Fourier spectrum;
# - maps of what a network looks at, with numbers that tell whether such a map says anything;
# - *hearing* what a network looks at, which the published project called impossible.
#
# The data are those of lab 06: segments of 3 s from tracks of ten genres. Where the real tracks are not at hand,
# synthesised pieces take their place; the card below says which of the two this run uses.

# %%
import time

import keras
import librosa
import numpy as np
import pandas as pd
from IPython.display import display

from labs_lib import audio, explain, features, plots
from labs_lib.datasets import gtzan, splits

# %%
recordings = lab.use(gtzan.load(data_home, source, tracks_per_genre=tracks_per_genre))

# %% [markdown]
# Of each genre at most `tracks_per_genre` tracks are taken. (All 1000 real tracks as Fourier spectra fill 5 GB, and three times
# that while a network trains on them.)

# %%
nth_of_genre = pd.Series(recordings.labels).groupby(recordings.labels).cumcount().to_numpy()
tracks = recordings.select(nth_of_genre < tracks_per_genre)
len(tracks)

# %% [markdown]
# ## 1 Three views of one sound
#
# Every segment can be shown to a network in several ways. From top to bottom they hold less and less:
#
# - the **short-time Fourier transform** (STFT), in dB: 1025 frequencies, evenly spaced;
# - the **log-mel spectrogram**: the same energy in 128 bands, narrow at low and wide at high frequencies;
# - **MFCC**: 13 numbers that describe the rough shape of each log-mel column.

# %%
rate = gtzan.RATE
example = audio.load(tracks.paths[0], rate)[: 3 * rate]
audio.Player(example, rate, f"{tracks.class_names[tracks.labels[0]]}, the first three seconds of a track")

# %%
plots.clip_panel(example, rate);

# %% [markdown]
# **What you should see.** The same beats in all four panels, at the same moments. In the second the harmonics of the
# notes are fine lines; in the third they are still there at low frequencies and melt together at high ones; in the last
# they are gone.
#
# `gtzan.segments` computes each view of all tracks once and keeps the result. The axes are segment, frame and column,
# where a column is a coefficient, a band or a frequency.

# %%
views = {
    "MFCC": gtzan.segments(tracks, kind="mfcc"),
    "log-mel": gtzan.segments(tracks, kind="log_mel"),
    "STFT": gtzan.segments(tracks, kind="log_stft"),
}
pd.DataFrame({name: [view.x.shape, view.x[0].size] for name, view in views.items()}, ["shape", "numbers a segment"])

# %% [markdown]
# **What you should see.** The same segments and frames in each view, and 79 times as many numbers in the STFT as in the MFCC.
#
# ### A fair test
#
# Segments of one track resemble each other, so whole tracks go to one side: three fifths to train on, a fifth to choose
# on (validation) and a fifth to test on. Lab 06 showed what happens otherwise.

# %%
data = views["MFCC"]
split = splits.by_group(data, "track", 0.2, 0.2, seed=seed)
labels, owner = data.labels, data.groups["track"]
print([f"{name}: {len(rows)} segments of {len(np.unique(owner[rows]))} tracks" for name, rows in split._asdict().items()])


# %% [markdown]
# The first MFCC is in the hundreds, the last ones are near 0, and a Fourier spectrum has bins that are always quiet. Each
# column is brought to mean 0 and deviation 1. These are learned from data, so they may come from training segments alone.

# %%
# TODO 1: standardise each column with its mean and deviation over all frames of the training segments.
def standardise(x, train_rows):
    """Return all segments, shape (n, frames, columns), scaled; `train_rows` are the rows to train on."""
    return ...  # your code here


# %%
lab.check("standardise", standardise=standardise)


# %% [markdown]
# A listener wants to know the genre of a *track*, not of three seconds of it. The network gives probabilities for each
# segment; their mean over the segments of a track is the answer for the track.

# %%
# TODO 2: the share of tracks whose class has the largest mean probability.
def track_accuracy(probabilities, labels, tracks):
    """Return the accuracy by track; `labels` and `tracks` say for each segment its class and its track."""
    return ...  # your code here


# %%
lab.check("tracks", track_accuracy=track_accuracy)

# %% [markdown]
# ## 2 Networks that remember
#
# A **recurrent** layer reads a sequence step by step. It keeps a *state*, a row of numbers that is changed at every step
# by what is read and by what the state was. After the last frame the state sums up the whole segment.
#
# In a plain recurrent layer what was read first is soon overwritten. **Gates** prevent that: numbers from 0 to 1 that
# decide, for each number of the state, how much is kept and how much is new.
#
# - A **GRU** (gated recurrent unit) has two gates and a candidate for the new state: three sets of weights.
# - An **LSTM** (long short-term memory) has three gates and a candidate: four sets.
#
# Each set has a matrix for what is read, a matrix for the old state, and biases. In Keras a GRU has *two* rows of biases
# in each set, an LSTM one.

# %%
# TODO 3: the parameters of GRU(units) and of LSTM(units) that are given 13 coefficients a frame, from `units`.
gru_parameters = ...  # your code here
lstm_parameters = ...  # your code here

# %%
lab.check("counts", gru_parameters=gru_parameters, lstm_parameters=lstm_parameters)


# %% [markdown]
# The number of frames is not in it: every step uses the same weights, as a convolution uses one filter everywhere. The
# network around the layer is short:
#
# | layer | size | |
# |---|---|---|
# | GRU | `units` | its last state only |
# | dropout | 0.3 | |
# | dense | `n_classes` | softmax |

# %%
# TODO 4: build this network for inputs of shape (frames, coefficients).
def build_rnn(input_shape, n_classes, units):
    """Return the recurrent network, not compiled."""
    return ...  # your code here


# %%
lab.check("rnn", build_rnn=build_rnn)


# %% [markdown]
# A GRU must take its 130 steps one after the other, which no parallel machine can speed up. A **CRNN** (convolutional
# recurrent network) first lets convolutions look at a few frames at a time, and pools what they find. The GRU then goes over
# a shorter sequence whose steps mean more. Each of the two blocks is
#
# | layer | first block | second block | |
# |---|---|---|---|
# | convolution over time (`Conv1D`) | 32 filters, 5 frames | 48 filters, 5 frames | `padding="same"`, no bias |
# | max pooling over time | 3 | 2 | `padding="same"` |
# | batch normalisation | | | `momentum=0.9` |
# | ReLU, a layer of its own | | | |
#
# and behind them come the three layers of TODO 4.

# %%
# TODO 5: build the CRNN for inputs of shape (frames, coefficients).
def build_crnn(input_shape, n_classes, units):
    """Return the convolutional recurrent network, not compiled."""
    x = ...  # your code here
    return ...  # your code here


# %%
lab.check("crnn", build_crnn=build_crnn)


# %% [markdown]
# All networks of this lab are trained alike, so that their scores can be compared: Adam, a rate that rises for a tenth of the
# run to 0.003 and then falls along a cosine, and as many epochs for each. Nothing is stopped early and no epoch is picked.

# %%
def train(build, x):
    """Return a new network, trained on the training segments, its history and the seconds it took."""
    keras.utils.set_random_seed(seed)
    network = build(x.shape[1:], len(tracks.class_names))
    updates = epochs * int(np.ceil(len(split.train) / batch_size))
    rate = keras.optimizers.schedules.CosineDecay(
        0.003 / 20, updates - updates // 10, warmup_target=0.003, warmup_steps=updates // 10
    )
    network.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    history = network.fit(
        x[split.train],
        labels[split.train],
        epochs=epochs,
        batch_size=batch_size,
        validation_data=(x[split.validation], labels[split.validation]),
        verbose=0,
    )
    return network, history.history, time.perf_counter() - start


# %% [markdown]
# What goes into the table: the accuracy on either side, by track and by segment, and what the network costs.

# %%
def row_of(network, x, seconds):
    """Return a row of the table of results."""
    row = {}
    for side, rows in (("validation", split.validation), ("test", split.test)):
        probabilities = network.predict(x[rows], verbose=0)
        row[f"{side}, track"] = track_accuracy(probabilities, labels[rows], owner[rows])
        row[f"{side}, segment"] = np.mean(probabilities.argmax(axis=1) == labels[rows])
    return row | {"numbers a segment": x[0].size, "parameters": network.count_params(), "training (s)": seconds}


# %% [markdown]
# Three networks on MFCC sequences, shape (130, 13). The one with an LSTM is your network of TODO 4 with the other cell.

# %%
def build_lstm(input_shape, n_classes):
    """Return the network of TODO 4 with an LSTM, not compiled."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.LSTM(units),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )


# %%
table, curves = {}, {}
sequences = standardise(data.x, split.train)
recurrent = {
    "GRU on MFCC": lambda shape, n: build_rnn(shape, n, units),
    "LSTM on MFCC": build_lstm,
    "CRNN on MFCC": lambda shape, n: build_crnn(shape, n, units),
}
for name, build in recurrent.items():
    network, history, seconds = train(build, sequences)
    table[name], curves[name] = row_of(network, sequences, seconds), history["val_accuracy"]

# %%
plots.learning_curves(
    curves,
    ylabel="accuracy on validation segments",
    level=1 / len(tracks.class_names),
    level_label="guessing",
    best=None,
    title="Networks that read a segment from beginning to end",
)


# %% [markdown]
# **What you should see.** All three leave guessing behind within a few epochs. On so few tracks none is clearly ahead: look
# at how far a curve moves from one epoch to the next before you believe in a difference between two of them.
#
# ## 3 Which input?
#
# Now one network for all three views, so that only the input differs. It is small: three convolutions, then the mean over
# all places (*global average pooling*), then the classes. The first convolution is as wide as it must be to leave about 64
# columns of any input. From the 1025 frequencies it can learn its own summary; the mel bands are one that was made by hand,
# after our hearing.

# %%
def spectrum_cnn(input_shape, n_classes):
    """Return a network for inputs of shape (frames, columns, 1), not compiled."""
    step = max(round(input_shape[1] / 64), 1)
    x = inputs = keras.Input(input_shape)
    x = keras.layers.Conv2D(16, (3, 2 * step + 1), strides=(2, step), padding="same", use_bias=False)(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    for filters in (32, 64):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = keras.layers.MaxPooling2D(2, padding="same")(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    x = keras.layers.Dropout(0.3)(keras.layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))


spectrum_cnn((130, 128, 1), len(tracks.class_names)).summary()

# %%
pictures, networks = {}, {}
for name, view in views.items():
    pictures[name] = standardise(view.x, split.train)[..., None]
    networks[name], _, seconds = train(spectrum_cnn, pictures[name])
    table[f"CNN on {name}"] = row_of(networks[name], pictures[name], seconds)


# %% [markdown]
# For comparison, the smallest CNN of lab 06, [32, 32, 32, 32] on MFCC, trained as the others here.

# %%
def genre_cnn(input_shape, n_classes):
    """Return the network of lab 06 for inputs of shape (frames, coefficients, 1), not compiled."""
    x = inputs = keras.Input(input_shape)
    for kernel, pool in ((3, 2), (3, 3), (2, 3), (1, 2)):
        penalty = keras.regularizers.L2(1e-4)
        x = keras.layers.Conv2D(32, kernel, activation="relu", kernel_regularizer=penalty)(x)
        x = keras.layers.MaxPooling2D(pool, strides=2, padding="same")(x)
        x = keras.layers.Dropout(0.2)(keras.layers.BatchNormalization(momentum=0.9)(x))
    x = keras.layers.Dense(64, activation="relu")(keras.layers.Flatten()(x))
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))


# %%
network, _, seconds = train(genre_cnn, pictures["MFCC"])
table["lab 06, smallest CNN"] = row_of(network, pictures["MFCC"], seconds)

# %%
display(pd.DataFrame(table).T.astype({"numbers a segment": int, "parameters": int}).round(3))


# %% [markdown]
# **What you should see.** Read it in this order:
#
# - *by track* is mostly above *by segment*: ten uncertain answers make one that is less so;
# - validation and test disagree by several percent for the same network. A side has few tracks, and one track more or less
#   is a large step; a difference between two networks that is no larger than this says nothing;
# - the STFT holds eight times the numbers of the log-mel and takes the longest. Look whether the summary that the network
#   learns from it is better than the mel bands, by more than the disagreement above.
#
# In our runs on the stand-ins the first place on the validation tracks changed with the seed. Once it went to the STFT (0.90), which
# then had 0.60 on the test tracks, where log-mel had 0.85: that is how little twenty tracks can tell. On the
# validation tracks GRU and LSTM alone were behind the CNN on the same MFCC each time; the convolutions of the CRNN helped.

# %%
# TODO 6: the name of the network to use on new songs, from a table such as the one above.
def choose(table):
    """Return a key of the dict `table`, whose values are dicts with the columns above."""
    return ...  # your code here


# %%
lab.check("choose", choose=choose)

# %%
for name, row in table.items():
    card = lab.score(f"{name}, test tracks", row["test, track"])
    if name == choose(table):
        card.show()

# %% [markdown]
# ## 4 Where does it look?
#
# A network gives an answer without a reason. Two common methods draw a map over the input, bright where it mattered:
#
# - **SmoothGrad**: how strongly does the score of the class change with each number of the input? That is a gradient; it is
#   noisy, so it is averaged over copies of the input with noise added.
# - **Grad-CAM**: which channels of the last convolution speak for the class, and where are they active? Its map is coarser.
#
# Both explain the network that takes log-mel spectrograms, in its own orientation (frames, bands). We take test segments from
# all test tracks in turn; what is explained is the *true* class.

# %%
rng = np.random.default_rng(seed)
shuffled = rng.permutation(split.test)
nth_of_track = pd.Series(owner[shuffled]).groupby(owner[shuffled]).cumcount()
explained = shuffled[np.argsort(nth_of_track, kind="stable")][:n_explained]
print(len(explained), "segments of", len(np.unique(owner[explained])), "tracks")

# %%
maps = {}
network, inputs, truth = networks["log-mel"], pictures["log-mel"][explained], labels[explained]
maps["Grad-CAM"] = explain.grad_cam(network, inputs, truth)
maps["SmoothGrad"] = explain.saliency(network, inputs, truth, samples=noisy_copies, seed=seed)

# %% [markdown]
# One segment that the network gets right and one that it gets wrong, each the one it is most certain of:

# %%
whole = network.predict(inputs, verbose=0)
certain = np.where(whole.argmax(axis=1) == truth, 1, -1) * whole.max(axis=1)
shown = {"right": int(certain.argmax()), "wrong": int(certain.argmin())}
for kind, k in shown.items():
    if (certain[k] > 0) != (kind == "right"):
        continue  # the network is never wrong here, or never right
    said, true = (tracks.class_names[c] for c in (whole[k].argmax(), truth[k]))
    for name, method in maps.items():
        plots.saliency_map(method[k], inputs[k], rate, title=f"{name}, {kind}: {true}, taken for {said}")


# %% [markdown]
# **What you should see.** Grad-CAM marks a few regions: some beats, some bands. SmoothGrad marks fine grains all over the
# picture. Both look meaningful, and it is tempting to tell a story about them. But a picture that looks meaningful is no
# evidence. (A segment of the second kind may be missing if the network is never wrong here.)
#
# ## 5 Does the map say anything?
#
# A map makes a claim: *this* is what the network uses. So take it away, and see what happens to the probability of the true
# class. We delete patches of 9 frames and 8 bands, and fill the holes with 0, the mean of the training data.

# %%
# TODO 7: how far the probability of the true class falls, for each segment.
def drop(before, after, labels):
    """Return one number a segment; `before` and `after` are probabilities of shape (n, classes)."""
    return ...  # your code here


# %%
lab.check("drop", drop=drop)


# %% [markdown]
# Any deletion does harm, so a drop alone proves nothing. The comparison is with a deletion of the *same size* at random
# places, other ones in each segment. Here a place is one patch; `size` counts those of a segment.

# %%
# TODO 8: choose `count` of `size` places for each of n segments at random; the same for the same seed.
def random_places(n, size, count, seed):
    """Return truth values of shape (n, size), True where a place is chosen."""
    return ...  # your code here


# %%
lab.check("random", random_places=random_places)


# %% [markdown]
# The most salient fifth of the patches of each segment, by the mean of the map over each patch, and the deletion itself:

# %%
def patch_means(method, height=9, width=8):
    """Return the mean of maps, shape (n, 130, 128), over each patch, shape (n, patches)."""
    rows, columns = method.shape[1] // height, method.shape[2] // width
    cut = method[:, : rows * height, : columns * width]  # a few frames at the end are left alone
    return cut.reshape(len(cut), rows, height, columns, width).mean(axis=(2, 4)).reshape(len(cut), -1)


def without(inputs, places, height=9, width=8):
    """Return the inputs with 0 in some patches; `places` has the shape of `patch_means`."""
    holes = places.reshape(len(places), -1, inputs.shape[2] // width).repeat(height, axis=1).repeat(width, axis=2)
    left = inputs.copy()
    left[:, : holes.shape[1], :, 0][holes] = 0
    return left


# %%
means = {name: patch_means(method) for name, method in maps.items()}
size = means["Grad-CAM"].shape[1]
chance = random_places(len(inputs), size, size // 5, seed)
random_drop = drop(whole, network.predict(without(inputs, chance), verbose=0), truth)
drops = {}
for name, mean in means.items():
    salient = mean.argsort(axis=1).argsort(axis=1) >= size - size // 5
    drops[name] = drop(whole, network.predict(without(inputs, salient), verbose=0), truth)
    plots.paired_drops(drops[name], random_drop, title=f"{name}: every segment against itself")


# %% [markdown]
# **What you should see.** For Grad-CAM most segments lie above the diagonal: what it marks was worth more than a random part of
# equal size. For SmoothGrad they lie on both sides, with a mean that is much nearer to the diagonal.
#
# How sure can we be? Every segment was measured twice, so what counts is its difference. The mean of $n$ differences $d$ has
# the 95 % interval $\bar d \pm 1.96\, s / \sqrt n$, where $s$ is their sample standard deviation (divided by $n - 1$).

# %%
# TODO 9: the mean of the differences (salient - random) with the lower and the upper end of its interval.
def paired_interval(salient, random):
    """Return three numbers: mean, lower end, upper end."""
    return ...  # your code here


# %%
lab.check("interval", paired_interval=paired_interval)

# %%
for name, values in drops.items():
    middle, low, high = paired_interval(values, random_drop)
    print(f"{name}: salient fifth - random fifth = {middle:+.3f}, interval from {low:+.3f} to {high:+.3f}")
    lab.score(f"{name}, salient - random drop", middle).show()

# %% [markdown]
# **What you should see.** An interval that lies well above 0 for Grad-CAM. SmoothGrad's difference is far smaller (less than
# half of it in three runs on the stand-ins): where the score is *sensitive* is another question than what the answer *rests on*.
#
# One more thing is not fair yet: segments of one track are alike, so a hundred segments of twenty tracks are fewer than a
# hundred independent ones. `explain.deletion_test` does the same with its own random places, and with `groups` it takes the
# mean of each track first.

# %%
for name, method in maps.items():
    by_track = explain.deletion_test(network, inputs, truth, method, groups=owner[explained], seed=seed)
    middle, _, low, high = by_track.interval
    print(f"{name}, by track: {middle:+.3f}, interval from {low:+.3f} to {high:+.3f}")

# %% [markdown]
# **What you should see.** The intervals are about twice as wide. Grad-CAM's should still be apart from 0; SmoothGrad's often is not.
#
# A fifth is one choice. The whole curve: delete more and more, the most salient first (**deletion**), or start from nothing and
# fill in the most salient first (**insertion**). A good map makes the first fall early and the second rise early.

# %%
deletion = {n: explain.deletion_curve(network, inputs, truth, m, seed=seed) for n, m in maps.items()}
deletion["random order"] = explain.deletion_curve(network, inputs, truth, 0 * maps["Grad-CAM"], seed=seed)
plots.share_curves(
    deletion["Grad-CAM"].shares,
    {name: curve.mean for name, curve in deletion.items()},
    level=1 / len(tracks.class_names),
    title="Deletion: a map that is right falls early",
)

# %%
insertion = {n: explain.insertion_curve(network, inputs, truth, m, seed=seed) for n, m in maps.items()}
insertion["random order"] = explain.insertion_curve(network, inputs, truth, 0 * maps["Grad-CAM"], seed=seed)
plots.share_curves(
    insertion["Grad-CAM"].shares,
    {name: curve.mean for name, curve in insertion.items()},
    xlabel="share inserted",
    level=1 / len(tracks.class_names),
    title="Insertion: a map that is right rises early",
)

# %% [markdown]
# **What you should see.** The curves of Grad-CAM run ahead of those in random order; SmoothGrad's stay much closer to it.
#
# ### The sanity check
#
# Draw all weights of the network anew, so that it knows nothing, and make its maps of the same segments. If they look like
# the maps before, these showed the picture and the architecture, not what was learned (Adebayo et al. 2018). Agreement is
# measured by the rank correlation of two maps: 1 for the same order of places, 0 for none. One draw can agree by chance, so we
# take several.

# %%
correlation = {}
ignorant = [explain.randomised(network, seed + k) for k in range(n_random)]
grad_cams = [explain.map_correlation(maps["Grad-CAM"], explain.grad_cam(other, inputs, truth)) for other in ignorant]
correlation["Grad-CAM"] = [values.mean() for values in grad_cams]
for other in ignorant[:2]:  # SmoothGrad takes its time: fewer draws and segments
    noise = explain.saliency(other, inputs[:30], truth[:30], samples=noisy_copies, seed=seed + 1)
    correlation.setdefault("SmoothGrad", []).append(explain.map_correlation(maps["SmoothGrad"][:30], noise).mean())
for name, values in correlation.items():
    print(f"{name}: {np.mean(values):.2f} on average, {min(values):.2f} to {max(values):.2f} over {len(values)} draws")
    lab.score(f"{name}, correlation with networks without training", np.mean(values), digits=2).show()


# %% [markdown]
# **What you should see.** Grad-CAM's maps have next to nothing in common with those of ignorant networks, a mean below 0.1 in the
# same runs. SmoothGrad's agree with them to a good part (0.3 to 0.6 in three runs on the stand-ins): its grains follow the picture and the
# architecture, whatever was learned. A map that fails this check can be pretty, but it is no explanation.
#
# ## 6 Hear what it looks at
#
# A map over frames and mel bands says which part of the sound mattered. Sound can be taken apart by time and frequency and put
# together again: the STFT is a complex array, *magnitude and phase*, and has an inverse. So
#
# 1. spread the map from mel bands to the frequencies of the STFT,
# 2. multiply the STFT by it,
# 3. transform back.
#
# Between the centres of two bands we go along a straight line; beyond the outermost centres their value holds, as
# `np.interp` does by itself.

# %%
# TODO 10: spread a mask from mel bands to frequency bins; librosa's arrays have frequency first.
def spread(mask, centres, bins):
    """Return the mask, shape (frames, bands), as (bins, frames); `centres` and `bins` are in Hz."""
    return ...  # your code here


# %%
lab.check("spread", spread=spread)


# %%
# TODO 11: what a mask of shape (bins, frames) lets through of a sound; as many samples as before.
def hear(samples, mask, n_fft, hop):
    """Return the sound behind the mask, shape (n,)."""
    return ...  # your code here


# %%
lab.check("hear", hear=hear)


# %%
def sound_of(row):
    """Return the samples of a segment."""
    first = int(data.groups["segment"][row]) * 3 * rate
    return audio.load(recordings.paths[owner[row]], rate)[first : first + 3 * rate]


how = features.Spectral(rate=rate)
centres = librosa.mel_frequencies(how.n_mels + 2, fmax=rate / 2)[1:-1]
bins = librosa.fft_frequencies(sr=rate, n_fft=how.n_fft)


# %% [markdown]
# A map has no sharp edge. We put the half of the places that is above the map's median in front, and make the rest 20 dB softer
# (a tenth of the amplitude) instead of silent: silence is something that the network has never met. The other way round is the
# contrast.

# %%
def in_front(method):
    """Return two masks, shape (frames, bands): the salient half in front, and the other half."""
    front = np.where(method > np.median(method), 1.0, 0.1)
    return front, 1.1 - front


# %%
k = int(certain.argmax())
samples, genre = sound_of(explained[k]), tracks.class_names[truth[k]]
masks = [spread(mask, centres, bins) for mask in in_front(maps["Grad-CAM"][k])]
salient_sound, other_sound = (hear(samples, mask, how.n_fft, how.hop) for mask in masks)
display(audio.Player(samples, rate, f"{genre}, as it is"))
display(audio.Player(salient_sound, rate, "the salient half in front"))
display(audio.Player(other_sound, rate, "the other half in front"))
plots.stft(salient_sound, rate, title=f"{genre}: the salient half in front")

# %% [markdown]
# **What you should hear.** The same music through a window that opens and closes: parts of the bar and of the range come
# forward, others step back. It sounds natural, because the phase is that of the recording. Ask yourself which instrument is in
# front, and compare with the other half.
#
# And what you *cannot* hear: the map is as coarse as the last convolution of the network, about 0.1 s and four bands, so it cannot
# tell two notes that sound together. It says where, not what: a band may matter because of its level, its rhythm or
# because it is empty. Silence that speaks for a class cannot be heard at all.
#
# ### Does the network hear it too?
#
# We give the two sounds back to the network, as new recordings, for up to 40 of the segments.

# %%
versions = {"as it is": [], "the salient half in front": [], "the other half in front": []}
for k, row in enumerate(explained[:40]):
    samples = sound_of(row)
    for name, mask in zip(versions, (np.ones((130, 128)), *in_front(maps["Grad-CAM"][k])), strict=True):
        heard = hear(samples, spread(mask, centres, bins), how.n_fft, how.hop)
        versions[name].append(features.log_mel(heard, rate).T)

# %%
log_mel = views["log-mel"].x
for name, levels in versions.items():
    new = standardise(np.concatenate([log_mel, levels]), split.train)[len(log_mel) :]
    probability = network.predict(new[..., None], verbose=0)[np.arange(len(levels)), truth[: len(levels)]].mean()
    lab.score(f"probability of the true genre, {name}", probability, digits=2).show()

# %% [markdown]
# **What you should see.** Less than for the sound as it is in both cases, and more with the salient half in front than with the other.
# So the map holds also for what we hear, not only for the picture.
#
# ### Why MFCC cannot be heard like that
#
# A map over MFCC has coefficients on its axis, and no coefficient is a frequency: each describes the whole column. So such a
# map can be heard over time only. We can ask something else: what is left of a sound after MFCC? `explain.sound_of_mfcc`
# undoes the cosine transform (with zeros for what was left out) and guesses the phases; `explain.sound_of_log_mel` has to
# guess only the phases.

# %%
samples = sound_of(explained[int(certain.argmax())])
from_log_mel = explain.sound_of_log_mel(features.log_mel(samples, rate).T, how, length=len(samples), seed=seed)
from_mfcc = explain.sound_of_mfcc(features.mfcc(samples, rate, 13).T, how, length=len(samples), seed=seed)
display(audio.Player(samples, rate, "the recording"))
display(audio.Player(from_log_mel, rate, "from its log-mel spectrogram, 128 numbers a frame"))
display(audio.Player(from_mfcc, rate, "from its MFCC, 13 numbers a frame"))

# %% [markdown]
# **What you should hear.** From the log-mel spectrogram the music comes back, a little hollow: the phases are guessed. From MFCC
# only rhythm and colour come back, as a whisper: the cosine transform kept the rough shape of each column and dropped the
# harmonics, and with them every melody. That is all that the networks of section 2 were given.
#
# ## Questions
#
# **Question 1.** A fellow student concludes from the table: "the STFT holds everything that the log-mel spectrogram holds, so a
# network on it must be at least as good". What is wrong with this argument?

# %% [markdown] tags=["answer-which_input"]
# *Write your answer here.*

# %% [markdown]
# **Question 2.** Someone shows you a saliency map that lies beautifully on the drum beats, and says that the network has
# learned to listen to drums. Which two measurements would you ask for, and what should they give?

# %% [markdown] tags=["answer-what_a_map_says"]
# *Write your answer here.*

# %% [markdown]
# **Question 3.** Why does the masked sound seem natural while the sound from MFCC is a whisper, although both went
# through mel bands?

# %% [markdown] tags=["answer-heard"]
# *Write your answer here.*

# %% [markdown]
# ## What to take away
#
# - A recurrent layer sums up a sequence in a state; convolutions before it make the sequence short and its steps rich.
# - Choose by track, on validation tracks, and distrust differences smaller than a few tracks.
# - The best input is not the one with the most numbers: mel bands are knowledge about hearing that need not be learned.
# - A map is a claim. Deletion against chance and a network without training tell whether it holds; looking at it does not.
# - Multiply the complex STFT and you can hear what a network looks at. MFCC cannot be heard like that.

# %%
lab.finish()
