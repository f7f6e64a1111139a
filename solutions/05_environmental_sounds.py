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
# # Lab 05 · Environmental sounds
#
# Dogs, hens and crows: from sound files to log-mel spectrograms, dense and convolutional networks, and a score to trust.
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
source = "auto"  # which clips: 'auto' takes the real ones where data_home names them: 'auto' or 'standin' or 'real'
data_home = None  # folder that holds the real recordings
sample_rate = 22050  # samples per second
n_mels = 128  # mel bands
test_fold = 1  # official fold to test on
batch_size = 32  # clips per update
mlp_epochs = None  # epochs of a dense network; None: 200 in the quick profile, 300 in the full one
cnn_epochs = None  # epochs of a convolutional network; None: 12 in the quick profile, 50 in the full one
n_folds = None  # folds tested on in section 8; None: 2 in the quick profile, 5 in the full one
compact_epochs = None  # epochs of the compact network; None: 15 in the quick profile, 50 in the full one

# %% tags=["head"]
import labs_lib

lab = labs_lib.open_lab("05", globals())

# %% [markdown]
# Can a network tell a dog from a crow? ESC-50 is a collection of 2000 short recordings in 50 classes. We use its
# first ten classes, all of them animals, and go the whole way: from files on disk to a score that can be trusted.
#
# You will
#
# - read labels and folds from file names,
# - turn sound into *log-mel spectrograms*, pictures of energy over time and frequency,
# - train a dense network and a convolutional one, and compare them on recordings that neither has heard.
#
# The data are 400 clips of 5 seconds. Where the real recordings are not at hand, a smaller set of synthesised
# sounds takes their place; the card below says which of the two this run uses.

# %%
import keras
import numpy as np
import tensorflow as tf
from IPython.display import display

from labs_lib import audio, augment, evaluation, features, models, plots, training
from labs_lib.datasets import esc50

# %%
clips = lab.use(esc50.load(data_home, source))

# %% [markdown]
# ## 1 Files, folds and labels
#
# Everything that is known about a clip stands in its file name, `{FOLD}-{SOURCE}-{TAKE}-{TARGET}.wav`:
#
# - **fold**, 1 to 5: a division made by the authors of the set, for testing;
# - **source**: the number of the original recording from which the clip was cut;
# - **take**: a letter, because several clips can come from one recording;
# - **target**: the number of the class.

# %%
for path in clips.paths[:4]:
    print(path.name)


# %%
# TODO 1: take a name apart; fold, source and target are whole numbers, the take is a letter.
def parse(name):
    """Return fold, source, take and target of a clip."""
    ### BEGIN SOLUTION
    fold, source, take, target = name.removesuffix(".wav").split("-")
    return int(fold), int(source), take, int(target)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("parse", parse=parse)

# %% [markdown]
# How many clips of each class are there in each fold? A table shows it at once. From here on the lab uses the
# course's own loader, which reads the names as your function does.

# %%
import pandas as pd

labels = np.array([clips.class_names[target] for target in clips.labels])
pd.crosstab(labels, clips.folds, rownames=["class"], colnames=["fold"])

# %% [markdown]
# **What you should see.** The same number in every cell: the folds are balanced, so accuracy is a fair score and
# guessing gets one clip in ten right.
#
# ## 2 Listening, and looking
#
# Always listen to your data. The player is set to a comfortable level.

# %%
example = int(np.flatnonzero((labels == "rooster") & (clips.folds != test_fold))[0])
samples = audio.load(clips.paths[example], sample_rate)
audio.Player(samples, sample_rate, f"{labels[example]}, {clips.paths[example].name}")

# %% [markdown]
# A *mel spectrogram* cuts the sound into short windows, one every 512 samples (a *hop*), measures how much power
# each frequency carries in each window, and adds the power up in bands that are narrow at low and wide at high
# frequencies, as our hearing is. Its values span many powers of ten:

# %%
power = features.mel_power(samples, sample_rate, n_mels)
plots.mel_spectrogram(power, sample_rate, unit="power", title="Power: a few bright spots, the rest is black")


# %% [markdown]
# **What you should see.** Almost nothing. A few values are thousands of times larger than all others, and they
# alone get a colour. A network would be in the same position as your eyes. Loudness is perceived in ratios, and so
# sound is measured in **decibels**: ten times the logarithm (to base 10) of the power, relative to a reference.
#
# Our reference is a power of 1. Powers below $10^{-10}$ are raised to that value before the logarithm is taken.

# %%
# TODO 2: turn an array of powers into decibels, with 1e-10 as the smallest power.
def to_decibels(power):
    """Return the power in dB, relative to a power of 1."""
    ### BEGIN SOLUTION
    return 10 * np.log10(np.maximum(power, 1e-10))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("decibels", to_decibels=to_decibels)

# %%
plots.mel_spectrogram(to_decibels(power), sample_rate, title="The same clip in decibels")

# %% [markdown]
# **What you should see.** The calls stand out as bright patterns with *harmonics*, bands above one another at
# multiples of the pitch. Between them lies the background noise of the place. This is the picture that our networks
# will look at: a **log-mel spectrogram**.
#
# ### The whole set as one array
#
# Computing the spectrograms of all clips takes a few seconds. Before you do, predict the shape of the result: what
# are its three numbers? A sound of $n$ samples gives one frame centred on its very first sample, and one more after
# every full hop of 512.

# %%
# TODO 3: the shape of the array of all spectrograms, computed from len(clips), n_mels and sample_rate.
### BEGIN SOLUTION
shape = (len(clips), n_mels, 1 + 5 * sample_rate // 512)
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("shape", shape=shape)

# %%
mel = features.clips_mel_power(clips.paths, sample_rate, n_mels)
mel.shape

# %%
log_mel = to_decibels(mel)
print("one value in", f"{log_mel.size:,}", "spans", f"{np.ptp(log_mel):.0f} dB")

# %% [markdown]
# ## 3 A fair test
#
# The score must tell how the network does on recordings that it has never heard. Clips that were cut from one
# recording resemble each other: the same dog, the same yard, the same microphone. A random split would put such
# twins on both sides. The authors' folds keep the clips of a recording together, so we split by whole folds.
#
# We need three sides:
#
# - **training** clips, from which the network learns;
# - **validation** clips, on which *we* choose: how long to train, which network to take;
# - **test** clips, which are looked at once, at the very end.
#
# Why not choose on the test clips? Whoever tries twenty things and keeps what does best on the test clips has
# fitted the test clips, and the score no longer tells about sounds that were never heard.

# %%
validation_fold = test_fold % 5 + 1
print("test on fold", test_fold, "· choose on fold", validation_fold)

# %%
# TODO 4: the row numbers of the clips to train on, to choose on and to test on.
### BEGIN SOLUTION
test_rows = np.flatnonzero(clips.folds == test_fold)
validation_rows = np.flatnonzero(clips.folds == validation_fold)
train_rows = np.flatnonzero((clips.folds != test_fold) & (clips.folds != validation_fold))
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("split", train_rows=train_rows, validation_rows=validation_rows, test_rows=test_rows)

# %%
X_train, y_train = log_mel[train_rows], clips.labels[train_rows]
X_validation, y_validation = log_mel[validation_rows], clips.labels[validation_rows]
X_test, y_test = log_mel[test_rows], clips.labels[test_rows]
print(len(X_train), "clips to train on,", len(X_validation), "to choose on,", len(X_test), "to test on")
print("recordings with clips in several folds:", esc50.sources_in_several_folds(clips) or "none")

# %% [markdown]
# **What you should see.** On the stand-in no recording lies in two folds. On the real set you will see two numbers:
# clips of two recordings, in which both a hen and a rooster call, lie in two folds under different labels. Data sets
# have faults; a good report names them.
#
# ### Standardise
#
# Networks learn best from inputs around 0 with a spread around 1. We subtract one mean and divide by one standard
# deviation. Both are numbers that describe data, so they too must come from the training data alone: the other clips
# stand for recordings that do not exist yet.

# %%
# TODO 5: shift and scale all three arrays with the mean and the standard deviation of all values in X_train.
### BEGIN SOLUTION
mean, deviation = X_train.mean(), X_train.std()
X_train_scaled = (X_train - mean) / deviation
X_validation_scaled = (X_validation - mean) / deviation
X_test_scaled = (X_test - mean) / deviation
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check(
    "standardise",
    X_train_scaled=X_train_scaled,
    X_validation_scaled=X_validation_scaled,
    X_test_scaled=X_test_scaled,
)


# %% [markdown]
# ## 4 A dense network
#
# The first network knows nothing of pictures. It takes the spectrogram as one long row of numbers:
#
# | layer | units | activation |
# |---|---|---|
# | flatten | | |
# | dense | 16 | ReLU |
# | dense | 16 | ReLU |
# | dense | `n_classes` | softmax |
#
# *Softmax* turns the last layer's numbers into probabilities: positive, with sum 1.

# %%
# TODO 6: build the dense network for inputs of shape (mel bands, frames).
def build_mlp(input_shape, n_classes):
    """Return the dense network, not compiled."""
    ### BEGIN SOLUTION
    inputs = keras.Input(input_shape)
    x = keras.layers.Flatten()(inputs)
    x = keras.layers.Dense(16, activation="relu")(x)
    x = keras.layers.Dense(16, activation="relu")(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("mlp", build_mlp=build_mlp)

# %%
n_classes = len(clips.class_names)
print(f"{build_mlp(mel.shape[1:], n_classes).count_params():,} parameters for {len(clips)} clips")


# %% [markdown]
# **What you should see.** Hundreds of thousands of parameters, nearly all of them in the first layer, for a few hundred
# clips at most. Overfitting is to be expected. Let us watch it happen.
#
# ### Training
#
# The loss for classes is the *cross-entropy*: minus the logarithm of the probability that the network gave to the
# right class. Our labels are class numbers, for which Keras's loss is called `sparse_categorical_crossentropy`.
# After each epoch the loss is measured on the validation clips as well.

# %%
# TODO 7: compile with Adam at the given rate, the cross-entropy and the accuracy as metric, then train.
def train(model, x, y, x_val, y_val, epochs, rate):
    """Return the trained model and its history, which also follows the clips x_val, y_val."""
    ### BEGIN SOLUTION
    model.compile(
        optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    history = model.fit(
        x, y, epochs=epochs, batch_size=batch_size, validation_data=(x_val, y_val), verbose=0
    )
    return model, history
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("training", train=train)

# %% [markdown]
# Now the dense network, for `mlp_epochs` epochs. The published version of this lab trains it at a rate of 0.01, which is
# a large step for so many inputs: try it later, and look at the accuracy on the training clips. We take 0.0003.

# %%
keras.utils.set_random_seed(seed)
# TODO 8: train it at a rate of 0.0003, watch the right clips, and take the two losses from the history.
### BEGIN SOLUTION
network = build_mlp(mel.shape[1:], n_classes)
watched = (X_validation_scaled, y_validation)
mlp, mlp_history = train(network, X_train_scaled, y_train, *watched, mlp_epochs, 0.0003)
training_loss = mlp_history.history["loss"]
validation_loss = mlp_history.history["val_loss"]
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check(
    "watched",
    mlp=mlp,
    mlp_history=mlp_history,
    training_loss=training_loss,
    validation_loss=validation_loss,
    X_validation_scaled=X_validation_scaled,
    X_test_scaled=X_test_scaled,
)

# %%
plots.learning_curves(
    {"training clips": training_loss, "validation clips": validation_loss},
    ylabel="cross-entropy",
    level=float(np.log(n_classes)),
    level_label="guessing",
    title="The dense network: what it learns by heart does not help with other clips",
)


# %% [markdown]
# **What you should see.** The loss on the training clips falls and falls. On the validation clips it turns early and
# then *rises*: the network becomes ever more certain of things that are true of its training clips alone. This is
# **overfitting**, and only a curve for clips that are not trained on can show it.
#
# ### When to stop
#
# One remedy costs nothing: take the network from the epoch at which it did best on the validation clips.

# %%
# TODO 9: the epoch, counted from 1, after which the validation loss was smallest.
def best_epoch(history):
    """Return the epoch to stop at; `history` is a dict of curves, as fit records them."""
    ### BEGIN SOLUTION
    return int(np.argmin(history["val_loss"])) + 1
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("best_epoch", best_epoch=best_epoch)

# %%
epoch = best_epoch(mlp_history.history)
accuracy = mlp_history.history["val_accuracy"]
print(f"best epoch: {epoch} of {len(accuracy)}; validation accuracy there {accuracy[epoch - 1]:.2f}")
print(f"at the end: {accuracy[-1]:.2f}, on the training clips {mlp_history.history['accuracy'][-1]:.2f}")

# %% [markdown]
# Nobody waits for epochs that are thrown away afterwards. Keras has a *callback* that does the same while the network
# trains: it stops when the validation loss has not improved for `patience` epochs, and goes back to the best weights.

# %%
stopper = keras.callbacks.EarlyStopping("val_loss", patience=20, restore_best_weights=True)
keras.utils.set_random_seed(seed)
stopped = build_mlp(mel.shape[1:], n_classes)
stopped.compile(keras.optimizers.Adam(0.0003), "sparse_categorical_crossentropy")
held_out = (X_validation_scaled, y_validation)
settings = {"batch_size": batch_size, "validation_data": held_out, "verbose": 0}
curves = stopped.fit(
    X_train_scaled, y_train, epochs=mlp_epochs, callbacks=[stopper], **settings
).history
print(f"stopped after epoch {len(curves['loss'])} of {mlp_epochs}, best epoch {best_epoch(curves)}")


# %% [markdown]
# **What you should see.** The same best epoch as above: same starting weights, same batches. Only the time that follows is
# saved. A small patience saves more, but may stop at a bump in the curve with something better behind it.
#
# Other remedies make it harder to learn by heart:
#
# - **fewer units**: less room to store clips in;
# - an **L2 penalty**: large weights cost something, the sum of their squares is added to the loss;
# - **dropout**: at each update a random share of the units is silenced, so that none can rely on a single other.
#
# | layer | units | |
# |---|---|---|
# | flatten | | |
# | dense | 8 | ReLU, `kernel_regularizer=keras.regularizers.L2(0.01)` |
# | dropout | 0.3 | |
# | dense | `n_classes` | softmax |

# %%
# TODO 10: build the dense network that is held back.
def build_regularised(input_shape, n_classes):
    """Return the smaller dense network with a penalty and dropout, not compiled."""
    ### BEGIN SOLUTION
    inputs = keras.Input(input_shape)
    x = keras.layers.Flatten()(inputs)
    x = keras.layers.Dense(8, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01))(x)
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("regularised", build_regularised=build_regularised)

# %%
sides = (X_train_scaled, y_train, X_validation_scaled, y_validation)
keras.utils.set_random_seed(seed)
held_back, held_back_history = train(
    build_regularised(mel.shape[1:], n_classes), *sides, mlp_epochs, 0.0003
)
plots.learning_curves(
    {
        "free, training": mlp_history.history["accuracy"],
        "free, validation": mlp_history.history["val_accuracy"],
        "held back, training": held_back_history.history["accuracy"],
        "held back, validation": held_back_history.history["val_accuracy"],
    },
    ylabel="accuracy",
    level=1 / n_classes,
    level_label="guessing",
    best=None,
    title="Holding the dense network back",
)


# %% [markdown]
# **What you should see.** The network that is held back learns fewer of its training clips by heart. On the validation
# clips it gains little, if anything: with so few of them, a difference of two or three clips is chance. The trouble lies
# deeper. To this network a bark at the beginning of a clip and a bark at its end have nothing in common: they arrive at
# different inputs.
#
# ## 5 A convolutional network
#
# A *convolutional* network slides small filters over the picture, so a pattern that it has learned in one place is
# recognised in every other. *Pooling* keeps the largest value of each small block and makes the picture smaller.
#
# | layer | size | |
# |---|---|---|
# | convolution | 16 filters, 3 × 3 | ReLU |
# | max pooling | 3 | `padding="same"` |
# | convolution | 16 filters, 3 × 3 | ReLU |
# | max pooling | 2 | |
# | convolution | 32 filters, 2 × 2 | ReLU |
# | flatten | | |
# | dense | 32 | ReLU |
# | dropout | 0.1 | |
# | dense | `n_classes` | softmax |

# %%
# TODO 11: build the convolutional network for inputs of shape (mel bands, frames, 1).
def build_cnn(input_shape, n_classes):
    """Return the convolutional network, not compiled."""
    ### BEGIN SOLUTION
    inputs = keras.Input(input_shape)
    x = keras.layers.Conv2D(16, 3, activation="relu")(inputs)
    x = keras.layers.MaxPooling2D(3, padding="same")(x)
    x = keras.layers.Conv2D(16, 3, activation="relu")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.Conv2D(32, 2, activation="relu")(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(32, activation="relu")(x)
    x = keras.layers.Dropout(0.1)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("cnn", build_cnn=build_cnn)

# %%
pictures = (X_train_scaled[..., None], y_train, X_validation_scaled[..., None], y_validation)
keras.utils.set_random_seed(seed)
cnn, cnn_history = train(build_cnn((*mel.shape[1:], 1), n_classes), *pictures, cnn_epochs, 0.001)
print(f"{cnn.count_params():,} parameters")


# %% [markdown]
# **What you should see.** As many parameters as before, and more. Nearly all of them sit in the dense layer behind
# *flatten*, which again looks at places.
#
# The published version of this lab went on to tune the network, with two additions:
#
# - an **L2 penalty** of 0.001 on the three convolutions and on the dense layer of 32 units;
# - **batch normalisation** behind the second pooling and behind the third convolution. It shifts and scales each channel
#   to mean 0 and deviation 1 over the batch, and then to a mean and a deviation that are learned. Per channel it holds
#   four numbers: these two, and running averages for use on new clips.

# %%
# TODO 12: the network of TODO 11 with both additions; use momentum=0.9 in BatchNormalization.
def build_tuned(input_shape, n_classes):
    """Return the tuned convolutional network, not compiled."""
    ### BEGIN SOLUTION
    decay = keras.regularizers.L2(0.001)
    inputs = keras.Input(input_shape)
    x = keras.layers.Conv2D(16, 3, activation="relu", kernel_regularizer=decay)(inputs)
    x = keras.layers.MaxPooling2D(3, padding="same")(x)
    x = keras.layers.Conv2D(16, 3, activation="relu", kernel_regularizer=decay)(x)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    x = keras.layers.Conv2D(32, 2, activation="relu", kernel_regularizer=decay)(x)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(32, activation="relu", kernel_regularizer=decay)(x)
    x = keras.layers.Dropout(0.1)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("tuned", build_tuned=build_tuned)

# %%
keras.utils.set_random_seed(seed)
tuned, tuned_history = train(build_tuned((*mel.shape[1:], 1), n_classes), *pictures, cnn_epochs, 0.001)
plots.learning_curves(
    {
        "as it was, training": cnn_history.history["accuracy"],
        "as it was, validation": cnn_history.history["val_accuracy"],
        "tuned, training": tuned_history.history["accuracy"],
        "tuned, validation": tuned_history.history["val_accuracy"],
    },
    ylabel="accuracy",
    level=1 / n_classes,
    level_label="guessing",
    best=None,
    title="Two convolutional networks",
)

# %% [markdown]
# **What you should see.** Both convolutional networks do better on the validation clips than the dense ones, and both
# still learn their training clips nearly by heart.
#
# ## 6 The test fold, once
#
# Everything above was chosen without the test clips. Now they have their say.

# %%
# TODO 13: the share of test clips that the dense and the (untuned) convolutional network get right.
### BEGIN SOLUTION
mlp_accuracy = np.mean(mlp.predict(X_test_scaled, verbose=0).argmax(axis=1) == y_test)
cnn_accuracy = np.mean(cnn.predict(X_test_scaled[..., None], verbose=0).argmax(axis=1) == y_test)
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check(
    "scores",
    mlp_accuracy=mlp_accuracy,
    cnn_accuracy=cnn_accuracy,
    mlp=mlp,
    cnn=cnn,
    mlp_history=mlp_history,
    cnn_history=cnn_history,
    X_test_scaled=X_test_scaled,
)

# %%
lab.score(f"dense network, accuracy on fold {test_fold}", mlp_accuracy).show()
lab.score(f"convolutional network, accuracy on fold {test_fold}", cnn_accuracy).show()


# %% [markdown]
# **What you should see.** A wide gap between training and test accuracy, for both networks. With so few test clips a
# single one moves the score by a percent or more. One fold is not enough.
#
# ## 7 Five folds
#
# **Cross-validation** tests on each fold in turn, after training on all others: every clip is tested once, by a network
# that has not heard it. The result is one accuracy a fold, and these are summed up by their mean and their spread.

# %%
# TODO 14: mean and sample standard deviation of some accuracies.
def summary(accuracies):
    """Return mean and standard deviation; the latter is divided by one less than their number."""
    ### BEGIN SOLUTION
    return np.mean(accuracies), np.std(accuracies, ddof=1)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("summary", summary=summary)


# %% [markdown]
# `evaluation.cross_validate` does the rounds. It takes a function that is given the clips to train on, and *only*
# those, and returns a function that predicts. So mean and deviation are computed inside, anew for each fold: there is no
# way for the test clips to leak in.

# %%
def cross_validated(build, fit_network):
    """Return the results of a network, tested on each of the folds in turn."""

    def train_on(x, y, seed):
        mean, deviation = x.mean(), x.std()
        keras.utils.set_random_seed(seed)
        network = build((*x.shape[1:], 1), n_classes)
        fit_network(network, ((x - mean) / deviation)[..., None], y)
        return lambda new: network(((new - mean) / deviation)[..., None], training=False).numpy()

    return evaluation.cross_validate(
        log_mel,
        clips.labels,
        clips.folds,
        train_on,
        test_folds=range(1, n_folds + 1),
        seed=seed,
        what="folds",
    )


# %%
def fit_plainly(network, x, y):
    """Train a network as above, without watching it."""
    network.compile(keras.optimizers.Adam(0.001), "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(x, y, epochs=cnn_epochs, batch_size=batch_size, verbose=0)


results = {}
results["convolutional, with flatten"] = cross_validated(build_cnn, fit_plainly)
print("accuracy on each fold:", results["convolutional, with flatten"].accuracies.round(3))

# %% [markdown]
# **What you should see.** The folds differ by several percent, although network and recipe are the same. That is what
# the score of a single fold is worth.
#
# ## 8 A better network
#
# What is wrong with the convolutional network? Its last layers look at *places* again: flatten keeps apart what was found
# at the beginning and at the end. But we ask *what* is heard in the clip, not *when*. So we leave the place out: each
# channel of the last convolution is summed up over the whole picture by two numbers, its mean (for sounds that last) and
# its maximum (for short ones). This is called *global pooling*.

# %%
compact = models.environment_gap((*mel.shape[1:], 1), n_classes)
compact.summary()


# %% [markdown]
# **What you should see.** Five convolutions, and a tenth of the parameters of the network before.
#
# ### More clips out of the same clips
#
# A rooster that crows half a second later is still a rooster. **Augmentation** changes each clip a little every time it
# is used, in ways that leave its class as it is. The simplest is to move it in time; what leaves at the end comes back at
# the start.

# %%
# TODO 15: move a spectrogram of shape (mel bands, frames) later by a number of frames.
def shift_in_time(spectrogram, frames):
    """Return the spectrogram with every frame later by `frames`; the last ones come back at the start."""
    ### BEGIN SOLUTION
    return np.roll(spectrogram, frames, axis=1)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("shift", shift_in_time=shift_in_time)

# %%
later = shift_in_time(to_decibels(power), power.shape[1] // 3)
plots.mel_spectrogram(later, sample_rate, title="The rooster, a third of a clip later")

# %% [markdown]
# **Masks** go further: they hide a few bands and a few frames, so that the network cannot rely on a single one
# (*SpecAugment*, Park et al. 2019). `labs_lib.augment` has both changes, for a whole batch at a time: a function of
# the clips, their labels and a *seed*, a pair of integers from which the changes are drawn.
#
# Until now `fit` was given arrays. It also takes a `tf.data.Dataset`, which makes the batches while the network trains.
# Ours shuffles the clips anew in every epoch, puts a new seed beside each batch, and changes the batch. What is random
# in it follows `keras.utils.set_random_seed`, like everything else.

# %%
changes = augment.chain(
    augment.time_shift(), augment.mask_bands(16, masks=2), augment.mask_frames(20, masks=2)
)


def augmented(x, y):
    """Return a data set of batches of 16 clips, changed anew in every epoch."""
    batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(16)
    seeds = tf.data.Dataset.random(rerandomize_each_iteration=True).batch(2)
    together = tf.data.Dataset.zip(batches, seeds.map(lambda pair: tf.cast(pair, tf.int32)))
    changed = together.map(lambda batch, pair: changes(*batch, pair), num_parallel_calls=tf.data.AUTOTUNE)
    return changed.prefetch(tf.data.AUTOTUNE)


# %% [markdown]
# The optimiser is AdamW, that is Adam with a penalty on the weights, and its rate rises for the first tenth of the run and
# then falls. All settings were chosen on validation folds.

# %%
def fit_compact(network, x, y):
    """Train the compact network on clips that are changed anew at every update."""
    rate = training.warm_cosine(0.003, compact_epochs * -(-len(x) // 16))
    network.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    network.fit(augmented(x, y), epochs=compact_epochs, shuffle=False, verbose=0)  # shuffled already


# %%
results["compact, augmented"] = cross_validated(models.environment_gap, fit_compact)
print("accuracy on each fold:", results["compact, augmented"].accuracies.round(3))

# %%
for name, result in results.items():
    mean_accuracy, spread = summary(result.accuracies)
    lab.score(f"{name}, {n_folds} folds", mean_accuracy, spread=spread).show()

# %% [markdown]
# And all networks of this lab in one table. The columns "training" and "validation" are from the end of training, "fold" is
# the test fold, "folds" the cross-validation. Only that last column is a score for comparisons.

# %%
picture = X_test_scaled[..., None]
trained = {
    "dense": (mlp, mlp_history, X_test_scaled),
    "dense, held back": (held_back, held_back_history, X_test_scaled),
    "convolutional, with flatten": (cnn, cnn_history, picture),
    "convolutional, tuned": (tuned, tuned_history, picture),
}
table = {}
for name, (network, fitted, x) in trained.items():
    table[name] = {
        "training": fitted.history["accuracy"][-1],
        "validation": fitted.history["val_accuracy"][-1],
        f"fold {test_fold}": np.mean(network.predict(x, verbose=0).argmax(axis=1) == y_test),
    }
for name, result in results.items():
    table.setdefault(name, {})[f"{n_folds} folds"] = result.accuracies
counts = [network.count_params() for network in (mlp, held_back, cnn, tuned, compact)]
display(evaluation.accuracy_table(table).assign(parameters=[f"{count:,}" for count in counts]))

# %% [markdown]
# **What you should see.** A clear step, with a tenth of the parameters. On the real clips and all five folds the network
# with flatten reaches 0.64 ± 0.10, the compact one 0.89 ± 0.01 (mean and spread over the folds), and without augmentation
# 0.86 ± 0.02: the right question, *what* instead of *what and where*, is worth most.
#
# ### What is taken for what
#
# Each tested clip has been heard by a network that does not know it, so we can look at all mistakes at once.

# %%
if "compact, augmented" in results:
    result = results["compact, augmented"]
    tested_labels = clips.labels[result.rows]
    counts = evaluation.confusion(tested_labels, result.predictions, n_classes)
    plots.confusion_matrix(counts, clips.class_names, title="The compact network, on folds it did not hear")

# %% [markdown]
# **What you should see.** A bright diagonal, and off it the pairs that are hard to tell apart.
#
# Listen to the mistakes of which the network was most certain. Would you have known better?

# %%
if "compact, augmented" in results:
    wrong = np.flatnonzero(result.predictions != tested_labels)
    for place in wrong[np.argsort(-result.probabilities[wrong].max(axis=1))][:3]:
        row = result.rows[place]
        said, true = clips.class_names[result.predictions[place]], labels[row]
        sound = audio.load(clips.paths[row], sample_rate)
        display(audio.Player(sound, sample_rate, f"the network: {said}, in truth: {true}"))
        plots.mel_spectrogram(log_mel[row], sample_rate, title=f"taken for {said}, in truth {true}")

# %% [markdown]
# ## Questions
#
# **Question 1.** Suppose that you split the clips at random instead of by fold. Would the score go up or down, and
# which of the two scores would you believe?

# %% [markdown] tags=["answer-why_fold"]
# It would most likely go up: clips of one recording (same animal, place, microphone) would be on both sides, and
# recognising the recording is easier than recognising the animal. The score by fold is the one to believe, because
# new sounds come from recordings that were never heard. *Full marks: direction, reason, and choice. Half: direction
# and choice without the reason.*

# %% [markdown]
# **Question 2.** The dense network gets nearly all training clips right, and on other clips it is hardly better than
# guessing. Holding it back did not help much; the compact network does far better. What is the difference?

# %% [markdown] tags=["answer-gap"]
# The dense network has a weight for every band at every moment, so the same call at another moment is something new to
# it, and no penalty changes that. A convolution looks for the same pattern everywhere, and global pooling forgets where it
# was found: what the sound is does not depend on when it occurs. The network was given the right assumption instead of
# fewer weights. *Full marks: place or time named as the reason. Half: "fewer parameters" alone.*

# %% [markdown]
# **Question 3.** A fellow student trains for 300 epochs, looks at the accuracy on the test fold after each and reports the
# best, 0.84. What is wrong with this number, and which number should be reported instead?

# %% [markdown] tags=["answer-which_score"]
# The epoch was chosen on the test clips, so the number is the luckiest of 300: it is too high as an estimate for new
# sounds. Right: choose the epoch on validation clips (or fix it beforehand) and report the test accuracy of that one
# network, better still its mean and spread over the five folds. *Full marks: choice on the test fold named as the fault,
# and a proper procedure. Half: one of the two.*

# %% [markdown]
# ## What to take away
#
# - A log-mel spectrogram shows a network what we hear: energy in decibels, over time and perceptual frequency.
# - Everything that is learned from data, a mean as much as a weight or the number of epochs, must come from training and
#   validation clips alone.
# - Clips of one recording belong on one side of the split, and one fold is not enough for a score.
# - The right assumption about sound (what, not when) is worth more than holding a wrong one back.

# %%
lab.finish()
