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
# Dogs, hens and crows: from sound files to log-mel spectrograms, a dense and a convolutional network.
#
# *No Colab badge: this copy of the course does not name its public repository.*

# %% tags=["head"]
# Installs the course's helper package where it is missing (on Colab, for example).
import importlib.util
import subprocess
import sys
from pathlib import Path

if importlib.util.find_spec("labs_lib") is None:
    wheels = [str(wheel) for folder in (".", "..") for wheel in Path(folder).glob("labs_lib-*.whl")]
    source = wheels[-1] if wheels else ""
    if not source:
        raise ModuleNotFoundError("labs_lib is not installed: see the course's README, 'Start here'.")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", source], check=True)

# %% tags=["parameters"]
seed = 0  # seed of every random draw
profile = "quick"  # how much to compute: 'quick' or 'full'
source = "auto"  # which clips: 'auto' takes the real ones where data_home names them: 'auto' or 'standin' or 'real'
data_home = None  # folder that holds the real recordings
sample_rate = 22050  # samples per second
n_mels = 128  # mel bands
test_fold = 1  # official fold to test on
batch_size = 32  # clips per update
mlp_epochs = None  # epochs of the dense network; None: 60 in the quick profile, 300 in the full one
cnn_epochs = None  # epochs of the CNN; None: 12 in the quick profile, 50 in the full one

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
from IPython.display import display

from labs_lib import audio, features, plots, training
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
    source = ...  # your code here
    target = ...  # your code here
    return ...  # your code here


# %%
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
plots.mel_spectrogram(power, sample_rate, unit="power", title="Power: a few bright spots, the rest is black");


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
    return ...  # your code here


# %%
lab.check("decibels", to_decibels=to_decibels)

# %%
if lab.ready("decibels"):
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
shape = ...  # your code here

# %%
lab.check("shape", shape=shape)

# %%
mel = features.clips_mel_power(clips.paths, sample_rate, n_mels)
mel.shape

# %%
if lab.ready("decibels"):
    log_mel = to_decibels(mel)
    print("one value in", f"{log_mel.size:,}", "spans", f"{np.ptp(log_mel):.0f} dB")

# %% [markdown]
# ## 3 A fair test
#
# The score must tell how the network does on recordings that it has never heard. Clips that were cut from one
# recording resemble each other: the same dog, the same yard, the same microphone. A random split would put such
# twins on both sides. The authors' folds keep all clips of a recording together, so we test on one whole fold,
# `test_fold`, and train on the other four.

# %%
# TODO 4: the row numbers of the clips to train on and of those to test on.
train_rows = ...  # your code here
test_rows = ...  # your code here

# %%
lab.check("split", train_rows=train_rows, test_rows=test_rows)

# %%
if lab.ready("decibels", "split"):
    X_train, y_train = log_mel[train_rows], clips.labels[train_rows]
    X_test, y_test = log_mel[test_rows], clips.labels[test_rows]
    print("training:", len(X_train), "clips, test:", len(X_test), "clips")
    shared = np.intersect1d(clips.sources[train_rows], clips.sources[test_rows])
    print("recordings on both sides:", len(shared))

# %% [markdown]
# ### Standardise
#
# Networks learn best from inputs around 0 with a spread around 1. We subtract one mean and divide by one standard
# deviation. Both are numbers that describe data, so they too must come from the training data alone: the test data
# stand for recordings that do not exist yet.

# %%
# TODO 5: shift and scale both arrays with the mean and the standard deviation of all values in X_train.
X_train_scaled = ...  # your code here
X_test_scaled = ...  # your code here

# %%
lab.check("standardise", X_train_scaled=X_train_scaled, X_test_scaled=X_test_scaled)


# %% [markdown]
# ## 4 Two networks
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
    return ...  # your code here


# %%
lab.check("mlp", build_mlp=build_mlp)


# %% [markdown]
# The second network is *convolutional*: it slides small filters over the picture, so a pattern that it has learned
# in one place is recognised in every other. *Pooling* keeps the largest value of each small block and makes the
# picture smaller.
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
# TODO 7: build the convolutional network for inputs of shape (mel bands, frames, 1).
def build_cnn(input_shape, n_classes):
    """Return the convolutional network, not compiled."""
    return ...  # your code here


# %%
lab.check("cnn", build_cnn=build_cnn)

# %%
n_classes = len(clips.class_names)
if lab.ready("mlp", "cnn"):
    print("dense network:", f"{build_mlp(mel.shape[1:], n_classes).count_params():,}", "parameters")
    print("convolutional:", f"{build_cnn((*mel.shape[1:], 1), n_classes).count_params():,}", "parameters")


# %% [markdown]
# **What you should see.** Both have several hundred thousand parameters, and we have a few hundred clips at most.
# Overfitting is to be expected. Where do most of each network's parameters sit?
#
# ## 5 Training
#
# The loss for classes is the *cross-entropy*: minus the logarithm of the probability that the network gave to the
# right class. Our labels are class numbers, for which Keras's loss is called `sparse_categorical_crossentropy`.

# %%
# TODO 8: compile with Adam at the given rate, the cross-entropy and the accuracy as metric, then train.
def train(model, x, y, epochs, rate):
    """Return the trained model and its history."""
    return ...  # your code here


# %%
lab.check("training", train=train)

# %%
mlp = cnn = mlp_history = cnn_history = ...
if lab.ready("standardise", "mlp", "training"):
    training.set_seed(seed)
    mlp, mlp_history = train(build_mlp(mel.shape[1:], n_classes), X_train_scaled, y_train, mlp_epochs, 0.01)

# %%
if lab.ready("standardise", "cnn", "training"):
    training.set_seed(seed)
    network = build_cnn((*mel.shape[1:], 1), n_classes)
    cnn, cnn_history = train(network, X_train_scaled[..., None], y_train, cnn_epochs, 0.001)

# %%
if lab.ready("standardise", "mlp", "cnn", "training"):
    plots.learning_curves(
        {"dense": mlp_history.history["accuracy"], "convolutional": cnn_history.history["accuracy"]},
        ylabel="training accuracy",
        level=1 / n_classes,
        level_label="guessing",
        best=None,
        title="Accuracy on the clips that are trained on",
    )

# %% [markdown]
# **What you should see.** Both networks get far above guessing on the clips they are trained on. That says little:
# they have enough parameters to learn every clip by heart.
#
# ## 6 The score that counts
#
# Now, once, the test fold. Nothing above was chosen by looking at it.

# %%
# TODO 9: the share of test clips that each network gets right.
mlp_accuracy = ...  # your code here
cnn_accuracy = ...  # your code here

# %%
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
if lab.ready("scores"):
    lab.score(f"dense network, accuracy on fold {test_fold}", mlp_accuracy).show()
    lab.score(f"convolutional network, accuracy on fold {test_fold}", cnn_accuracy).show()

# %% [markdown]
# **What you should see.** A wide gap between training and test accuracy, for both networks. With so few test clips a
# single one moves the score by a percent or more, so small differences mean nothing; the five folds together tell
# more.
#
# Listen to a mistake. Would you have known better?

# %%
if lab.ready("scores"):
    probabilities = cnn.predict(X_test_scaled[..., None], verbose=0)
    guess = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(guess != y_test)
    worst = wrong[np.argmax(probabilities[wrong].max(axis=1))] if len(wrong) else 0
    clip = clips.paths[test_rows[worst]]
    said = f"the network says {clips.class_names[guess[worst]]}, it is {clips.class_names[y_test[worst]]}"
    display(audio.Player(audio.load(clip, sample_rate), sample_rate, said))

# %% [markdown]
# ## Questions
#
# **Question 1.** Suppose that you split the clips at random instead of by fold. Would the score go up or down, and
# which of the two scores would you believe?

# %% [markdown] tags=["answer-why_fold"]
# *Write your answer here.*

# %% [markdown]
# **Question 2.** Both networks get far more right on the training clips than on the test clips. Name two things that
# you would try against it, and say how you would find out whether they helped without touching the test fold.

# %% [markdown] tags=["answer-gap"]
# *Write your answer here.*

# %% [markdown]
# ## What to take away
#
# - A log-mel spectrogram shows a network what we hear: energy in decibels, over time and perceptual frequency.
# - Everything that is learned from data, a mean as much as a weight, must come from the training data alone.
# - Clips of one recording belong on one side of the split.

# %%
lab.finish()
