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
# # Lab 04 · Instruments and the learning rate
#
# Which instrument plays? From recorded notes to features, a classifier, and a sweep of its learning rate.
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
source = "auto"  # which notes: 'auto' takes the real ones where data_home names them: 'auto' or 'standin' or 'real'
data_home = None  # folder that holds the real recordings
step = None  # from one excerpt of a note to the next, in s; None: 0.02 in the quick profile, 0.01 in the full one
holdout = 0.2  # share of the training set to validate on
hidden = 256  # units of the hidden layer
batch_size = None  # examples of an update; None: 32 in the quick profile, 128 in the full one
learning_rate = 0.001  # learning rate of Adam
epochs = 10  # passes over the training data
learning_rates = [0.1, 0.01, 0.001, 0.0001]  # rates of the sweep
sweep_epochs = None  # epochs at each rate of the sweep; None: 10 in the quick profile, 20 in the full one
n_parts = None  # parts, each tested on in turn; None: 3 in the quick profile, 5 in the full one

# %% tags=["head"]
import labs_lib

lab = labs_lib.open_lab("04", globals())

# %% [markdown]
# Is it a flute or an oboe? Two instruments can play the same note, equally loud and equally long, and still we know
# at once which is which. Here a network learns to tell ten instruments apart, and we learn what the **learning rate**
# does to a network.
#
# You will
#
# - listen to recordings of the University of Iowa, see their notes, and turn each into 120 numbers,
# - train a classifier on them, and watch its loss batch by batch,
# - train it again at several learning rates, and say which is best and why,
# - find out whether its score holds for recordings that it has never heard.
#
# Where the real recordings are not at hand, synthesised ones take their place; the cards below say which of the two
# this run uses.

# %%
import keras
import numpy as np
import pandas as pd
from IPython.display import display
from sklearn.model_selection import train_test_split

from labs_lib import audio, callbacks, evaluation, features, plots
from labs_lib.datasets import instrument_set, splits, uiowa
from labs_lib.features.recipes import STATISTICS

# %%
recordings = lab.use(instrument_set.recordings(data_home, source))

# %% [markdown]
# ## 1 Listening
#
# The recordings come as files in the format AIFF. Many hold a *scale*: several notes, one after the other. Their
# names say what is played: instrument, with or without vibrato, how loud (`pp` is very soft, `ff` very loud), first
# and last note. We pick a scale of the soprano saxophone.

# %%
spans = recordings.groups["highest"] - recordings.groups["lowest"]
instrument = np.array(recordings.class_names)[recordings.labels]
example = int(np.argmax(spans + 100 * (instrument == "Soprano saxophone")))
recordings.paths[example].name

# %%
sample_rate = 22050
samples = audio.load(recordings.paths[example], sample_rate)
print(f"{len(samples) / sample_rate:.1f} s, peak {20 * np.log10(np.abs(samples).max()):.0f} dB of full scale")
audio.Player(samples, sample_rate, f"{instrument[example]}, {recordings.paths[example].name}")

# %% [markdown]
# The file is sampled at 44 100 values a second. We load it at 22 050, which keeps all frequencies up to 11 025 Hz:
# more than enough here.

# %%
plots.waveform(samples, sample_rate, title="The waveform: notes, and silence between them")

# %% [markdown]
# A *mel spectrogram* shows how much power each frequency carries, over time. Its bands are narrow at low and wide at
# high frequencies, as our hearing is. We take 128 bands up to 8000 Hz (`fmax`) and show the power in decibels.

# %%
log_mel = features.log_mel(samples, sample_rate, 128, fmax=8000)
plots.mel_spectrogram(log_mel, sample_rate, fmax=8000, title="Mel spectrogram in dB, up to 8 kHz")

# %% [markdown]
# **What you should see.** Each note is a stack of bright lines. The lowest is the *fundamental*, which gives the note
# its pitch; those above it are its *harmonics*, at two, three, four times that frequency. From note to note the whole
# stack moves up a little. How strong the harmonics are, compared with each other, is what makes a saxophone sound
# like one.
#
# ## 2 From a note to 120 numbers
#
# First the notes have to be found. `split_notes` measures the level every 10 ms; a note is a stretch in which the
# level stays above a threshold between the silence and the loud parts of the recording.

# %%
found = audio.split_notes(samples, sample_rate)
plots.marked_notes(samples, sample_rate, found, title="Notes found in the recording")
print(len(found), "notes; the name promises", spans[example] + 1)

# %% [markdown]
# **What you should see.** One mark a note, from its attack to the end of its sound.
#
# Next, each note is described by *mel-frequency cepstral coefficients* (MFCC). They describe the shape of one column
# of the mel spectrogram: coefficient 1 its overall level, 2 the balance of low against high frequencies, and further
# ones ever finer ripples. We keep 20 of them.

# %%
start, stop = found[0]
mfcc = features.mfcc(samples[start:stop], sample_rate, 20)
plots.mfcc(mfcc, sample_rate, title="MFCC of the first note")

# %% [markdown]
# Notes differ in length, and a network wants the same number of inputs each time. So we describe each coefficient by
# **six statistics** over the frames of the note: mean, standard deviation, smallest and largest value, and the mean
# size and the deviation of its changes from frame to frame. 6 × 20 = 120 numbers.
#
# (The published arrays have 120 features as well. How those were computed is not known; ours are a choice of our
# own.)

# %%
one_note = features.note_statistics(samples[start:stop], features.Spectral(hop=256))
plots.note_features(one_note, STATISTICS, title="The 120 features of the first note")

# %% [markdown]
# **What you should see.** Columns with strong colours in the first, third and fourth row: mean, smallest and largest
# value of one coefficient go together. The features are far from independent of each other, and their scales differ
# widely.
#
# ## 3 The instrument set
#
# The published set has 66 247 examples to train on and 14 904 to test on. This run uses it where its four arrays are
# in `data_home`. Otherwise it makes a set of its own, out of excerpts of the notes that you have just seen; the card
# says what it is.

# %%
train_set, test_set = instrument_set.load(
    data_home, source, published_size=profile == "full", step=step, seed=seed
)
lab.use(train_set)
X_train, y_train = train_set.x, train_set.labels
X_test, y_test = test_set.x, test_set.labels

# %%
# TODO 1: find these four numbers from the arrays X_train, y_train, X_test and y_test.
n_train = ...  # your code here
n_features = ...  # your code here
n_test = ...  # your code here
n_classes = ...  # your code here

# %%
lab.check("numbers", n_train=n_train, n_test=n_test, n_features=n_features, n_classes=n_classes)

# %%
counts = {"training": np.bincount(y_train), "test": np.bincount(y_test)}
pd.DataFrame(counts, index=list(train_set.class_names))

# %% [markdown]
# ### Standardise
#
# The first feature is in the hundreds, others below one. Lab 03 showed what that does to descent. So each feature is
# shifted to mean 0 and scaled to standard deviation 1. Means and deviations are learned from data, so they come from
# the **training set only**; the test set stands for notes that nobody has heard yet.

# %%
# TODO 2: standardise both arrays, feature by feature, with the statistics of the training set.
X_train_scaled = ...  # your code here
X_test_scaled = ...  # your code here

# %%
lab.check("standardise", X_train_scaled=X_train_scaled, X_test_scaled=X_test_scaled)

# %%
print("training, mean and deviation: ", f"{X_train_scaled.mean():.2f}, {X_train_scaled.std():.2f}")
print("test, mean and deviation:     ", f"{X_test_scaled.mean():.2f}, {X_test_scaled.std():.2f}")

# %% [markdown]
# **What you should see.** 0 and 1 for the training set, and almost these for the test set: almost, because its own
# statistics were not used.
#
# ### Data to choose on
#
# Hand-outs often pass the test set to `fit` as validation data. Nothing breaks, and the curves look the same. But
# whoever looks at a test curve and then picks the number of epochs or the learning rate has chosen on the test set,
# and its score is no longer that of new data. So part of the *training* set is held out for choosing, and the test
# set waits until the end.

# %%
# TODO 3: hold out a share `holdout` of the training rows, at random; row numbers of both parts.
fit_rows = ...  # your code here
val_rows = ...  # your code here

# %%
lab.check("validation", fit_rows=fit_rows, val_rows=val_rows)

# %%
X_fit, y_fit = X_train_scaled[fit_rows], y_train[fit_rows]
X_val, y_val = X_train_scaled[val_rows], y_train[val_rows]
print("to fit:", X_fit.shape, "to validate:", X_val.shape)


# %% [markdown]
# ## 4 The network
#
# | layer | units | activation |
# |---|---|---|
# | dense | `hidden` | sigmoid |
# | dense | `n_classes` | softmax |
#
# The softmax turns ten numbers into ten probabilities. Before you build it: how many parameters will it have?

# %%
# TODO 4: build the network of the table; the hidden layer has `hidden` units.
def build_model(n_features, n_classes):
    """Return the network, not compiled."""
    return ...  # your code here


# %%
lab.check("model", build_model=build_model)

# %%
print(f"{build_model(n_features, n_classes).count_params():,} parameters")


# %% [markdown]
# **What you should see.** With 256 hidden units 33 546: 120 · 256 weights and 256 biases, then 256 · 10 and 10.
#
# Training takes the cross-entropy of class numbers as its loss, Adam with `learning_rate` as its optimiser, and
# batches of `batch_size`. The published run has batches of 128. The quick profile has fewer examples, and takes
# smaller batches so that an epoch still has many updates.

# %%
# TODO 5: build, compile (with the accuracy as metric) and train a network.
def train(X, y, validation_data, epochs):
    """Return a new network, trained, and its history."""
    model = ...  # your code here
    history = ...  # your code here
    return ...  # your code here


# %%
lab.check("train", train=train)

# %%
model, history = train(X_fit, y_fit, (X_val, y_val), epochs)


# %% [markdown]
# ## 5 Curves
#
# The loss that falls here has many names: cross-entropy, negative log-likelihood, **log-loss**. For one example it is
# minus the natural logarithm of the probability that the network gave to the right class; for many, the mean of
# these.

# %%
# TODO 6: the log-loss, for probabilities of shape (n, classes) and labels of shape (n,).
def log_loss(probabilities, labels):
    """Return the mean log-loss."""
    return ...  # your code here


# %%
lab.check("log_loss", log_loss=log_loss)

# %%
print(f"your log-loss: {log_loss(model.predict(X_val, verbose=0), y_val):.4f}")
print(f"Keras's:       {history.history['val_loss'][-1]:.4f}")

# %%
plots.learning_curves(
    {"training": history.history["accuracy"], "validation": history.history["val_accuracy"]},
    ylabel="accuracy",
    level=1 / n_classes,
    level_label="guessing",
    best=None,
    title="Accuracy",
)

# %%
plots.learning_curves(
    {"training": history.history["loss"], "validation": history.history["val_loss"]},
    ylabel="log-loss",
    log=True,
    best=None,
    title="Log-loss",
)

# %% [markdown]
# **What you should see.** Both accuracies come close to 1 and stop telling much; the log-loss, on a logarithmic axis,
# goes on falling. It still sees a right answer grow more certain.
#
# In the first epochs the validation curve may even lie *below* the training curve. The training loss of an epoch is
# the mean over all its batches, the early and bad ones included; the validation loss is measured at its end.

# %% [markdown]
# ### Batch by batch
#
# What happens inside an epoch? A *callback* is an object whose methods Keras calls while it trains. This one keeps
# the loss that Keras reports after each batch, here of 100 examples.

# %%
keras.utils.set_random_seed(seed)
watched, keeper = build_model(n_features, n_classes), callbacks.RunningLosses()
watched.compile(keras.optimizers.Adam(learning_rate), loss="sparse_categorical_crossentropy")
whole = len(X_fit) // 100 * 100  # so that all batches are of one size
watched.fit(X_fit[:whole], y_fit[:whole], batch_size=100, epochs=3, callbacks=[keeper], verbose=0)
running = keeper.array()
print(running.shape[0], "epochs of", running.shape[1], "batches; the first:", running[0, :4].round(3))


# %% [markdown]
# There is a trap. What Keras reports after batch $k$ is not the loss $\ell_k$ of that batch but the mean of the epoch
# so far, $r_k = (\ell_1 + \dots + \ell_k)/k$. It begins anew with each epoch. Recover the losses of the batches.

# %%
# TODO 7: from running means, shape (epochs, batches), to the loss of each batch, same shape.
def batch_losses(running):
    """Return the loss of each batch."""
    return ...  # your code here


# %%
lab.check("batch_losses", batch_losses=batch_losses)

# %%
passed = callbacks.fractional_epochs(*running.shape)
plots.batch_losses(passed, batch_losses(running), title="The loss of each batch of 100 examples")


# %% [markdown]
# **What you should see.** Most of the descent happens within the first epoch, where a curve over whole epochs shows a
# single point. And the loss jumps from batch to batch: each is a small sample, so its loss and its gradient are
# noisy. Stochastic gradient descent lives with that noise.
#
# ## 6 The learning rate
#
# How large should the steps be? To find out, train the same network at several rates, `learning_rates`. For a fair
# comparison nothing else may differ. Every rate needs
#
# - a **fresh network**, which has not learned anything at another rate,
# - from the same first weights (seed before you build),
# - an optimiser of its own, because Adam remembers earlier gradients.

# %%
# TODO 8: train a fresh network at each rate; return two lists, networks and histories.
def run_sweep(rates, X, y, epochs):
    """Return the trained networks and their histories, in the order of the rates."""
    histories = ...  # your code here
    model = ...  # your code here
    history = ...  # your code here
    return ...  # your code here


# %%
lab.check("sweep", run_sweep=run_sweep)

# %% [markdown]
# Now the sweep itself. It takes a while: one training run for each rate.

# %%
sweep_models, histories = run_sweep(learning_rates, X_fit, y_fit, sweep_epochs)

# %%
# TODO 9: the training losses, shape (rates, epochs), and the rate that ends with the smallest one.
loss_curves = ...  # your code here
best_rate = ...  # your code here

# %%
lab.check("compare", loss_curves=loss_curves, best_rate=best_rate, histories=histories)

# %%
plots.learning_curves(
    {f"rate {rate:g}": curve for rate, curve in zip(learning_rates, loss_curves, strict=True)},
    ylabel="training loss",
    log=True,
    best=None,
    title="Training loss at each learning rate",
)

# %%
for rate, curve in zip(learning_rates, loss_curves, strict=True):
    lab.score(f"training loss after {sweep_epochs} epochs, rate {rate:g}", curve[-1]).show()

# %% [markdown]
# **What you should see.** Four networks that start from the same weights and part within the first epoch.
#
# - **0.1** falls fast for a moment, and then never settles: each step is so large that it jumps across the valley
#   that it should descend into.
# - **0.01** falls fast and far.
# - **0.001** falls steadily and later.
# - **0.0001** is still high up when the epochs run out. It does nothing wrong; it is slow.
#
# So it is on the stand-in. Which rate ends lowest depends on the data and on how long you train: on the 46 real
# recordings, in a quick run with seed 0, it was 0.1. Believe your own curves.
#
# If instead your curves all start low except the first, one network went through all rates.
#
# ### A finer sweep
#
# Four rates show little of how the loss depends on the rate. Here are eleven, from 0.00001 to 1, for half as many
# epochs. The loop is that of TODO 8; of each network only the loss after the last epoch is kept.

# %%
fine_rates, few_epochs, ends = np.geomspace(1e-5, 1, 11), max(2, sweep_epochs // 2), []
for rate in fine_rates:
    keras.utils.set_random_seed(seed)
    network = build_model(n_features, n_classes)
    network.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    fitted = network.fit(X_fit, y_fit, epochs=few_epochs, batch_size=batch_size, verbose=0)
    ends.append(fitted.history["loss"][-1])
plots.final_losses(fine_rates, ends, title=f"Training loss after {few_epochs} epochs")

# %% [markdown]
# **What you should see.** A valley: too small a rate on the left, which has not arrived, and too large a one on the
# right, which overshoots. Between the best rate and a useless one lies little more than a factor of ten on the
# right-hand side. On the left the loss climbs more gently, and more epochs would lower it.
#
# ## 7 The test score
#
# Now, and only now, the test set, with the network of section 4.

# %%
right = model.predict(X_test_scaled, verbose=0).argmax(axis=1) == y_test
lab.score(f"accuracy on the test set after {epochs} epochs", right.mean()).show()

# %% [markdown]
# **What you should see.** A score close to 1. On the published arrays 0.9915 has been reported after 10 epochs. (With
# another width, rate or number of epochs than the lab's own it can be lower.)
#
# Is the problem solved? The sets were divided at random, excerpt by excerpt. Many excerpts come from one recording:
# the same player, the same instrument, the same room and microphone. Almost every test excerpt has close relatives in
# the training set.
#
# ## 8 Recordings that it has never heard
#
# So let us keep each recording on one side.

# %%
notes = lab.use(uiowa.notes(recordings, seconds=instrument_set.SECONDS, step=0.05))
recording = notes.groups["recording"]
print(len(notes), "excerpts from", len(np.unique(recording)), "recordings")


# %%
# TODO 10: rows to train on and rows to test on; `held_out` lists recordings to test on.
def split_rows(recording, held_out):
    """Return training and test rows; `recording` has the recording of each row."""
    return ...  # your code here


# %%
lab.check("recordings", split_rows=split_rows)


# %% [markdown]
# One such split can be lucky or unlucky by ten percent and more: it holds out few recordings. So the recordings are
# dealt into `n_parts` parts, and each part is tested on in turn. For comparison we do the same with random parts of
# the excerpts.

# %%
def predict_part(train_rows, test_rows):
    """Train on some excerpts and return the predicted classes of others."""
    part_mean, part_deviation = notes.x[train_rows].mean(axis=0), notes.x[train_rows].std(axis=0)
    scaled = (notes.x - part_mean) / part_deviation
    network, _ = train(scaled[train_rows], notes.labels[train_rows], None, 3 * epochs)
    return network.predict(scaled[test_rows], verbose=0).argmax(axis=1)


# %%
by_recording = np.full(len(notes), -1)
for part in splits.group_folds(notes, "recording", n_parts, seed=seed):
    train_rows, test_rows = split_rows(recording, np.unique(recording[part.test]))
    by_recording[test_rows] = predict_part(train_rows, test_rows)

# %%
at_random = np.full(len(notes), -1)
deal = np.random.default_rng(seed).permutation(len(notes)) % n_parts
for number in range(n_parts):
    test_rows = np.flatnonzero(deal == number)
    at_random[test_rows] = predict_part(np.flatnonzero(deal != number), test_rows)

# %%
accuracies = {
    "excerpts split at random": at_random == notes.labels,
    "recordings kept whole": by_recording == notes.labels,
}
for name, right in accuracies.items():
    lab.score(f"accuracy, {name}, {n_parts} parts", right.mean()).show()

# %% [markdown]
# **What you should see.** The second score is far below the first. Network and features are the same; what has
# changed is the question. The first asks "which of the recordings that you know is this?", the second "which
# instrument is this?".
#
# ### What is taken for what?

# %%
confused = evaluation.confusion(notes.labels, by_recording, len(notes.class_names))
plots.confusion_matrix(confused, notes.class_names, title="New recordings: what is taken for what")

# %%
mistakes = confused - np.diag(np.diag(confused))
true, taken = (int(place) for place in np.unravel_index(mistakes.argmax(), mistakes.shape))
row = int(np.argmax((notes.labels == true) & (by_recording == taken)))
heard = recordings.paths[recording[row]]
display(
    audio.Player(audio.load(heard, sample_rate), sample_rate, f"{notes.class_names[true]}: {heard.name}")
)
other = recordings.paths[int(np.flatnonzero(recordings.labels == taken)[0])]
display(
    audio.Player(
        audio.load(other, sample_rate), sample_rate, f"taken for {notes.class_names[taken]}: {other.name}"
    )
)

# %% [markdown]
# **What you should hear.** Two instruments that do have something in common: how they are played, how bright they
# are, or how low. Errors between such pairs are errors that a listener could make.
#
# ## Questions
#
# **Question 1.** A colleague passes the test set to `fit` as validation data, looks at the curves, and stops training
# at the epoch with the best test accuracy. What is wrong with the score, although not a single test example was
# trained on?

# %% [markdown] tags=["answer-test_as_validation"]
# *Write your answer here.*

# %% [markdown]
# **Question 2.** Which learning rate is best here, and what exactly goes wrong at the largest and at the smallest
# one? How could you have both the speed of a large rate and the low loss of a small one?

# %% [markdown] tags=["answer-which_rate"]
# *Write your answer here.*

# %% [markdown]
# **Question 3.** The random split and the split by recording give different scores for the same network. Which would
# you report to somebody who wants to use it on recordings of their own, and why? Why is a single split by recording
# not enough?

# %% [markdown] tags=["answer-which_score"]
# *Write your answer here.*

# %% [markdown]
# ## What to take away
#
# - A note becomes a row of numbers: MFCC describe its timbre, statistics over time make the row's length fixed.
# - Compare learning rates on fresh networks that differ in nothing else. Too large never settles, too small never
#   arrives.
# - Accuracy saturates; the log-loss keeps telling models apart.
# - A random split of excerpts answers an easier question than the one that was asked.

# %%
lab.finish()
