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
# # Lab 02 · Gaussian classification
#
# A small network separates two overlapping clouds and is measured against the best possible rule.
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
n_per_class = 1000  # points of each class
center = 1.0  # class 1 lies around (center, center), class 0 opposite
variance_0 = 4.0  # variance of each coordinate of class 0
variance_1 = 3.0  # variance of each coordinate of class 1
holdout = 0.3  # share of the points for validation
hidden = 5  # units in each hidden layer
learning_rate = 0.01  # learning rate of Adam
batch_size = 32  # points per update
epochs = 300  # passes over the training data
n_seeds = None  # networks to train; None: 3 in the quick profile, 10 in the full one

# %% tags=["head"]
import labs_lib

lab = labs_lib.open_lab("02", globals())

# %% [markdown]
# | | |
# |---|---|
# | **Question** | How often can a classifier be right when the classes overlap, and how near does a network come? |
# | **You will** | draw two classes, train a network on them, score it in several ways, derive the best possible rule, and find data on which the network is worth its effort |
# | **You need** | lab 01: networks, losses, `compile` and `fit`, validation data |
# | **Time** | about four hours; all cells together run for less than a minute |
#
# Lab 01 predicted a number. Here a network predicts a *class*: to which of two clouds does a point belong? The clouds
# overlap, so nobody can always be right. You draw the points yourself and know how they are distributed. So you can
# compute how often the best possible rule is right, and compare the network with it.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

# %% [markdown]
# ## 1 The data
#
# ### Two clouds
#
# A point has two coordinates, $x_1$ and $x_2$. The points of class 0 scatter around the mean $(-c, -c)$, those of
# class 1 around $(c, c)$, where $c$ is the parameter `center`. Both coordinates follow a normal distribution and are
# independent. Their variance is `variance_0` in class 0 and `variance_1` in class 1.
#
# `rng.normal` takes a mean, a standard deviation (the square root of the variance) and a size, such as `(5, 2)` for
# five rows and two columns.

# %%
# TODO 1: draw n_per_class points of each class, a row for each point, from one new generator
# np.random.default_rng(seed): class 0 first, then class 1.
cloud_0 = ...  # your code here
cloud_1 = ...  # your code here

# %%
lab.check("draw", cloud_0=cloud_0, cloud_1=cloud_1)

# %% [markdown]
# Keras and scikit-learn want all points in **one** array $X$, with a row for each point and a column for each
# coordinate. The classes go into a second array $y$, the *labels*: one number for each row of $X$, here 0 or 1.

# %%
# TODO 2: join the clouds to X with two columns, and make the labels y, one for each row, shape (n,).
X = ...  # your code here
y = ...  # your code here

# %%
lab.check("stack", X=X, y=y)

# %% [markdown]
# ### A first look
#
# The library seaborn draws statistical figures. `sns.scatterplot(x=..., y=..., hue=..., ax=ax)` gives each value of
# `hue` a colour of its own and adds a legend. With `palette=["C0", "C1"]` the colours are the first two of the current
# style.

# %%
# TODO 3: a scatter plot of the points, coloured by class, with a legend and a label on each axis;
# keep the axes as ax_clouds.
ax_clouds = ...  # your code here

# %%
lab.check("scatter", ax_clouds=ax_clouds)

# %% [markdown]
# **What you should see.** Two round clouds, one to the lower left and one to the upper right, that run into each
# other. In the middle no rule can tell the classes apart.
#
# ### Validation data
#
# A network must be judged on points that it was not trained on. So keep the share `holdout` of the points out of the
# training, as *validation data*. The rows of $X$ are sorted by class, so the split must be random. It should also be
# *stratified*: both classes are as frequent in each part as in the whole. The arguments `random_state` and `stratify` of
# `train_test_split` see to both.

# %%
# TODO 4: keep the share `holdout` for validation, stratified by class, with random_state=seed.
X_train = ...  # your code here
X_val = ...  # your code here
y_train = ...  # your code here
y_val = ...  # your code here

# %%
lab.check("split", X_train=X_train, y_train=y_train, X_val=X_val, y_val=y_val)

# %%
X_train, y_train, X_val, y_val = data = [np.asarray(part) for part in (X_train, y_train, X_val, y_val)]
print(len(X_train), "points for training,", len(X_val), "for validation")


# %% [markdown]
# ## 2 The network
#
# Only two things differ from the network of lab 01. It takes two numbers, and its output is a **probability**: that
# the point belongs to class 1. The last unit's weighted sum $z$ can be any number. The *sigmoid*
# $\sigma(z) = 1 / (1 + e^{-z})$ turns it into one between 0 and 1.
#
# | layer | units | activation |
# |---|---|---|
# | input | 2 | |
# | hidden | `hidden` | ReLU |
# | hidden | `hidden` | ReLU |
# | output | 1 | sigmoid |

# %%
# TODO 5: a function that builds the network anew at every call.
def build_model(hidden):
    """Return the network 2 → hidden → hidden → 1, not compiled."""
    return ...  # your code here


# %%
lab.check("model", build_model=build_model)

# %% [markdown]
# How many parameters does it have? Before you count: where does the second input add some?

# %%
# TODO 6: the number of parameters of the network, computed from `hidden`.
n_parameters = ...  # your code here

# %%
lab.check("count", n_parameters=n_parameters)

# %%
build_model(hidden).summary()


# %% [markdown]
# ## 3 Training
#
# The network gives the point $x$ the probability $p$ of class 1, and $1 - p$ of class 0. The **binary cross-entropy**
# is the mean of $-\ln(\text{probability given to the true class})$ over the points. It is small where the network is
# right and sure, and very large where it is sure and wrong.
#
# The optimiser is Adam with `learning_rate`. With `metrics=["accuracy"]`, `compile` also records the *accuracy*, the
# share of points whose class is predicted correctly. The accuracy is what we are interested in, but it moves in jumps,
# so it has no gradient to follow. With `validation_data=(X_val, y_val)`, `fit` computes both on the validation data
# after each epoch, and learns nothing from them.

# %%
# TODO 7: build, compile (Adam, binary cross-entropy, accuracy) and train with validation data.
def train(seed, epochs):
    """Return a newly built and trained network, and its history."""
    keras.utils.set_random_seed(seed)
    model = ...  # your code here
    history = ...  # your code here
    return ...  # your code here


# %%
lab.check("train", train=train, data=data)

# %%
model, history = train(seed, epochs)
list(history.history)

# %%
# TODO 8: the loss on the training and on the validation data over the epochs, with labels on both axes
# and a legend; keep the axes as ax_loss.
ax_loss = ...  # your code here

# %%
lab.check("loss_figure", ax_loss=ax_loss, history=history)

# %%
val_loss = history.history["val_loss"]
best = np.argmin(val_loss)
print(f"validation loss: smallest {val_loss[best]:.3f} in epoch {best + 1}, at the end {val_loss[-1]:.3f}")


# %% [markdown]
# **What you should see.** Both curves fall steeply within the first few epochs and then flatten out. Which of them lies
# higher is partly chance, because they belong to different points. The line below the figure says in which epoch the
# validation loss was smallest. What the network has learned since then did not help on new points: it was about
# accidents of its training points.
#
# ## 4 How good is it?
#
# ### Predicted classes
#
# A network with one sigmoid unit returns a column of probabilities, shape (n, 1). To name a class, take the more
# probable one. The classes should come as one flat array, shape (n,), like the labels.

# %%
# TODO 9: the class of each point, 0 or 1, from the network's column of probabilities.
def to_classes(probabilities):
    """Return the more probable class for each row of probabilities, as a flat array."""
    return ...  # your code here


# %%
lab.check("classes", to_classes=to_classes)


# %%
def network_rule(points):
    """Return the network's class, 0 or 1, for each row of points."""
    return np.array(to_classes(model.predict(points, batch_size=8192, verbose=0)), dtype=int)


predicted = network_rule(X_val)

# %%
fig, panels = plt.subplots(1, 2, figsize=(10, 5), sharex=True, sharey=True)
for ax, classes, title in zip(panels, (y_val, predicted), ("true classes", "predicted classes"), strict=True):
    sns.scatterplot(x=X_val[:, 0], y=X_val[:, 1], hue=classes, style=classes, palette=["C0", "C1"], ax=ax)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", title=f"Validation data: {title}")
    ax.legend(title="class")

# %% [markdown]
# **What you should see.** On the left the clouds mix. On the right they are cut cleanly: the network draws a line, and
# everything beyond it is the other class. The points that lie on the wrong side on the left are its mistakes.
#
# ### Which mistakes?
#
# The accuracy is one number. The *confusion matrix* counts more: a row for each true class, a column for each predicted
# one. Two shares of it have names:
#
# - *Precision*: of the points that are predicted as class 1, the share that does belong to class 1.
# - *Recall*: of the points of class 1, the share that is found.
#
# `sklearn.metrics` has a function for each: `confusion_matrix`, `precision_score`, `recall_score`. All of them take the
# true labels first, then the predicted ones. `ConfusionMatrixDisplay(matrix).plot()` draws a matrix. What it returns
# has the axes as its `ax_`.

# %%
# TODO 10: the confusion matrix of the validation data as `matrix`, `precision` and `recall` of class 1,
# and the matrix as a figure; keep its axes as ax_matrix.
matrix = ...  # your code here
precision = ...  # your code here
recall = ...  # your code here
ax_matrix = ...  # your code here

# %%
lab.check(
    "confusion", matrix=matrix, precision=precision, recall=recall, ax_matrix=ax_matrix, model=model, data=data
)

# %% [markdown]
# **What you should see.** The two kinds of correct decisions on the diagonal, the two kinds of mistakes beside it.
#
# ### All thresholds at once
#
# One half is not the only possible *threshold*. With a higher one, fewer points are predicted as class 1:

# %%
p_val = model.predict(X_val, verbose=0)[:, 0]
for threshold in (0.2, 0.5, 0.8):
    found = p_val > threshold
    precision_here, recall_here = np.mean(y_val[found] == 1), np.mean(found[y_val == 1])
    print(f"threshold {threshold}: precision {precision_here:.2f}, recall {recall_here:.2f}")

# %% [markdown]
# The *ROC curve* shows the exchange for all thresholds: the share of class 1 that is found (the *true positive rate*,
# another name for recall) over the share of class 0 that is taken for class 1 (the *false positive rate*). The area
# under it is the *AUC*: the probability that the network gives a random point of class 1 a higher probability than a
# random point of class 0. It is 0.5 for guessing and 1 for a perfect ranking.
#
# `roc_curve` computes the curve, `RocCurveDisplay.from_predictions` computes and draws it, `roc_auc_score` gives the
# area.

# %%
# TODO 11: the AUC of the network on the validation data as `auc`, and its ROC curve;
# keep the axes as ax_roc.
auc = ...  # your code here
ax_roc = ...  # your code here

# %%
lab.check("roc", auc=auc, ax_roc=ax_roc, model=model, data=data)

# %%
lab.score("AUC on the validation data, network", auc).show()


# %% [markdown]
# **What you should see.** A curve well above the diagonal, on which a classifier that guesses would lie. A threshold
# near 1 is at the lower left: hardly any point is called class 1, correctly or not. Is this a good curve, and a good
# accuracy? To answer that we need to know the best possible rule.
#
# ## 5 The best possible rule
#
# ### The Bayes rule
#
# The *density* of class $k$ says how closely its points lie at $x$. With mean $m_k$ and variance $v_k$ it is
#
# $$p_k(x) = \frac{1}{2 \pi v_k} \exp\left(-\frac{\lVert x - m_k \rVert^2}{2 v_k}\right).$$
#
# Both classes are equally frequent. Of the points at $x$, the share $p_1(x) / (p_0(x) + p_1(x))$ comes from class 1.
# So nobody can do better than to pick the class with the larger density. This is the **Bayes rule**.
#
# It is easiest to compute from the *log-likelihood ratio*. Take the logarithm of the ratio, and it becomes a
# difference:
#
# $$\ln \frac{p_1(x)}{p_0(x)} = \ln p_1(x) - \ln p_0(x).$$
#
# Where it is positive, the rule picks class 1. The sigmoid of this number is the exact probability of class 1. Go on
# with pencil and paper: what is the logarithm of one density, and what cancels in the difference?
#
# <details><summary>The next two steps, if you want to compare</summary>
#
# The logarithm turns the product into a sum and removes the exponential function:
#
# $$\ln p_k(x) = -\ln(2\pi) - \ln v_k - \frac{\lVert x - m_k \rVert^2}{2 v_k}.$$
#
# In the difference $\ln(2\pi)$ cancels. The two other terms do not, because the classes have different means and
# variances: each appears once for class 1, and once with the opposite sign for class 0.
#
# </details>

# %%
# TODO 12: the log-likelihood ratio ln(p1 / p0), simplified on paper first.
def log_ratio(points, mean_0, mean_1, variance_0, variance_1):
    """Return ln(p1(x) / p0(x)) for each row x of points, shape (n,)."""
    return ...  # your code here


# %%
lab.check("rule", log_ratio=log_ratio)

# %%
mean_0, mean_1 = np.array([-center, -center]), np.array([center, center])


def bayes_rule(points):
    """Return the more probable class, 0 or 1, for each row of points."""
    return np.array(np.asarray(log_ratio(points, mean_0, mean_1, variance_0, variance_1)) > 0, dtype=int)


# %% [markdown]
# The ratio is a quadratic in $x$: the squares of the coordinates do not cancel unless the variances are equal. Where
# it is 0 lies the boundary of the best possible rule, a circle.
#
# ### How often is it right?
#
# Cut the plane into small square cells. The probability that a point of class $k$ falls into a cell is the density
# $p_k$ at its centre times its area. `np.meshgrid` makes the centres from the ticks of both axes: two square arrays,
# one with the first coordinate of every centre and one with the second.

# %%
from scipy.stats import multivariate_normal

reach = center + 8 * np.sqrt(max(variance_0, variance_1))  # hardly any point lies beyond
axis = np.linspace(-reach, reach, 401)
grid_1, grid_2 = np.meshgrid(axis, axis)
points = np.column_stack([grid_1.ravel(), grid_2.ravel()])
grid_1.shape, points.shape

# %%
cell_area = (axis[1] - axis[0]) ** 2
density_0 = multivariate_normal(mean_0, variance_0).pdf(points)
density_1 = multivariate_normal(mean_1, variance_1).pdf(points)
print(f"each density sums to {np.sum(density_0) * cell_area:.6f} and {np.sum(density_1) * cell_area:.6f}")

# %% [markdown]
# In each cell the Bayes rule picks a class. It is right when a point falls into the cell **and** comes from that
# class. Half of all points come from each class. The sum over all cells is the *Bayes accuracy*: what the best rule
# reaches on average over infinitely many new points.

# %%
# TODO 13: the probability that the Bayes rule is right, as a sum over the cells.
bayes_accuracy = ...  # your code here

# %%
lab.check("bayes", bayes_accuracy=bayes_accuracy)

# %%
lab.score("Bayes accuracy", bayes_accuracy).show()

# %% [markdown]
# ### Chance
#
# On a few hundred validation points the Bayes rule itself is right a little more or less often than that. The number of
# correct decisions among $n$ points follows a binomial distribution, so the accuracy has the standard deviation
# $\sqrt{a(1-a)/n}$, where $a$ is the expected accuracy:

# %%
from sklearn.metrics import accuracy_score

chance = np.sqrt(bayes_accuracy * (1 - bayes_accuracy) / len(y_val))
print(f"standard deviation by chance on {len(y_val)} points: {100 * chance:.1f} percentage points")

# %% [markdown]
# It depends on *which* validation points were drawn, and is the same in all epochs. So there are two levels with which
# to compare the network: the Bayes accuracy, and the accuracy of the Bayes rule on these very points. `accuracy_score`
# takes the true labels and the predicted ones.

# %%
# TODO 14: the accuracy of bayes_rule on the validation data as bayes_here; then a figure with the
# network's accuracy on both parts, both levels as lines across, a legend; keep the axes as ax_accuracy.
bayes_here = ...  # your code here
ax_accuracy = ...  # your code here

# %%
lab.check("accuracy_figure", bayes_here=bayes_here, ax_accuracy=ax_accuracy, history=history, data=data)

# %%
late = np.array(history.history["val_accuracy"][epochs // 10 :])
print(f"Bayes rule: expected {bayes_accuracy:.3f}, on these validation points {bayes_here:.3f}")
print(f"network on them, without the first epochs: from {late.min():.3f} to {late.max():.3f}")


# %% [markdown]
# **What you should see.** The validation curve stays near the dotted line, the rule's accuracy on the same points. With
# another seed both move up or down together. Where the curve touches or passes the dotted line, that is luck: the epoch
# with the largest value is the luckiest one. The training curve belongs to other points, so it has a level of its own,
# and the network has been fitted to them.
#
# ## 6 Boundaries
#
# ### A figure for any rule
#
# A rule for two coordinates can be drawn: colour the plane by the class that it gives to each place. The steps are those
# of the grid above. Make the centres of small cells with `np.meshgrid`, let the rule predict a class for each, bring the
# classes into the shape of the grid, and fill the areas between with
# `ax.contourf(..., levels=[-0.5, 0.5, 1.5], colors=["C0", "C1"], alpha=0.3)`. The border between
# the colours is the rule's *decision boundary*.
#
# The function will be used with several rules, so the rule is an argument: `predict` is a function that takes points of
# shape (n, 2) and returns n classes. `network_rule` and `bayes_rule` are such functions.

# %%
# TODO 15: colour the square from -limit to limit on both axes by predicted class, and label the axes.
def plot_boundary(ax, predict, limit):
    """Draw on `ax` which class `predict` gives to each place."""
    axis = ...  # your code here
    grid_1 = ...  # your code here
    grid_2 = ...  # your code here
    classes = ...  # your code here


# %%
lab.check("plot_boundary", plot_boundary=plot_boundary)

# %% [markdown]
# ### Two classical classifiers
#
# Do we need a network at all? Two old methods, both in scikit-learn:
#
# - **Quadratic discriminant analysis** (QDA) estimates the mean and the covariance of each class and then applies the
#   Bayes rule to these estimates. It assumes exactly what is true here.
# - **Logistic regression** is a network without hidden layers: the sigmoid of a weighted sum. Its boundary is a
#   straight line.

# %%
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

# %%
# TODO 16: one of each as `qda` and `logistic`, with default settings, fitted on the training data.
qda = ...  # your code here
logistic = ...  # your code here

# %%
lab.check("baselines", qda=qda, logistic=logistic, data=data)

# %% [markdown]
# Their method `predict` is a rule as well. So all four can be drawn with the same loop:

# %%
rules = {
    "Bayes rule": bayes_rule,
    "network": network_rule,
    "QDA": qda.predict,
    "logistic regression": logistic.predict,
}
fig, panels = plt.subplots(2, 2, figsize=(9, 9), sharex=True, sharey=True)
for ax, (name, predict) in zip(panels.flat, rules.items(), strict=True):
    plot_boundary(ax, predict, 7)
    sns.scatterplot(x=X_val[:, 0], y=X_val[:, 1], hue=y_val, palette=["C0", "C1"], s=14, legend=False, ax=ax)
    ax.set(title=name, xlim=(-7, 7), ylim=(-7, 7))

# %% [markdown]
# **What you should see.** Where the points are dense the four boundaries run close together. The Bayes boundary is an
# arc of a circle. The network's boundary is made of straight pieces with corners, because ReLU units only bend. It
# strays most where there are few points.
#
# ### One table
#
# Three accuracies for each rule: on the training data, on the validation data, and the *expected* accuracy over
# infinitely many new points, with the sum over the cells of TODO 13.

# %%
# TODO 17: a DataFrame `table` with the names in `rules` as rows, and three columns:
# training, validation, expected.
table = ...  # your code here

# %%
lab.check("table", table=table, model=model, data=data)

# %%
table.round(4)

# %%
spread = 100 * (table["expected"].max() - table["expected"].min())
print("largest expected accuracy:", table["expected"].idxmax())
print(f"the four expected accuracies lie within {spread:.1f} percentage points;")
print(f"by chance alone a validation accuracy varies by {100 * chance:.1f} (one standard deviation)")

# %% [markdown]
# **What you should see.** On the validation data the order is partly luck: compare the differences with the last line.
# In the column *expected* chance is gone, and no rule is above the Bayes rule. QDA needs 11 numbers for its rule, logistic
# regression 3, the network 51 (with 5 units a layer). Do these pay? Compare the expected accuracies of the network and
# of QDA.
#
# The network starts from random weights, so one run says little. Train `n_seeds` of them, and judge each after its last
# epoch: the epoch with the best validation accuracy would be the luckiest one.

# %%
networks = [model] + [train(seed + start, epochs)[0] for start in range(1, n_seeds)]
scores = [np.mean(np.ravel(to_classes(network.predict(X_val, verbose=0))) == y_val) for network in networks]
spread = np.std(scores, ddof=1) if n_seeds > 2 else None
lab.score("validation accuracy, network", np.mean(scores), spread=spread).show()
lab.score("validation accuracy, QDA", accuracy_score(y_val, qda.predict(X_val))).show()
lab.score("validation accuracy, logistic regression", accuracy_score(y_val, logistic.predict(X_val))).show()

# %% [markdown]
# ### Far from the data
#
# Now step back and draw the same boundaries on a larger square:

# %%
fig, panels = plt.subplots(1, 4, figsize=(12, 3.4), sharex=True, sharey=True)
for ax, (name, predict) in zip(panels, rules.items(), strict=True):
    plot_boundary(ax, predict, 30)
    sns.scatterplot(x=X_val[:, 0], y=X_val[:, 1], hue=y_val, palette=["C0", "C1"], s=3, legend=False, ax=ax)
    ax.set(title=name)

# %% [markdown]
# **What you should see.** The Bayes boundary closes to a circle around the narrower class (class 1, with the parameters
# of this notebook): far away in *every* direction a point is more probable under the wider one. QDA draws a curve of
# the same family, an ellipse or a hyperbola, depending on the points. The network and the logistic regression go on in
# straight lines for ever. There are no data out there, so no accuracy shows the difference. What a classifier says far
# from its training data is set by its form, not by evidence.
#
# ## 7 Can the probabilities be trusted?
#
# The network does not only name a class, it says how sure it is. A classifier is *calibrated* if, among the points
# that it gives the probability 0.8, about 80 % do belong to class 1. To check this, divide the points into bins by
# predicted probability. In each bin, compare the mean prediction with the observed share of class 1.
# `calibration_curve(labels, probabilities, n_bins=10)` from `sklearn.calibration` does so; it returns the shares first,
# then the mean predictions.
#
# The exact probabilities, the sigmoid of the log-likelihood ratio, show which deviations come from chance alone:

# %%
from scipy.special import expit  # the sigmoid

exact = expit(np.asarray(log_ratio(X_val, mean_0, mean_1, variance_0, variance_1)))
exact.min(), exact.max()

# %%
# TODO 18: calibration curves of the network (p_val) and of `exact` on the validation data, in ten bins:
# the share of class 1 over the mean prediction; the diagonal, a legend; keep the axes as ax_calibration.
ax_calibration = ...  # your code here

# %%
lab.check("calibration", ax_calibration=ax_calibration, model=model, data=data)

# %%
edges = np.linspace(0, 1, 11)
pd.DataFrame({"network": np.histogram(p_val, edges)[0], "exact": np.histogram(exact, edges)[0]}).T

# %% [markdown]
# **What you should see.** Both curves follow the diagonal, and even the exact probabilities do not lie on it: a bin
# holds a few dozen points (the table counts them), and chance moves their share. Compare the network with the exact
# curve. If its curve is flatter than the diagonal, below it on the right and above it on the left, the network is too
# sure of itself. A network that goes on training tends to become so: the loss on the validation data grows, while the
# predicted classes hardly change.
#
# ## 8 Where the network wins
#
# The two clouds are Gaussian, and QDA assumes Gaussians. Other data need not do it that favour. scikit-learn's
# `make_moons` draws two half circles that reach into each other:

# %%
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

X_moons, y_moons = make_moons(1000, noise=0.2, random_state=seed)
moons_train, moons_val, labels_train, labels_val = train_test_split(
    X_moons, y_moons, test_size=holdout, random_state=seed, stratify=y_moons
)

# %%
keras.utils.set_random_seed(seed)
# TODO 19: QDA, and a network of your `build_model` with 16 units in each hidden layer, both fitted on
# moons_train and labels_train; 100 epochs; loss, optimiser, rate and batch size as before.
moon_qda = ...  # your code here
moon_network = ...  # your code here
moon_history = ...  # your code here

# %%
lab.check("moons", moon_qda=moon_qda, moon_network=moon_network, moon_history=moon_history)


# %%
def moon_network_rule(points):
    """Return the class, 0 or 1, of the network for the moons."""
    return np.array(to_classes(moon_network.predict(points, batch_size=8192, verbose=0)), dtype=int)


moon_logistic = LogisticRegression().fit(moons_train, labels_train)
moon_rules = {"network": moon_network_rule, "QDA": moon_qda.predict}
moon_rules["logistic regression"] = moon_logistic.predict

# %%
fig, panels = plt.subplots(1, 3, figsize=(12, 4.4), sharex=True, sharey=True)
for ax, (name, predict) in zip(panels, moon_rules.items(), strict=True):
    plot_boundary(ax, predict, 3)
    sns.scatterplot(
        x=moons_val[:, 0], y=moons_val[:, 1], hue=labels_val, palette=["C0", "C1"], s=14, legend=False, ax=ax
    )
    accuracy = accuracy_score(labels_val, predict(moons_val))
    lab.score(f"validation accuracy on the moons, {name}", accuracy)
    ax.set(title=f"{name}: validation accuracy {accuracy:.3f}")

# %% [markdown]
# **What you should see.** Neither a straight line nor a conic section (an ellipse, a parabola, a hyperbola) can follow
# the moons. The network's boundary bends between them, and nobody told it how: this is what its parameters are for.
# Compare the accuracies with those on the clouds, where all rules were nearly as good as one another.
#
# ## Test yourself
#
# **What is the binary cross-entropy of a network that gives every point the probability one half?**
#
# <details><summary>0: it never says anything wrong.</summary>It would be 0 only if the true class always had the probability 1.</details>
# <details><summary>0.5: it is right half of the time.</summary>That is the accuracy it can expect. The cross-entropy is a mean of logarithms of probabilities.</details>
# <details><summary>ln 2, about 0.693.</summary>Yes: each point costs −ln(1/2) = ln 2, whatever its class. A loss above 0.693 is worse than knowing nothing.</details>
# <details><summary>It depends on how frequent the classes are.</summary>For other constant probabilities it would. One half gives the same cost to both classes.</details>
#
# **Can a validation accuracy be above the Bayes accuracy?**
#
# <details><summary>No, nothing beats the Bayes rule.</summary>No rule beats it on average over new points. On a few hundred points chance moves every accuracy, that of the Bayes rule as well.</details>
# <details><summary>Yes, if the network is large enough.</summary>Size cannot help: no function of the two coordinates is right more often on average.</details>
# <details><summary>Yes, by chance, on a finite number of points.</summary>Yes. The standard deviation by chance says by how much. The dotted line in your figure shows where the Bayes rule itself lies on the same points.</details>
#
# ## Questions
#
# Answer in two or three sentences each.
#
# **Question 1.** A classmate reports a validation accuracy above the Bayes accuracy. Name two ways in which this can
# happen although no rule beats the Bayes rule, and say how you would tell.

# %% [markdown] tags=["answer-above_the_best"]
# *Write your answer here.*

# %% [markdown]
# **Question 2.** Which of the three trained classifiers would you use for the two clouds, and which for the moons? Give
# a reason from your results for each.

# %% [markdown] tags=["answer-which_classifier"]
# *Write your answer here.*

# %% [markdown]
# ## What to take away
#
# | idea | in this lab |
# |---|---|
# | A sigmoid and the cross-entropy make a network predict a probability | `build_model`, `train` |
# | A threshold makes it a class, and decides which mistakes are made | confusion matrix, precision, recall, ROC curve |
# | Overlapping classes have a best possible accuracy | the Bayes rule, expected and on the validation points |
# | A score on a few hundred points scatters by chance | $\sqrt{a(1-a)/n}$, the two levels in the figure |
# | Simple data need a simple classifier | the table; the moons for the opposite |
# | Far from its data a classifier extrapolates by its form | the boundaries on the large square |
#
# **Go further** (nobody checks these). Draw nine times as many points of class 0 as of class 1: how accurate is a rule
# that always says 0, what do precision and recall say about it, and what must be added to the log-likelihood ratio? Set
# `variance_0` equal to `variance_1`: what becomes of the Bayes boundary? Train on 50 points a class and look at the
# calibration curve again.
#
# **References**
#
# - T. Hastie, R. Tibshirani, J. Friedman, [The Elements of Statistical Learning](https://hastie.su.domains/ElemStatLearn/), 2009, chapters 2 and 4.
# - T. Fawcett, [An introduction to ROC analysis](https://doi.org/10.1016/j.patrec.2005.10.010), Pattern Recognition Letters 2006.
# - C. Guo et al., [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599), 2017.
# - scikit-learn, user guide: [metrics and scoring](https://scikit-learn.org/stable/modules/model_evaluation.html), [probability calibration](https://scikit-learn.org/stable/modules/calibration.html).

# %%
lab.finish()
