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
# # Lab 01 · Synthetic regression
#
# A small network learns a bent line from noisy points, and meets a floor it cannot go below.
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
source = "auto"  # which recordings to use (this lab draws its own data): 'auto' or 'standin' or 'real'
data_home = None  # folder that holds recordings (none are needed here)
n_samples = 1000  # number of points
slope = 2.0  # slope of the line
intercept = 1.0  # value of the line at 0
noise = 0.2  # standard deviation of the noise
hidden = 5  # units in each hidden layer
learning_rate = 0.01  # learning rate of SGD and Adam
batch_size = 32  # points per update
epochs = 300  # passes over the data in the first run
more_epochs = 1000  # passes over the data in the long run
holdout = 0.3  # share of the points held out
n_seeds = None  # networks per optimiser; None: 2 in the quick profile, 5 in the full one

# %% tags=["head"]
import labs_lib

lab = labs_lib.open_lab("01", globals())

# %% [markdown]
# A neural network is a function with many numbers in it. Training turns those numbers until the function fits
# data. In this lab the data come from a rule that we know, so that everything the network does can be compared
# with the truth.
#
# You will
#
# - read a rule off noisy points and write it down,
# - build a small network, count its parameters, and train it with two optimisers,
# - see why a loss has a floor that no honest training goes below, and what going below it means.
#
# Each **TODO** is followed by a check. Run the check as often as you like: it tells you what it found and where
# to look.

# %%
import keras
import numpy as np

from labs_lib import models, plots
from labs_lib.datasets import synthetic

# %% [markdown]
# ## 1 The data
#
# Each point has an input $x$, drawn uniformly between −0.5 and 0.5, and a target $y$. The target follows a rule,
# and on top of the rule comes noise: a random number from a normal distribution with mean 0 and standard
# deviation `noise`.

# %%
x, y = synthetic.regression(n_samples, slope, intercept, noise, seed)
x.shape, y.shape

# %%
plots.regression_scatter(x, y, title="What rule made these points?")


# %% [markdown]
# **What you should see.** Two regimes. On the left of $x = 0$ the points scatter around a flat line. On the right
# they scatter around a sloped one that starts with a jump. The width of the band is the same everywhere: that is
# the noise.
#
# ### The rule without the noise
#
# The sloped part is a straight line with the given `slope` and `intercept`. Which part of the $x$ axis it covers,
# and what holds on the rest, is for you to read off the scatter.

# %%
# TODO 1: write the rule down, for a whole array x at once and for any slope and intercept.
def noise_free(x, slope, intercept):
    """Return the target without noise for each input in x."""
    ### BEGIN SOLUTION
    return np.where(x > 0, slope * x + intercept, 0.0)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("noise_free", noise_free=noise_free)

# %% [markdown]
# Written as a formula, with the indicator $\mathbf{1}[\cdot]$ that is 1 where its condition holds and 0 elsewhere,
# such a rule reads $y = (a x + b)\,\mathbf{1}[\ldots] + \sigma\,\varepsilon$ with $\varepsilon \sim \mathcal{N}(0, 1)$.
# Draw your rule over the points: it should run through the middle of both bands.

# %%
grid = np.linspace(-0.5, 0.5, 500)
plots.regression_scatter(
    x, y, {"the rule": (grid, noise_free(grid, slope, intercept))}, title="The rule and the points"
)


# %% [markdown]
# ## 2 The network
#
# Our network is a *multilayer perceptron*: layers in which every unit is connected to every unit of the layer
# before. A unit computes a weighted sum of its inputs, adds a bias, and applies an *activation function*. The
# ReLU activation, $\max(0, z)$, bends a line once. A few bent lines added together can follow our rule.
#
# Build a function that returns this network:
#
# | layer | units | activation |
# |---|---|---|
# | input | 1 | |
# | hidden | `hidden` | ReLU |
# | hidden | `hidden` | ReLU |
# | output | 1 | none (linear) |
#
# In Keras's *functional* style each layer is called on the result of the one before:
# `h = keras.layers.Dense(units, activation="relu")(h)`.

# %%
# TODO 2: a function that builds the network anew at every call.
def build_model(hidden):
    """Return the network 1 → hidden → hidden → 1, not compiled."""
    ### BEGIN SOLUTION
    inputs = keras.Input((1,))
    h = keras.layers.Dense(hidden, activation="relu")(inputs)
    h = keras.layers.Dense(hidden, activation="relu")(h)
    outputs = keras.layers.Dense(1)(h)
    return keras.Model(inputs, outputs)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("model", build_model=build_model)

# %% [markdown]
# ### How many numbers does training turn?
#
# Count them by hand before you ask Keras: for each layer the weights and the biases. Write the count as a formula
# in `hidden`, not as a typed-in number.

# %%
# TODO 3: the number of parameters of the network, computed from `hidden`.
### BEGIN SOLUTION
n_parameters = (1 * hidden + hidden) + (hidden * hidden + hidden) + (hidden * 1 + 1)
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("count", n_parameters=n_parameters)

# %% [markdown]
# Keras's own summary shows the same number at its end, and how it splits over the layers.

# %%
build_model(hidden).summary()

# %% [markdown]
# ## 3 Training with gradient descent
#
# Training needs two choices. The **loss** says how wrong the network is: here the *mean squared error* (MSE), the
# mean of $(\hat y - y)^2$ over the points. The **optimiser** says how the parameters move against the gradient of
# the loss: here plain *stochastic gradient descent* (SGD), which takes one small step per batch of
# `batch_size` points. One pass over all points is an *epoch*.
#
# You tell Keras both choices with `model.compile(optimizer=..., loss=...)`. Then
# `model.fit(x, y, epochs=..., batch_size=...)` trains, and returns a *history* of the loss after each epoch;
# `verbose=0` keeps it from printing a line for each. A network takes a *column* of inputs, one row per sample:
# `x[:, None]` turns the shape (n,) into (n, 1).
#
# The first weights of a network are random numbers, and so is the order in which an epoch visits the points.
# `keras.utils.set_random_seed(seed)` makes both repeatable.

# %%
# TODO 4: build the network, compile it with SGD at `learning_rate` and the MSE, train it for `epochs` epochs.
keras.utils.set_random_seed(seed)
### BEGIN SOLUTION
model = build_model(hidden)
model.compile(optimizer=keras.optimizers.SGD(learning_rate), loss="mse")
history = model.fit(x[:, None], y, epochs=epochs, batch_size=batch_size, verbose=0)
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("sgd", model=model, history=history)

# %% [markdown]
# The *learning curve* shows the loss after each epoch. On a logarithmic axis the late, slow part stays visible.

# %%
plots.learning_curves({"SGD": history.history["loss"]}, log=True, title="Training with SGD")

# %% [markdown]
# **What you should see.** A steep fall within a few epochs, then a long, slow descent. The curve is still falling a
# little when training stops.

# %%
# TODO 5: the smallest loss on the curve, and the epoch at which it was reached (the first epoch is 1).
### BEGIN SOLUTION
best_loss = np.min(history.history["loss"])
best_epoch = np.argmin(history.history["loss"]) + 1
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("best", best_loss=best_loss, best_epoch=best_epoch, history=history)

# %%
lab.score("smallest training loss, SGD, first run", best_loss).show()

# %% [markdown]
# ### What has it learned?
#
# The network is a function of $x$: draw it as a curve. A line plot joins the points in the order in which they
# come, so the inputs must be in ascending order, and each prediction must stay with its input.

# %%
# TODO 6: the inputs in ascending order, and the network's prediction for each of them, both of shape (n,).
### BEGIN SOLUTION
x_sorted = np.sort(x)
y_sorted = model.predict(x_sorted[:, None], verbose=0)[:, 0]
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("curve", x_sorted=x_sorted, y_sorted=y_sorted, model=model)

# %%
rule = noise_free(x_sorted, slope, intercept)
plots.regression_scatter(
    x,
    y,
    {"network": (x_sorted, y_sorted), "the rule": (x_sorted, rule)},
    title=f"Prediction after {epochs} epochs of SGD",
)


# %% [markdown]
# **What you should see.** The network follows both lines, but it cannot jump: ReLU units only bend, so it bridges
# the gap at $x = 0$ with a steep ramp. Most of its remaining avoidable error lies there.

# %% [markdown]
# ## 4 Longer, and with another optimiser
#
# Does it help to train for longer? And does *Adam*, which adapts the step of each parameter, get there sooner? To
# compare runs they must differ in one thing only. Each run therefore starts from a **fresh network**: calling `fit`
# on a trained network goes on from where it stopped.

# %%
# TODO 7: train a fresh network with the given optimiser; the same seed must give the same run.
def train_fresh(optimizer, epochs, seed):
    """Return a newly built and trained network, and its history."""
    ### BEGIN SOLUTION
    keras.utils.set_random_seed(seed)
    model = build_model(hidden)
    model.compile(optimizer=optimizer, loss="mse")
    history = model.fit(x[:, None], y, epochs=epochs, batch_size=batch_size, verbose=0)
    return model, history
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("fresh", train_fresh=train_fresh)

# %% [markdown]
# Now both optimisers, from several starting points each, for `more_epochs` epochs. One run says little: a network
# of this size sometimes starts badly, with units that never become active.

# %%
optimizers = {"SGD": keras.optimizers.SGD, "Adam": keras.optimizers.Adam}
losses = {name: [] for name in optimizers}
for name, optimizer in optimizers.items():
    for start in range(n_seeds):
        _, run = train_fresh(optimizer(learning_rate), more_epochs, seed + start)
        losses[name].append(run.history["loss"])

# %% [markdown]
# The smallest loss so far, after the first `epochs` epochs and after all of them: mean and standard deviation over
# the starting points.

# %%
for name, curves in losses.items():
    for length in (epochs, more_epochs):
        smallest = [min(curve[:length]) for curve in curves]
        score = f"smallest training loss, {name}, {length} epochs"
        lab.score(score, np.mean(smallest), spread=np.std(smallest)).show()

# %% [markdown]
# ## 5 The floor
#
# All those runs come to rest at nearly the same loss. That is no accident. Suppose that the network knew the rule
# exactly: every prediction would still miss its target by the noise. What would its mean squared error be?

# %%
# TODO 8: the expected mean squared error of a perfect prediction, computed from `noise`.
### BEGIN SOLUTION
noise_floor = noise**2
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("floor", noise_floor=noise_floor)

# %%
first = {f"{name}": curves[0] for name, curves in losses.items()}
plots.learning_curves(
    first, level=noise_floor, level_label="noise floor", log=True, title="Two optimisers and the floor"
)

# %% [markdown]
# **What you should see.** Adam is near the floor after a few dozen epochs, SGD after several hundred. Neither goes
# below it for good, and neither quite reaches it: the ramp at $x = 0$ costs a little. On a finite sample the floor
# itself wobbles: with 1000 points the noise's mean square is 0.04 give or take 0.002.

# %% [markdown]
# ## 6 Below the floor
#
# Can a training loss be *below* the floor? Yes: by learning the noise of the points by heart, which is called
# *overfitting*. To see it, some points must be kept away from training.

# %%
# TODO 9: hold out the share `holdout` of the points; inputs and targets must stay together.
### BEGIN SOLUTION
from sklearn.model_selection import train_test_split

x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=holdout, random_state=seed)
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("holdout", x_train=x_train, y_train=y_train, x_val=x_val, y_val=y_val)

# %% [markdown]
# Now make it easy to learn by heart: few points, many parameters. We train a network with two hidden layers of 128
# units on 30 of the training points, and watch the loss on the held-out points, from which nothing is learned.

# %%
few = 30
keras.utils.set_random_seed(seed)
large = models.mlp(1, [128, 128], 1)
large.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
overfit = large.fit(
    x_train[:few, None],
    y_train[:few],
    epochs=more_epochs,
    batch_size=batch_size,
    validation_data=(x_val[:, None], y_val),
    verbose=0,
).history

# %%
plots.learning_curves(
    {"30 training points": overfit["loss"], "held-out points": overfit["val_loss"]},
    level=noise_floor,
    level_label="noise floor",
    log=True,
    title=f"{large.count_params():,} parameters, {few} points",
)

# %% [markdown]
# **What you should see.** The training loss dives below the floor. The held-out loss does not: it reaches its
# smallest value early and then rises, the more the network learns the noise of its 30 points. A training loss
# below the floor is no success but a warning.

# %%
lab.score("training loss, 30 points learned by heart", overfit["loss"][-1]).show()
lab.score("held-out loss of the same network", overfit["val_loss"][-1]).show()
print("training loss below the floor:", overfit["loss"][-1] < noise_floor)
print("held-out loss below the floor:", overfit["val_loss"][-1] < noise_floor)

# %% [markdown]
# ## Questions
#
# Answer in two or three sentences each.
#
# **Question 1.** What did the longer run change, for SGD and for Adam? Why does one gain more than the other?

# %% [markdown] tags=["answer-longer"]
# For SGD the loss went on falling: with one fixed small step it was still on its way after the first run. Adam had
# arrived long before and gained next to nothing; both approach the same floor. *Full marks: names the floor (or the
# noise) as what stops both, and the speed of approach as what differs. Half: only describes the curves.*

# %% [markdown]
# **Question 2.** A classmate reports a training loss of 0.02 on these data with noise 0.2. What do you ask before you
# congratulate?

# %% [markdown] tags=["answer-beat_the_floor"]
# The loss on points that were not trained on. 0.02 is half the noise variance 0.04, so the network must have learned
# noise by heart (few points, many parameters), or the loss is another one (with a factor ½, or the absolute error).
# *Full marks: asks for held-out data and says why the value is suspicious. Half: one of the two.*

# %% [markdown]
# ## What to take away
#
# - A network is fitted by turning its parameters against the gradient of a loss; the optimiser decides how fast.
# - Runs are only comparable when each starts from a fresh network and differs in one thing.
# - Noise sets a floor. A training loss below it means that noise was learned, and only held-out data show it.

# %%
lab.finish()
