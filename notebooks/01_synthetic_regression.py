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
holdout = 0.3  # share of the points for validation
n_seeds = None  # networks per optimiser; None: 3 in the quick profile, 10 in the full one

# %% tags=["head"]
import labs_lib

lab = labs_lib.open_lab("01", globals())

# %% [markdown]
# | | |
# |---|---|
# | **Question** | How well can a network learn a rule from noisy points, and how well can anything? |
# | **You will** | draw the points, build a small network, train it with two optimisers, look inside it, and find out when a low loss is bad news |
# | **You need** | Python and NumPy; nothing about machine learning |
# | **Time** | about three hours; all cells together run for less than a minute |
#
# A neural network is a function with many numbers in it, its *parameters*. Training changes them until the function
# fits the data. In this lab you make the data yourself, so you know the rule behind them and can compare everything
# the network does with the truth.
#
# Each **TODO** is followed by a check. Run it as often as you like: it says what it found and where to look.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

from labs_lib import audio, plots


# %% [markdown]
# ## 1 The data
#
# ### The rule
#
# Each point has an *input* $x$ between −0.5 and 0.5 and a *target* $y$. For $x \le 0$ the target is 0. For $x > 0$ it
# lies on a straight line with the given slope and intercept (its value at $x = 0$).

# %%
# TODO 1: write the rule down, for a whole array x at once and for any slope and intercept.
def noise_free(x, slope, intercept):
    """Return the target without noise for each input in x."""
    return ...  # your code here


# %%
lab.check("noise_free", noise_free=noise_free)

# %% [markdown]
# ### The points
#
# Real measurements never lie exactly on a rule. So the inputs are drawn from a *uniform* distribution on
# $[-0.5, 0.5)$, and *noise* is added to every target: a random number from a *normal* distribution with mean 0 and
# standard deviation `noise`.
#
# NumPy draws random numbers with a *generator*. A generator that starts from the same *seed* draws the same numbers
# again, so your results can be repeated:

# %%
rng = np.random.default_rng(seed)
rng.uniform(-0.5, 0.5, 3), rng.normal(0, 1, 2)

# %%
# TODO 2: draw n_samples points from a new generator np.random.default_rng(seed):
# first all inputs x, then the noise of all points; y is the rule plus the noise.
rng = ...  # your code here
x = ...  # your code here
y = ...  # your code here

# %%
lab.check("draw", x=x, y=y)

# %% [markdown]
# ### A first look
#
# Look at data before you do anything with them. In matplotlib, `fig, ax = plt.subplots()` makes a figure with one
# pair of axes; `ax.scatter(x, y)` draws points on them, `ax.set(xlabel=..., ylabel=..., title=...)` labels them. Jupyter
# prints what the last line of a cell returns; a semicolon at its end prevents that.

# %%
# TODO 3: a scatter plot of the points with a label on each axis; keep the axes as ax_points.
ax_points = ...  # your code here

# %%
lab.check("scatter", ax_points=ax_points)

# %% [markdown]
# **What you should see.** Two bands. Left of $x = 0$ the points scatter around 0, right of it around the sloped line,
# and between them there is a jump. Both bands are equally wide: that is the noise.
#
# **Question 1.** Write the whole recipe for $y$ as one formula. Use the indicator $\mathbf{1}[\cdot]$, which is 1 where
# its condition holds and 0 elsewhere, and a random number $\varepsilon \sim \mathcal{N}(0, 1)$.

# %% [markdown] tags=["answer-formula"]
# *Write your answer here.*

# %% [markdown]
# ## 2 The network
#
# ### What a unit does
#
# A *unit* computes a weighted sum of its inputs, adds a number (its *bias*) and applies an *activation function*. Ours
# is the *ReLU* (rectified linear unit), $\max(0, z)$. With one input, a unit is a line that is bent once. Its weight
# decides how steep it is, its bias where it bends:

# %%
grid = np.linspace(-0.5, 0.5, 201)
fig, ax = plt.subplots()
for weight, bias, style in ((1.0, 0.0, "-"), (2.0, 0.5, "--"), (-1.5, 0.3, ":")):
    ax.plot(grid, np.maximum(0, weight * grid + bias), style, label=f"max(0, {weight:g} x + {bias:g})")
ax.set(xlabel="x", ylabel="output", title="Three units with a ReLU")
ax.legend();

# %% [markdown]
# Add up a few bent lines, and you get a function with several bends: it can follow our rule.
#
# ### Layers
#
# In a *dense layer* every unit is connected to every unit of the layer before. Layers between input and output are
# called *hidden*. A network of dense layers is a *multilayer perceptron* (MLP). This is ours:

# %%
plots.network([1, hidden, hidden, 1], title="One input, two hidden layers, one output");


# %% [markdown]
# | layer | units | activation |
# |---|---|---|
# | input | 1 | |
# | hidden | `hidden` | ReLU |
# | hidden | `hidden` | ReLU |
# | output | 1 | none (linear) |
#
# In Keras's *functional* style each layer is called on the result of the one before, as in
# `h = keras.layers.Dense(units, activation="relu")(h)`. It starts with `keras.Input((1,))`, for inputs that are one
# number each, and ends with `keras.Model(inputs, outputs)`.

# %%
# TODO 4: a function that builds the network anew at every call.
def build_model(hidden):
    """Return the network 1 → hidden → hidden → 1, not compiled."""
    outputs = ...  # your code here
    return ...  # your code here


# %%
lab.check("model", build_model=build_model)

# %% [markdown]
# ### How many parameters?
#
# Count them yourself before you ask Keras. A layer has one weight for each connection and one bias for each unit; the
# figure shows the connections. Write the count as a formula in `hidden`, so that it holds for any width.

# %%
# TODO 5: the number of parameters of the network, computed from `hidden`.
n_parameters = ...  # your code here

# %%
lab.check("count", n_parameters=n_parameters)

# %% [markdown]
# `summary` shows the same number, and how it splits over the layers. With 5 units in each hidden layer it is 46.

# %%
build_model(hidden).summary()

# %% [markdown]
# ## 3 Training
#
# ### Loss, optimiser, epochs
#
# Training needs two choices:
#
# - The *loss* measures how wrong the network is. Ours is the *mean squared error* (MSE), the mean of $(\hat y - y)^2$
#   over the points, where $\hat y$ is the prediction.
# - The *optimiser* changes the parameters against the gradient of the loss. Ours is *stochastic gradient descent*
#   (SGD). It takes one small step after every `batch_size` points: a step from a few points is less exact than one
#   from all points, but many such steps fit into the same time. The *learning rate* is the length of the steps.
#
# One pass over all points is an *epoch*.
#
# In Keras, `model.compile(optimizer=..., loss="mse")` makes the choices. `model.fit(x, y, epochs=..., batch_size=...)`
# trains and returns a *history* with the loss of every epoch; `verbose=0` keeps it quiet. Keras expects one row for
# each point, so inputs of shape (n,) become a column of shape (n, 1) with `x[:, None]`.
#
# The first weights are random, and so is the order of the points in an epoch. `keras.utils.set_random_seed(seed)` makes
# both repeatable.

# %%
# TODO 6: build the network, compile it with SGD at `learning_rate` and the MSE, train it for `epochs` epochs.
keras.utils.set_random_seed(seed)
model = ...  # your code here
history = ...  # your code here

# %%
lab.check("sgd", model=model, history=history)

# %% [markdown]
# ### The learning curve
#
# `history.history["loss"]` is a list with one loss for each epoch. Drawn over the epochs it is the *learning curve*. On
# a logarithmic axis (`ax.semilogy`) the slow part at the end stays visible.

# %%
# TODO 7: the learning curve on a logarithmic y axis, with labels on both axes; keep the axes as ax_loss.
ax_loss = ...  # your code here

# %%
lab.check("learning_curve", ax_loss=ax_loss, history=history)

# %% [markdown]
# **What you should see.** The loss falls steeply for a few epochs, then more and more slowly.

# %%
# TODO 8: the smallest loss on the curve, and the epoch at which it was reached (the first epoch is 1).
best_loss = ...  # your code here
best_epoch = ...  # your code here

# %%
lab.check("best", best_loss=best_loss, best_epoch=best_epoch, history=history)

# %%
print(f"best epoch: {best_epoch} of {epochs}")
lab.score("smallest training loss, SGD, first run", best_loss).show()

# %% [markdown]
# ### What has it learned?
#
# The network is a function of $x$, so draw it as one: a line over the points. `ax.plot` joins points in the order in
# which they come, so sort the inputs first, and predict for the sorted inputs. `model.predict` takes a column and
# returns a column.

# %%
# TODO 9: the sorted inputs and the network's predictions for them, both of shape (n,);
# then one figure with the points, the network and the rule as lines, and a legend; keep the axes as ax_fit.
x_sorted = ...  # your code here
y_sorted = ...  # your code here
ax_fit = ...  # your code here

# %%
lab.check("curve", x_sorted=x_sorted, y_sorted=y_sorted, ax_fit=ax_fit, model=model)

# %% [markdown]
# **What you should see.** The network follows both parts of the rule, but it cannot jump: bent lines are connected. It
# bridges the gap at $x = 0$ with a steep ramp.
#
# ### What each unit adds
#
# The output is a sum: each unit of the last hidden layer adds its activation times a weight, and at the end comes the
# bias. Keras can show activations: a second model with the same input, which ends where the output layer begins.

# %%
output_layer = model.layers[-1]
inner = keras.Model(model.inputs[0], output_layer.input)
weights, bias = output_layer.get_weights()
weights.shape, bias.shape

# %%
# TODO 10: what each hidden unit adds to the prediction for each of x_sorted, shape (n, hidden).
contributions = ...  # your code here

# %%
lab.check("contributions", contributions=contributions, model=model)

# %%
fig, ax = plt.subplots()
for unit, added in enumerate(contributions.T, start=1):
    ax.plot(x_sorted, added, "--", linewidth=1.2, label=f"unit {unit}" if hidden <= 8 else None)
ax.plot(x_sorted, contributions.sum(axis=1) + bias, color="black", linewidth=2.5, label="sum and bias")
ax.set(xlabel="x", ylabel="added to the prediction", title="The prediction, unit by unit")
ax.legend()
print("units that never become active:", np.sum(np.all(contributions == 0, axis=0)), "of", hidden)


# %% [markdown]
# **What you should see.** Bent lines, each with few bends, whose sum is the curve of the figure before. A unit that is 0
# everywhere is *dead*: its gradient is 0 as well, so it never learns again. The random start decides how many die.
#
# ## 4 Longer, and with another optimiser
#
# Does it help to train longer? And does *Adam* do better, an optimiser that adapts the step of every parameter? Two
# runs can only be compared if they differ in one thing. So each starts from a **fresh network**: calling `fit` on a
# trained network continues where it stopped.

# %%
# TODO 11: train a fresh network with the given optimiser; the same seed must give the same run.
def train_fresh(optimizer, epochs, seed):
    """Return a newly built and trained network, and its history."""
    model = ...  # your code here
    history = ...  # your code here
    return ...  # your code here


# %%
lab.check("fresh", train_fresh=train_fresh)

# %% [markdown]
# One run says little, because of the random start. So train `n_seeds` networks with each optimiser:

# %%
optimizers = {"SGD": keras.optimizers.SGD, "Adam": keras.optimizers.Adam}
losses = {name: [] for name in optimizers}
for name, optimizer in optimizers.items():
    for start in range(n_seeds):
        _, run = train_fresh(optimizer(learning_rate), more_epochs, seed + start)
        losses[name].append(run.history["loss"])

# %%
for name, curves in losses.items():
    for length in (epochs, more_epochs):
        smallest = [min(curve[:length]) for curve in curves]
        spread = np.std(smallest, ddof=1) if n_seeds > 1 else None
        lab.score(f"smallest training loss, {name}, {length} epochs", np.mean(smallest), spread=spread).show()
    print(f"{name}: best epoch of each network:", [int(np.argmin(curve)) + 1 for curve in curves])

# %% [markdown]
# The original lab reported a loss of 0.0428 at epoch 271 of 300, and 0.0419 at epoch 645 of 1000. Its text asked for SGD,
# but its code trained with Adam.
#
# How does the prediction grow? Here `fit` does continue where it stopped, on purpose: `initial_epoch` tells Keras how
# many epochs are done.

# %%
stages = sorted({1, 10, 100, epochs, more_epochs})
stages = [stage for stage in stages if stage <= more_epochs]
fig, panels = plt.subplots(2, len(stages), figsize=(11, 4.6), sharex=True, sharey=True)
for row, (name, optimizer) in zip(panels, optimizers.items(), strict=True):
    keras.utils.set_random_seed(seed)
    network = build_model(hidden)
    network.compile(optimizer(learning_rate), loss="mse")
    done = 0
    for ax, stage in zip(row, stages, strict=True):
        network.fit(x[:, None], y, initial_epoch=done, epochs=stage, batch_size=batch_size, verbose=0)
        done = stage
        ax.scatter(x, y, s=2, alpha=0.3)
        ax.plot(x_sorted, network.predict(x_sorted[:, None], verbose=0)[:, 0], color="black")
        ax.set(title=f"{name}, {stage} epochs", xlabel="x" if name == "Adam" else "")
    row[0].set_ylabel("y")

# %% [markdown]
# **What you should see.** Both optimisers first find the coarse shape, then sharpen the ramp at 0. Adam is there much
# earlier; SGD is still improving when Adam has been finished for long.
#
# ## 5 The floor
#
# The losses approach a limit. Suppose that a network knew the rule exactly. Each of its predictions would still miss
# the target by the noise. What would its mean squared error be, on average?

# %%
# TODO 12: the expected mean squared error of a perfect prediction, computed from `noise`.
noise_floor = ...  # your code here

# %%
lab.check("floor", noise_floor=noise_floor)

# %% [markdown]
# That is the average over all data sets that could have been drawn. On *your* points the mean square of the noise is a
# little different, and you can compute it, because you know the rule:

# %%
floor_here = np.mean((y - noise_free(x, slope, intercept)) ** 2)
print(f"expected floor {noise_floor:.4f}, floor of these points {floor_here:.4f}")

# %%
sgd_loss, adam_loss = losses["SGD"][0], losses["Adam"][0]

# %%
# TODO 13: both learning curves on a logarithmic y axis, the two floors as lines across (ax.axhline), and a legend;
# keep the axes as ax_floor.
ax_floor = ...  # your code here

# %%
lab.check("floor_figure", ax_floor=ax_floor, sgd_loss=sgd_loss, adam_loss=adam_loss)

# %%
for name, curve in (("SGD", sgd_loss), ("Adam", adam_loss)):
    late = np.array(curve[len(curve) // 2 :])
    near = np.flatnonzero(np.array(curve) < 1.25 * floor_here)
    first = f"from epoch {near[0] + 1}" if len(near) else "never"
    print(f"{name}: within 25 % of the floor {first}; {np.mean(late < floor_here):.0%} of the later epochs below it")

# %% [markdown]
# **What you should see.** Both curves flatten out near the floor of these points. The ramp at $x = 0$ keeps them above
# it. With 46 parameters a network can also fit a little of the noise, which may bring it slightly below.
#
# ## 6 Below the floor
#
# Can a training loss be far below the floor? Yes, if the network memorises the noise of its points. That is
# *overfitting*. To notice it, keep some points out of the training: the *validation data*. scikit-learn's
# `train_test_split` divides several arrays in the same way.

# %%
# TODO 14: keep the share `holdout` of the points out of training; inputs and targets must stay together.
x_train = ...  # your code here
x_val = ...  # your code here
y_train = ...  # your code here
y_val = ...  # your code here

# %%
lab.check("holdout", x_train=x_train, y_train=y_train, x_val=x_val, y_val=y_val)

# %% [markdown]
# Now make memorising easy: few points, many parameters. With `validation_data=(inputs, targets)`, `fit` also computes the
# loss on points that it does not learn from, and the history holds it as `val_loss`.

# %%
few = 30

# %%
# TODO 15: a network with two hidden layers of 128 units, trained on the first `few` training points with Adam at a
# rate of 0.01 for `more_epochs` epochs, with the validation data watched; batch size and loss as before.
keras.utils.set_random_seed(seed)
large = ...  # your code here
overfit = ...  # your code here

# %%
lab.check("overfit", large=large, overfit=overfit, x_train=x_train, y_train=y_train, x_val=x_val, y_val=y_val)

# %%
# TODO 16: both curves of `overfit` on a logarithmic y axis, the expected floor as a line across, and a legend;
# keep the axes as ax_overfit.
ax_overfit = ...  # your code here

# %%
lab.check("overfit_figure", ax_overfit=ax_overfit, overfit=overfit)

# %%
lab.score("training loss, 30 memorised points", overfit.history["loss"][-1]).show()
lab.score("validation loss of the same network", overfit.history["val_loss"][-1]).show()
print("training loss below the floor:", overfit.history["loss"][-1] < noise_floor)
print("validation loss below the floor:", overfit.history["val_loss"][-1] < noise_floor)

# %% [markdown]
# **What you should see.** The training loss falls below the floor. The validation loss does not: it reaches its
# smallest value early and then rises, while the network fits the noise of its 30 points. A training loss far below the
# floor is no success but a warning.
#
# ### How large should a network be?
#
# The same 30 points, and networks from narrow to wide. Above each panel stand the error on the training points and the
# one on the validation data:

# %%
widths = (1, 5, 50)
fig, panels = plt.subplots(1, len(widths), figsize=(10, 3.2), sharey=True)
for ax, width in zip(panels, widths, strict=True):
    keras.utils.set_random_seed(seed)
    network = build_model(width)
    network.compile(keras.optimizers.Adam(0.01), loss="mse")
    network.fit(x_train[:few, None], y_train[:few], epochs=more_epochs, batch_size=batch_size, verbose=0)
    fitted = network.evaluate(x_train[:few, None], y_train[:few], verbose=0)
    validated = network.evaluate(x_val[:, None], y_val, verbose=0)
    ax.scatter(x_train[:few], y_train[:few], s=12)
    ax.plot(grid, network.predict(grid[:, None], verbose=0)[:, 0], color="black")
    ax.set(xlabel="x", title=f"{width} units: {fitted:.3f} | {validated:.3f}")
panels[0].set_ylabel("y");

# %% [markdown]
# **What you should see.** One unit a layer bends too little to follow the rule, and if it is dead the network is a flat
# line. The widest network bends towards single points, so its two errors lie far apart. More data is the best remedy:
# trained on all training points the wide network does well, too.
#
# ## 7 Let it sound
#
# Set the slope to 1 and the intercept to 0, and the rule becomes the ReLU. In electronics this is a *half-wave rectifier*:
# it lets the positive half of a wave through and cuts the rest. Any function from number to number can be applied to a
# sound, sample by sample. Play a sine through the rule, and through the network before and after training:

# %%
rate = 16_000
sine = 0.5 * np.sin(2 * np.pi * 220 * np.arange(rate) / rate)
keras.utils.set_random_seed(seed)
untrained = build_model(hidden)
outputs = {"the sine, 220 Hz": sine, "through the rule": noise_free(sine, slope, intercept)}
for name, network in (("before training", untrained), ("after training", model)):
    outputs[f"through the network {name}"] = network.predict(sine[:, None], batch_size=4096, verbose=0)[:, 0]
for name, sound in outputs.items():
    display(audio.Player(sound - sound.mean(), rate, name))

# %%
fig, panels = plt.subplots(2, 2, figsize=(9, 4.4), sharex=True)
for ax, (name, sound) in zip(panels.flat, outputs.items(), strict=True):
    ax.plot(1000 * np.arange(200) / rate, sound[:200])
    ax.set(title=name)
for ax in panels[-1]:
    ax.set_xlabel("time (ms)")

# %% [markdown]
# **What you should hear.** The sine is soft and plain. Through the rule it buzzes: every corner and jump of the waveform
# adds *harmonics*, tones at multiples of 220 Hz. The trained network sounds like the rule, a little duller, because its ramp
# is softer than the jump. Before training, the network's random bends give the sound another colour.
#
# ## Test yourself
#
# **What does a training loss of 0.01 tell you here, where the noise has the variance 0.04?**
#
# <details><summary>The network is better than the rule.</summary>On its training points it is closer to the targets than the rule. On new points it cannot be: their noise is unknown to it.</details>
# <details><summary>The network has fitted noise.</summary>Yes. No prediction from x alone gets below 0.04 on average; what lies below was fitted to these points.</details>
# <details><summary>The learning rate was too small.</summary>The learning rate decides how fast the loss falls. It cannot push the floor down.</details>
#
# **You call `fit` twice on the same model, with 300 epochs each. What does the second history show?**
#
# <details><summary>The same curve again.</summary>Only for a network that was built anew with the same seed.</details>
# <details><summary>The epochs 301 to 600 of one training.</summary>Yes: weights and the optimiser's state are kept from call to call.</details>
# <details><summary>A curve from other random weights.</summary>Weights are drawn when the model is built, not when it is fitted.</details>
#
# ## Questions
#
# Answer in two or three sentences each.
#
# **Question 2.** What did the longer run change, for SGD and for Adam? Why does one gain more than the other? Use the
# small panels and the curves.

# %% [markdown] tags=["answer-longer"]
# *Write your answer here.*

# %% [markdown]
# **Question 3.** A classmate reports a training loss of 0.02 on these data with noise 0.2. What do you ask before you
# congratulate?

# %% [markdown] tags=["answer-beat_the_floor"]
# *Write your answer here.*

# %% [markdown]
# ## What to take away
#
# | idea | in this lab |
# |---|---|
# | A network is a sum of bent lines | the contributions of the hidden units |
# | Training moves parameters against the gradient of a loss | `compile`, `fit`, the learning curve |
# | Compare runs that differ in one thing | `train_fresh` with the same seed |
# | Noise sets a floor | $\sigma^2$, and the mean square of the noise of your points |
# | Overfitting shows on validation data only | 30 points, 128 units a layer |
#
# **Go further** (nobody checks these). Train with learning rates from 0.001 to 1 and draw the curves. Double `n_samples` and
# watch the floor of the points. Replace the ReLU by `tanh`: what becomes of the ramp, and of the sound?
#
# **References**
#
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams, [Learning representations by back-propagating errors](https://doi.org/10.1038/323533a0), Nature 1986.
# - D. P. Kingma, J. Ba, [Adam: a method for stochastic optimization](https://arxiv.org/abs/1412.6980), 2015.
# - I. Goodfellow, Y. Bengio, A. Courville, [Deep Learning](https://www.deeplearningbook.org), 2016, chapters 5 and 6.
# - C. Zhang et al., [Understanding deep learning requires rethinking generalization](https://arxiv.org/abs/1611.03530), 2017.

# %%
lab.finish()
