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
holdout = 0.3  # share of the points held out
hidden = 5  # units in each hidden layer
learning_rate = 0.01  # learning rate of Adam
batch_size = 32  # points per update
epochs = 300  # passes over the training data
n_seeds = None  # networks to train; None: 2 in the quick profile, 5 in the full one

# %% tags=["head"]
import labs_lib

lab = labs_lib.open_lab("02", globals())

# %% [markdown]
# Lab 01 predicted a number. Here a network predicts a *class*: which of two clouds does a point belong to? The
# clouds overlap, so nobody can always be right. As we know how the points are drawn, we can compute how often the
# best possible rule is right, and see how near to it a network comes.
#
# You will
#
# - prepare points and labels and hold some of them out for validation,
# - build and train a network whose output is a probability,
# - derive the best possible rule and its accuracy, and compare the network and two classical classifiers with it,
# - ask whether the predicted probabilities can be taken at their word.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

from labs_lib import evaluation, plots
from labs_lib.datasets import synthetic

# %% [markdown]
# ## 1 The data
#
# A point has two coordinates, $x_1$ and $x_2$. The points of class 0 scatter around the mean $(-c, -c)$, those of
# class 1 around $(c, c)$, where $c$ is the parameter `center`. Both coordinates follow a normal distribution and are
# independent; their variance is `variance_0` in class 0 and `variance_1` in class 1.

# %%
cloud_0, cloud_1 = synthetic.gaussians(n_per_class, center, variance_0, variance_1, seed)
cloud_0.shape, cloud_1.shape

# %% [markdown]
# Keras and scikit-learn want all points in **one** array $X$, a row for each point and a column for each coordinate,
# and the labels in a second array $y$: one number for each row of $X$, here 0 or 1.

# %%
# TODO 1: join the clouds to X with two columns, and make the labels y, one for each row, shape (n,).
### BEGIN SOLUTION
X = np.concatenate([cloud_0, cloud_1])
y = np.concatenate([np.zeros(len(cloud_0), dtype=int), np.ones(len(cloud_1), dtype=int)])
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("stack", X=X, y=y)

# %%
plots.class_scatter(X, y, title="Two classes that overlap")

# %% [markdown]
# **What you should see.** Two round clouds, one to the lower left and one to the upper right, that run into each
# other. Class 0 is a little wider. In the middle no rule can tell the classes apart.

# %% [markdown]
# ## 2 Validation data
#
# A network must be judged on points that it was not trained on. We hold out the share `holdout` of the points as
# *validation data*. The split is *random*, because the rows of $X$ are sorted by class, with a *seed*, so that it can
# be repeated, and *stratified*: both classes are as frequent in each part as in the whole.

# %%
# TODO 2: hold out the share `holdout`, stratified by class, with random_state=seed.
### BEGIN SOLUTION
from sklearn.model_selection import train_test_split

X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=holdout, random_state=seed, stratify=y)
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("split", X_train=X_train, y_train=y_train, X_val=X_val, y_val=y_val)


# %% [markdown]
# ## 3 The network
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
# TODO 3: a function that builds the network anew at every call.
def build_model(hidden):
    """Return the network 2 → hidden → hidden → 1, not compiled."""
    ### BEGIN SOLUTION
    inputs = keras.Input((2,))
    h = keras.layers.Dense(hidden, activation="relu")(inputs)
    h = keras.layers.Dense(hidden, activation="relu")(h)
    outputs = keras.layers.Dense(1, activation="sigmoid")(h)
    return keras.Model(inputs, outputs)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("model", build_model=build_model)

# %% [markdown]
# How many parameters does it have? Before you count: where does the second input add some?

# %%
# TODO 4: the number of parameters of the network, computed from `hidden`.
### BEGIN SOLUTION
n_parameters = (2 * hidden + hidden) + (hidden * hidden + hidden) + (hidden * 1 + 1)
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("count", n_parameters=n_parameters)

# %%
build_model(hidden).summary()


# %% [markdown]
# ## 4 Training
#
# The network gives the point $x$ the probability $p$ of class 1, and $1 - p$ of class 0. The **binary cross-entropy**
# is the mean of $-\ln(\text{probability given to the true class})$. It is small where the network is right and sure,
# and very large where it is sure and wrong. Always saying one half costs $\ln 2 \approx 0.693$.
#
# The optimiser is Adam with `learning_rate`. `metrics=["accuracy"]` in `compile` also records the *accuracy*, the
# share of points whose class is predicted rightly: it is what we are interested in, but it moves in jumps, so it has
# no gradient to follow. `validation_data=(X_val, y_val)` in `model.fit` measures both on the validation data after
# each epoch, and learns nothing from them.

# %%
# TODO 5: build, compile (Adam, binary cross-entropy, accuracy) and train with validation data.
def train(seed, epochs):
    """Return a newly built and trained network, and its history."""
    keras.utils.set_random_seed(seed)
    ### BEGIN SOLUTION
    model = build_model(hidden)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate), loss="binary_crossentropy", metrics=["accuracy"]
    )
    history = model.fit(
        X_train,
        y_train,
        epochs=epochs,
        batch_size=batch_size,
        validation_data=(X_val, y_val),
        verbose=0,
    )
    return model, history
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("train", train=train, X_train=X_train, y_train=y_train, X_val=X_val, y_val=y_val)

# %%
model, history = train(seed, epochs)
curves = history.history

# %%
plots.learning_curves(
    {"training": curves["loss"], "validation": curves["val_loss"]},
    ylabel="binary cross-entropy",
    title="The loss that is minimised",
)


# %% [markdown]
# **What you should see.** Both curves fall steeply within the first few epochs. After that the training curve creeps
# down a little further, but the validation curve turns and slowly rises: what the network still learns are accidents of
# its training points.

# %% [markdown]
# ## 5 Predicted classes
#
# A network with one sigmoid unit returns a column of probabilities, shape (n, 1). To name a class we take the more
# probable one. The classes should come as one flat row, shape (n,), like the labels.

# %%
# TODO 6: the class of each point, 0 or 1, from the network's column of probabilities.
def to_classes(probabilities):
    """Return the more probable class for each row of probabilities, as a flat array."""
    ### BEGIN SOLUTION
    return (probabilities[:, 0] > 0.5).astype(int)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("classes", to_classes=to_classes)

# %%
predicted = to_classes(model.predict(X_val, verbose=0))
accuracy = np.mean(predicted == y_val)
print("the same accuracy as in the history:", np.isclose(accuracy, curves["val_accuracy"][-1]))

# %%
figure, panels = plt.subplots(1, 2, figsize=(10, 5), sharex=True, sharey=True)
plots.class_scatter(X_val, y_val, title="Validation data: true classes", ax=panels[0])
plots.class_scatter(X_val, predicted, title="Classes predicted by the network", ax=panels[1])


# %% [markdown]
# **What you should see.** On the left the clouds mix. On the right they are cut cleanly: the network draws a line, and
# everything beyond it is the other class. The points that are on the wrong side on the left are its mistakes. Is it a
# good line? To answer that we need to know the best one.

# %% [markdown]
# ## 6 The best possible rule
#
# The density of class $k$ says how closely its points lie at $x$. With mean $m_k$ and variance $v_k$ it is
#
# $$p_k(x) = \frac{1}{2 \pi v_k} \exp\left(-\frac{\lVert x - m_k \rVert^2}{2 v_k}\right).$$
#
# Both classes are equally frequent. Of the points at $x$, the share $p_1(x) / (p_0(x) + p_1(x))$ comes from class 1.
# So nobody can do better than to pick the class with the larger density. This is the **Bayes rule**. It is easiest to
# compute from the *log-likelihood ratio* $\ln\, p_1(x) / p_0(x)$: where it is positive, class 1 is picked. The sigmoid
# of this number is the exact probability of class 1.

# %%
# TODO 7: the log-likelihood ratio ln(p1 / p0), simplified on paper first.
def log_ratio(points, mean_0, mean_1, variance_0, variance_1):
    """Return ln(p1(x) / p0(x)) for each row x of points, shape (n,)."""
    ### BEGIN SOLUTION
    distance_0 = np.sum((points - mean_0) ** 2, axis=1)
    distance_1 = np.sum((points - mean_1) ** 2, axis=1)
    return np.log(variance_0 / variance_1) + distance_0 / (2 * variance_0) - distance_1 / (2 * variance_1)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("rule", log_ratio=log_ratio)

# %% [markdown]
# The ratio is a quadratic in $x$: the squares of the coordinates do not cancel unless the variances are equal. Where
# it is 0 lies the boundary of the best possible rule, a circle.
#
# ### How often is the best rule right?
#
# Cut the plane into small square cells. The probability that a point of class $k$ falls into a cell is the density
# $p_k$ at its centre times its area. `points` are the centres of 160,000 cells that cover both clouds, `density_0` and
# `density_1` the densities there.

# %%
from scipy.stats import multivariate_normal

mean_0, mean_1 = np.array([-center, -center]), np.array([center, center])
class_0, class_1 = multivariate_normal(mean_0, variance_0), multivariate_normal(mean_1, variance_1)
points, cell_area = evaluation.plane_grid(class_0, class_1)
density_0, density_1 = class_0.pdf(points), class_1.pdf(points)
print("each density sums to 1:", [round(float(np.sum(d) * cell_area), 6) for d in (density_0, density_1)])

# %% [markdown]
# In each cell the Bayes rule picks a class. It is right when a point falls into the cell **and** comes from that
# class. Half of all points come from each class.

# %%
# TODO 8: the probability that the Bayes rule is right, as a sum over the cells.
### BEGIN SOLUTION
picks_1 = log_ratio(points, mean_0, mean_1, variance_0, variance_1) > 0
bayes_accuracy = np.sum(np.where(picks_1, density_1, density_0)) / 2 * cell_area
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("bayes", bayes_accuracy=bayes_accuracy)

# %% [markdown]
# The helper `evaluation.bayes_accuracy` computes the same number without a grid, exact to eight digits.

# %%
exact = evaluation.bayes_accuracy(class_0, class_1)
print("the grid agrees to within 0.0001:", abs(bayes_accuracy - exact) < 1e-4)
lab.score("Bayes accuracy", exact).show()

# %%
plots.learning_curves(
    {"training": curves["accuracy"], "validation": curves["val_accuracy"]},
    ylabel="accuracy",
    level=bayes_accuracy,
    level_label="Bayes accuracy",
    best="max",
    title="The network against the best possible rule",
)

# %% [markdown]
# **What you should see.** After a few epochs both curves jitter close to the Bayes accuracy. The validation curve
# crosses it again and again, and the training curve lies above it. That is no feat. The Bayes accuracy holds for
# endless new points. On a few hundred validation points the share of right decisions varies by chance, and the epoch
# with the largest value is the luckiest one. The training points have been fitted, accidents included.

# %%
chance = np.sqrt(bayes_accuracy * (1 - bayes_accuracy) / len(y_val))
print(f"standard deviation by chance on {len(y_val)} points: {100 * chance:.1f} percentage points")

# %% [markdown]
# ## 7 Two classical classifiers
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

qda, logistic = QuadraticDiscriminantAnalysis(), LogisticRegression()

# %% [markdown]
# Each has the methods `fit(X, y)` and `score(X, y)`; the second returns an accuracy.

# %%
# TODO 9: fit `qda` and `logistic`, and compute the accuracy of each that can be compared with the network's.
### BEGIN SOLUTION
qda_accuracy = qda.fit(X_train, y_train).score(X_val, y_val)
logistic_accuracy = logistic.fit(X_train, y_train).score(X_val, y_val)
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check(
    "baselines",
    qda_accuracy=qda_accuracy,
    logistic_accuracy=logistic_accuracy,
    qda=qda.decision_function,
    logistic=logistic.decision_function,
    X_train=X_train,
    y_train=y_train,
    X_val=X_val,
    y_val=y_val,
)

# %% [markdown]
# The network starts from random weights. We train it from `n_seeds` different starts, because one run says little. It
# is always judged after its last epoch: the epoch with the best validation accuracy would be the luckiest one.

# %%
networks = []
networks = [model] + [train(seed + start, epochs)[0] for start in range(1, n_seeds)]

# %%
rules = {
    "Bayes rule": [lambda x: log_ratio(x, mean_0, mean_1, variance_0, variance_1) > 0],
    f"network ({model.count_params()} parameters)": [
        lambda x, net=net: to_classes(net.predict(x, batch_size=8192, verbose=0)) for net in networks
    ],
    "QDA (11 parameters)": [qda.predict],
    "logistic regression (3 parameters)": [logistic.predict],
}

# %% [markdown]
# Knowing the distributions we can go further than the validation data: with the same sum over cells we compute each
# classifier's *expected accuracy*, the one that it would reach on endless new points.

# %%
results = {
    name: {
        "training": [np.mean(rule(X_train) == y_train) for rule in same],
        "validation": [np.mean(rule(X_val) == y_val) for rule in same],
        "expected": [evaluation.expected_accuracy(rule, class_0, class_1) for rule in same],
    }
    for name, same in rules.items()
}
display(evaluation.accuracy_table(results))

# %% [markdown]
# **What you should see.** All four lie within two percentage points. On the validation data the order is partly luck:
# by chance alone each value varies by more than most of the differences. In the last column chance is gone. There no
# classifier is above the Bayes rule, QDA comes next to it, and logistic regression loses only a fraction of a point by
# drawing a straight line. The network has the best training accuracy, but not the best expected one: with 51 parameters
# for 1400 points it overfits a little.

# %% tags=["nbval-check-output"]
expected = {name: row["expected"] for name, row in results.items()}
best = max(max(values) for values in expected.values())
print("nothing is expected to beat the Bayes rule:", best == expected["Bayes rule"][0])

# %%
scores = results[f"network ({model.count_params()} parameters)"]["validation"]
lab.score("validation accuracy, network", np.mean(scores), spread=np.std(scores)).show()
lab.score("validation accuracy, QDA", qda_accuracy).show()
lab.score("validation accuracy, logistic regression", logistic_accuracy).show()

# %% [markdown]
# ## 8 Where the boundaries run
#
# A rule is given by its boundary. Each function below is positive where its rule says class 1.

# %%
boundaries = {
    "Bayes rule": lambda x: log_ratio(x, mean_0, mean_1, variance_0, variance_1),
    "network": lambda x: model.predict(x, batch_size=8192, verbose=0)[:, 0] - 0.5,
    "QDA": qda.decision_function,
    "logistic regression": logistic.decision_function,
}
plots.decision_boundaries(X_val, y_val, boundaries, title="Four boundaries, near the data")

# %% [markdown]
# **What you should see.** Where the points are dense the boundaries run close together. The Bayes boundary is slightly
# curved, as an arc of a large circle around the upper right. The network's boundary is made of straight pieces with
# corners, because ReLU units only bend. It strays most where there are few points to hold it.
#
# Now step back.

# %%
plots.decision_boundaries(
    X_val, y_val, boundaries, limit=25, title="The same boundaries, far from the data"
)

# %% [markdown]
# **What you should see.** The Bayes boundary closes to a circle: far away in *every* direction a point is more probable
# under the wider class 0. QDA has the right family of curves; with these points its estimate closes too, to a tilted
# ellipse. The network and the logistic regression go on in straight lines for ever. There are no data out there, so no
# accuracy shows the difference. What a classifier says far from its training data is set by its form, not by evidence.

# %% [markdown]
# ## 9 Can the probabilities be trusted?
#
# The network does not only name a class, it says how sure it is. A classifier is *calibrated* if, among the points
# that it gives the probability 0.8, about 80 % do belong to class 1. The *reliability diagram* groups points by
# predicted probability and compares. The exact probabilities, the sigmoid of the log-likelihood ratio, show how large
# the deviations are that chance alone makes.

# %%
probabilities = {
    "exact": 1 / (1 + np.exp(-log_ratio(X_val, mean_0, mean_1, variance_0, variance_1))),
    "network": model.predict(X_val, verbose=0)[:, 0],
}
plots.reliability_diagram(y_val, probabilities, title="Calibration on the validation data")

# %% [markdown]
# **What you should see.** Both curves follow the diagonal. Even the exact probabilities do not lie on it: a bin holds a
# few dozen points, and chance moves their share; each bar spans one standard error to both sides. The network strays a
# little farther, and at both ends in the direction of being too sure of itself. This is the overfitting that the loss
# on the validation data showed. The predicted classes hardly suffer from it, the probabilities do. The counts below
# tell how much each point of the diagram is worth.

# %% [markdown]
# ## Questions
#
# Answer in two or three sentences each.
#
# **Question 1.** A classmate reports a validation accuracy above the Bayes accuracy. Name two ways in which this can
# happen although no rule beats the Bayes rule, and say how you would tell.

# %% [markdown] tags=["answer-above_the_best"]
# By chance: on 600 points the accuracy varies by about 1.7 percentage points, and picking the best of 300 epochs picks
# a lucky one. By a leak: validation points that were trained on, or a validation score measured on training data. More
# new points tell: the excess shrinks with chance and vanishes once the points are really new. *Full marks: two ways and
# a test. Half: one way, or no test.*

# %% [markdown]
# **Question 2.** Which of the three trained classifiers would you use for these data, and what would have to change
# about the data for another choice?

# %% [markdown] tags=["answer-which_classifier"]
# QDA or logistic regression: they are as accurate here with far fewer parameters. QDA assumes Gaussian classes, which
# holds; logistic regression loses next to nothing because the variances are nearly equal. The network pays when the
# classes are not Gaussian, for example with bent or scattered clouds, and there are enough points. *Full marks: a
# choice with a reason from the table, and a change that breaks the reason. Half: one of the two.*

# %% [markdown]
# ## What to take away
#
# - A sigmoid output and the cross-entropy make a network predict a probability; a threshold makes it a class.
# - Overlapping classes have a best possible accuracy. Scores on a few hundred points scatter around it, above and below.
# - On simple data a simple classifier does as well as a network. Compare with one before you build a large network.
# - Away from the training data a classifier extrapolates by its own form, however good its score.

# %%
lab.finish()
