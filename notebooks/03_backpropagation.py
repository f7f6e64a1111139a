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
# # Lab 03 · Backpropagation and descent by hand
#
# The gradients of a network derived, checked and trained with, and what decides how fast descent is.
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
n = 6  # inputs of the network
m = 5  # hidden units
q = 3  # outputs
a = 1.0  # curvature of the bowl along w1
b = 10.0  # curvature of the bowl along w2
steps = 60  # updates of each descent
n_samples = 1000  # number of points that a network is trained on
learning_rate = 0.01  # learning rate of that training
batch_size = 32  # points per update
epochs = 100  # passes over the points
largest_layer = None  # most inputs of the networks whose gradients are timed; None: 1024 in the quick profile, 4096 in the full one

# %% tags=["head"]
import labs_lib

lab = labs_lib.open_lab("03", globals())

# %% [markdown]
# | | |
# |---|---|
# | **Question** | How does a network find out in which direction to change each of its weights, and how long is the way down? |
# | **You will** | derive the gradients of a small network, code them in NumPy, check them in two ways, train lab 01's network with them exactly as Keras does, and predict how fast gradient descent is |
# | **You need** | lab 01; derivatives, the chain rule, matrix products |
# | **Time** | four to five hours: plan two sittings, Part A and Part B; all cells together run for less than half a minute |
#
# To train a network we need to know, for every weight, how the error changes when that weight changes a little.
# *Backpropagation* computes this for all weights at once. In Part A you derive it, code it without a framework, and
# train with it. A gradient gives a direction. How far to go in that direction, and how many steps it takes, is Part B.
#
# Some questions say **On paper**: derive the result by hand before you code it. A worked version is folded under the
# check that follows.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from IPython.display import display
from scipy.special import expit as sigmoid  # σ(z) = 1 / (1 + exp(−z)), safe for large |z|

from labs_lib import audio, backprop, descent, plots

# %% [markdown]
# # Part A · Backpropagation
#
# ## 1 The network and its graph
#
# Our first network has $n$ inputs, $m$ hidden units and $q$ outputs. It has no biases yet:
#
# $$z = W_1 x, \qquad h = \sigma(z), \qquad \hat y = W_2 h, \qquad E = \lVert \hat y - y \rVert^2 .$$
#
# The activation $\sigma(z) = 1 / (1 + e^{-z})$, the *sigmoid*, acts on each entry; it is imported above as `sigmoid`. The
# error $E$ is the *sum* of the squared differences between the output $\hat y$ and the target $y$.

# %%
plots.network([n, m, q], title=f"The network: {n} inputs, {m} hidden units, {q} outputs");

# %% [markdown]
# For derivatives another picture is better: the *computation graph*. It has a box for each value, with its shape, and an
# arrow from each value to those that are computed from it.

# %%
net = backprop.random_network(n, m, q, seed)
print("W1", net.W1.shape, " W2", net.W2.shape, " x", net.x.shape, " y", net.y.shape)
plots.computation_graph(n, m, q, title="Forward: from the input to the error");


# %% [markdown]
# The way back will need the values that were computed on the way forward. So the forward pass returns all three:
# $z$, $h$ and $\hat y$, arrays of shapes `(m,)`, `(m,)` and `(q,)`.

# %%
# TODO 1: the forward pass.
def forward(W1, W2, x):
    """Return z, h and y_hat."""
    return ...  # your code here


# %%
lab.check("forward", forward=forward)


# %% [markdown]
# ## 2 Two links of the chain
#
# $E$ depends on $W_1$ through a chain: $W_1 \to z \to h \to \hat y \to E$. The chain rule multiplies the derivatives of
# its links, and each link by itself is simple. Start from the end.
#
# **On paper 1.** Write $E$ as a sum over the outputs. What is $\partial E / \partial \hat y_i$?
#
# > *Your derivation (on a sheet, or double-click and write here):*
# >
# > &nbsp;

# %%
# TODO 2: the gradient of E with respect to the output, an array of shape (q,).
def error_gradient(y_hat, y):
    """Return ∂E/∂ŷ."""
    return ...  # your code here


# %%
lab.check("error_gradient", error_gradient=error_gradient)


# %% [markdown]
# <details><summary>On paper 1, worked</summary>
#
# $E = \sum_k (\hat y_k - y_k)^2$. Only the term $k = i$ contains $\hat y_i$. The outer derivative of the square is
# $2 (\hat y_i - y_i)$, the inner derivative is 1. So $\partial E / \partial \hat y_i = 2 (\hat y_i - y_i)$.
#
# </details>
#
# The activation acts on each entry by itself, so its derivative is one number for each entry.
#
# **On paper 2.** Differentiate $\sigma(z) = 1 / (1 + e^{-z})$ and express the result with $\sigma(z)$ itself.
#
# > *Your derivation:*
# >
# > &nbsp;

# %%
# TODO 3: the slope of σ at each entry of z, an array of z's shape.
def sigma_slope(z):
    """Return σ'(z)."""
    return ...  # your code here


# %%
lab.check("sigma_slope", sigma_slope=sigma_slope)

# %% [markdown]
# <details><summary>On paper 2, worked</summary>
#
# With the chain rule,
#
# $$\sigma'(z) = -(1 + e^{-z})^{-2} \cdot (-e^{-z}) = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} .$$
#
# The first factor is $\sigma(z)$. The second is $1 - \sigma(z)$, because $\frac{e^{-z}}{1 + e^{-z}} = 1 - \frac{1}{1 + e^{-z}}$.
# So $\sigma'(z) = \sigma(z)\,(1 - \sigma(z))$: once $h$ is known, the slope costs one product.
#
# </details>

# %%
z_grid = np.linspace(-8, 8, 201)
fig, ax = plt.subplots()
ax.plot(z_grid, sigmoid(z_grid), label="σ(z)")
ax.plot(z_grid, sigma_slope(z_grid), "--", label="σ'(z)")
ax.set(xlabel="z", ylabel="value", title=f"The largest slope is {np.max(sigma_slope(z_grid)):.2f}")
ax.legend();

# %% [markdown]
# **What you should see.** The slope is never above a quarter, and nearly 0 for large $|z|$. So this link makes what goes
# back at least four times smaller. The products with the weights come on top and may make it larger or smaller again;
# section 10 measures what remains after many layers.
#
# ## 3 Shapes
#
# A *Jacobian* collects the derivatives of a vector with respect to a vector. In $\partial u / \partial v$ row $i$ and
# column $j$ hold $\partial u_i / \partial v_j$: one row for each component of $u$, one column for each component of $v$.
# The derivative with respect to a matrix has two column indices: $\partial z_i / \partial (W_1)_{jk}$ has three indices
# in all. The gradient of a *number*, like $E$, has the same shape as the variable it is taken with respect to.
#
# The shapes tell which matrix must be transposed, so it pays to get them right first.

# %%
# TODO 4: the shape of each derivative, a tuple in n, m and q.
J_yh = ...  # your code here
J_hz = ...  # your code here
J_zx = ...  # your code here
J_zW1 = ...  # your code here
G_W1 = ...  # your code here

# %%
lab.check("shapes", J_yh=J_yh, J_hz=J_hz, J_zx=J_zx, J_zW1=J_zW1, G_W1=G_W1)


# %% [markdown]
# ## 4 Going back
#
# **On paper 3.** Which matrices are $\partial \hat y / \partial h$, $\partial h / \partial z$ and $\partial z / \partial x$?
#
# > *Your answer:*
# >
# > &nbsp;
#
# **On paper 4.** Write $g = \partial E / \partial \hat y$. The component $h_j$ acts on $E$ through *all* outputs. Write
# $\partial E / \partial h_j$ as a sum over the outputs, then the vector $\partial E / \partial h$ as one product of a matrix
# and a vector. Go on through the activation to $\partial E / \partial z$.
#
# > *Your derivation:*
# >
# > &nbsp;

# %%
# TODO 5: from g = ∂E/∂ŷ back to ∂E/∂h and on to ∂E/∂z, both of shape (m,).
def back_to_hidden(W2, z, g):
    """Return ∂E/∂h and ∂E/∂z."""
    return ...  # your code here


# %%
lab.check("signal", back_to_hidden=back_to_hidden)


# %% [markdown]
# <details><summary>On paper 3 and 4, worked</summary>
#
# $\partial \hat y / \partial h = W_2$, because $\hat y_i = \sum_j (W_2)_{ij} h_j$; in the same way $\partial z / \partial x = W_1$.
# Each $h_j$ depends on $z_j$ alone, so $\partial h / \partial z$ is the diagonal matrix with the entries $\sigma'(z_j)$.
#
# The chain rule sums over all ways from $h_j$ to $E$:
# $\partial E / \partial h_j = \sum_i g_i\, \partial \hat y_i / \partial h_j = \sum_i (W_2)_{ij}\, g_i$. This is component $j$ of
# $W_2^\top g$. From $z_j$ there is only the way through $h_j$: $\partial E / \partial z_j = \sigma'(z_j)\, \partial E / \partial h_j$.
#
# </details>
#
# **On paper 5.** A weight $(W_1)_{jk}$ appears in one component of $z$ only. In which one, and with which factor? Find
# $\partial E / \partial (W_1)_{jk}$, then the whole matrix. Do the same for $W_2$. Last, $\partial E / \partial x$: the
# input acts on all components of $z$, as $h$ does on all outputs.
#
# > *Your derivation:*
# >
# > &nbsp;
#
# `np.outer(u, v)` makes the matrix with the entries $u_i v_j$.

# %%
# TODO 6: all three gradients, from the weights, the input and the target; use your functions.
def gradients(W1, W2, x, y):
    """Return ∂E/∂W1, ∂E/∂W2 and ∂E/∂x."""
    return ...  # your code here


# %%
lab.check("gradients", gradients=gradients)

# %% [markdown]
# <details><summary>On paper 5, worked</summary>
#
# $z_j = \sum_k (W_1)_{jk} x_k$, so $(W_1)_{jk}$ appears in $z_j$ only, with the factor $x_k$:
# $\partial E / \partial (W_1)_{jk} = (\partial E / \partial z_j)\, x_k$. That is the outer product of $\partial E / \partial z$
# and $x$. In the same way $\partial E / \partial W_2$ is the outer product of $g$ and $h$. The input acts through all $z_j$:
# $\partial E / \partial x = W_1^\top\, \partial E / \partial z$.
#
# </details>
#
# Now the graph with both directions:

# %%
plots.computation_graph(n, m, q, backward=True, title="Forward (blue) and backward (orange)");


# %% [markdown]
# **What you should see.** Against each blue arrow runs an orange one, except to the target, which nobody changes. Every
# gradient has the shape of its value.
#
# ## 5 Is it right?
#
# A network also trains with a slightly wrong gradient, only badly, and no error message tells you. So always check a
# gradient that you have coded.
#
# ### Numerical gradients
#
# The first check needs no derivation. Move one entry of $w$ by a small $\varepsilon$ in both directions and take the
# *central difference*
#
# $$\frac{\partial f}{\partial w_i} \approx \frac{f(w + \varepsilon e_i) - f(w - \varepsilon e_i)}{2 \varepsilon},$$
#
# where $e_i$ is 1 at entry $i$ and 0 elsewhere.

# %%
# TODO 7: the central difference for each entry of w, which may be a vector or a matrix.
def numerical_gradient(f, w, eps):
    """Return the gradient of f at w, of w's shape; f maps an array of that shape to a number."""
    return ...  # your code here


# %%
lab.check("numerical", numerical_gradient=numerical_gradient)


# %% [markdown]
# Take $E$ as a function of $W_1$ alone, with everything else fixed, and compare with your formula:

# %%
def error_of_W1(W1):
    """Return E for other weights W1, everything else as it is."""
    return np.sum((forward(W1, net.W2, net.x)[-1] - net.y) ** 2)


dW1, _, _ = gradients(net.W1, net.W2, net.x, net.y)
difference = backprop.relative_error(numerical_gradient(error_of_W1, net.W1, 1e-5), dW1)
print("central difference and formula agree to 1e-6:", difference < 1e-6)

# %% [markdown]
# How small should $\varepsilon$ be? Try many values, with the central difference and with the one-sided one,
# $(f(w + \varepsilon e_i) - f(w)) / \varepsilon$.

# %%
eps = np.logspace(-13, 0, 53)
kinds = {"one-sided": backprop.one_sided_gradient, "central": numerical_gradient}
errors = {
    kind: np.array([backprop.relative_error(numerical(error_of_W1, net.W1, e), dW1) for e in eps])
    for kind, numerical in kinds.items()
}
plots.difference_errors(eps, errors, title="Error of a numerical gradient")
print(f"best step of the central difference: {eps[np.argmin(errors['central'])]:.0e}")


# %% [markdown]
# **What you should see.** From the right, both errors first fall: the one-sided one by a factor of ten when $\varepsilon$
# does, the central one by a hundred. On the left both rise again: two nearly equal numbers are subtracted, and of
# their 16 digits only rounding errors are left. The smallest $\varepsilon$ is not the best one.
#
# ### What a framework does
#
# TensorFlow's `GradientTape` records the operations of the forward pass and then goes through the record backwards, with
# the same links of the chain that you coded. It follows each `tf.Variable` that takes part:
#
#     w = tf.Variable(3.0)
#     with tf.GradientTape() as tape:
#         value = w**2
#     tape.gradient(value, w)             # 6.0; for a list of variables, a list of gradients
#
# `tf.linalg.matvec(W, x)` is the product of a matrix and a vector, `tf.sigmoid` is σ, `tf.reduce_sum` adds all entries.

# %%
# TODO 8: the same three gradients with a tf.GradientTape; the arguments are NumPy arrays.
def tape_gradients(W1, W2, x, y):
    """Return ∂E/∂W1, ∂E/∂W2 and ∂E/∂x as TensorFlow finds them."""
    return ...  # your code here


# %%
lab.check("tape", tape_gradients=tape_gradients)

# %%
worst = 0.0
for trial in range(20):
    other = backprop.random_network(n, m, q, seed + trial)
    pairs = zip(gradients(*other), tape_gradients(*other), strict=True)
    worst = max(worst, *(backprop.relative_error(ours, np.array(theirs)) for ours, theirs in pairs))
lab.score("largest relative error against GradientTape", worst).show()

# %%
print("all gradients of 20 networks agree to 1e-5:", worst < 1e-5)

# %% [markdown]
# **What you should see.** Agreement to the last digits: an error near $10^{-16}$ if the tape computed in 64 bits, as NumPy
# does, and near $10^{-7}$ if it computed in 32 bits.
#
# ## 6 What is never built
#
# The chain rule speaks of products of Jacobians. Let us build them once and multiply them as it says: the row $g$, then
# $W_2$, then the diagonal matrix, then the tensor $\partial z / \partial W_1$ with the entries
# $\partial z_i / \partial (W_1)_{jk} = x_k$ if $i = j$, else 0.

# %%
net_z, _, net_y_hat = forward(net.W1, net.W2, net.x)
tensor = np.einsum("ij,k->ijk", np.eye(m), net.x)
row = error_gradient(net_y_hat, net.y) @ net.W2 @ np.diag(sigma_slope(net_z))
explicit = np.tensordot(row, tensor, axes=1)
yours, _, _ = gradients(net.W1, net.W2, net.x, net.y)
print("same gradient as yours:", np.allclose(explicit, yours))
print(f"entries of the tensor that are not zero: {np.mean(tensor != 0):.0%}")

# %% [markdown]
# The gradient is the same, and most of the tensor is zeros. For the network of lab 04 (120 features, 256 hidden units,
# batches of 128 notes) the sizes are:

# %%
inputs, units, batch = 120, 256, 128
stored = {
    "the tensor ∂z/∂W1": units * units * inputs,
    "the matrix diag(σ')": units * units,
    "the vectors x and ∂E/∂z": inputs + units,
}
for name, entries in stored.items():
    print(f"{name}: {batch * entries * 4 / 1e6:,.1f} MB for a batch, in 32 bits")


# %% [markdown]
# **What you should see.** Gigabytes against a fraction of a megabyte. So the tensor is never built: its product with a
# row is an outer product of two vectors. The diagonal matrix is never built: its product with a vector is an
# elementwise product. And two Jacobians are never multiplied: starting from the end there is always a *vector* on the
# left, and a vector times a matrix is cheap.
#
# ## 7 What a gradient costs
#
# The unit of cost is a *multiply-add*: one multiplication, with or without an addition. A matrix with $r$ rows and $c$
# columns times a vector takes $r c$ of them. So does the outer product of vectors of lengths $r$ and $c$. An elementwise
# product takes one for each entry.
#
# Suppose that the forward pass is done and has left behind $h$, $\sigma'(z)$ and $g = \partial E / \partial \hat y$. What does
# each gradient cost **by itself**, starting from these? And what do all three cost **together**, when nothing is
# computed twice?

# %%
# TODO 9: four counts of multiply-adds, as formulas in n, m and q.
def multiply_adds(n, m, q):
    """Return the counts for ∂E/∂W2, ∂E/∂W1, ∂E/∂x, each by itself, and for all together."""
    return ...  # your code here


# %%
lab.check("cost", multiply_adds=multiply_adds)

# %% [markdown]
# Does the measured time agree? We measure each gradient by itself in networks that double in size, from 64 inputs to
# `largest_layer`, with half as many hidden units and a quarter as many outputs. A batch of 64 samples is computed at
# once, which multiplies every count by 64. All work runs on one core.

# %%
sizes = [(width, width // 2, width // 4) for width in 2 ** np.arange(6, int(np.log2(largest_layer)) + 1)]
seconds = backprop.time_gradients(sizes, batch=64, seed=seed)
columns = zip(*(multiply_adds(*map(int, size))[:3] for size in sizes), strict=True)
counts = {name: 64 * np.array(column) for name, column in zip(seconds, columns, strict=True)}
plots.cost_against_time(counts, seconds, title="Cost of the gradients, counted and measured");


# %% [markdown]
# **What you should see.** For large networks the points lie near one line: twice the multiply-adds take about twice the
# time. Small networks lie above it, because calling a function costs more than a few thousand multiplications. Here,
# with fewer outputs than inputs, the gradients with respect to $W_1$ and $x$ cost most, and as much as each other. For
# the first layer of a network nobody needs $\partial E / \partial x$, and frameworks leave it out.
#
# ## 8 Biases and batches
#
# A real layer has biases and works on a whole *batch* of samples at once. The samples are the rows of a matrix $X$, of
# shape (batch, inputs). Keras stores the weights of a layer in a matrix $W$ of shape (inputs, units), the transpose of
# our $W_1$. The bias $b$ has shape (units,) and is added to every row:
#
# $$Z = X W + b .$$
#
# **On paper 6.** Let $G = \partial E / \partial Z$ be given, of shape (batch, units): row $s$ belongs to sample $s$. One
# sample contributes an outer product to $\partial E / \partial W$. Add them up, and write the sum as *one* product of
# matrices. What happens to $b$, which acts on every row? And what is $\partial E / \partial X$? Check all shapes.
#
# > *Your derivation:*
# >
# > &nbsp;

# %%
# TODO 10: one dense layer back, for a batch.
def dense_backward(X, W, G):
    """Return ∂E/∂W, ∂E/∂b and ∂E/∂X for a layer Z = X W + b with ∂E/∂Z = G."""
    return ...  # your code here


# %%
lab.check("dense", dense_backward=dense_backward)

# %% [markdown]
# <details><summary>On paper 6, worked</summary>
#
# $Z_{su} = \sum_i X_{si} W_{iu} + b_u$. A weight $W_{iu}$ acts on column $u$ of every row $s$, with the factor $X_{si}$:
# $\partial E / \partial W_{iu} = \sum_s X_{si} G_{su}$, so $\partial E / \partial W = X^\top G$. A bias acts on every row with
# the factor 1: $\partial E / \partial b_u = \sum_s G_{su}$. The entry $X_{si}$ acts on row $s$ only:
# $\partial E / \partial X_{si} = \sum_u G_{su} W_{iu}$, so $\partial E / \partial X = G W^\top$.
#
# </details>
#
# | value | shape | gradient | computed as |
# |---|---|---|---|
# | $W$ | (inputs, units) | the same shape | a sum over the batch, which the product contains |
# | $b$ | (units,) | the same shape | a sum over the batch |
# | $X$ | (batch, inputs) | the same shape | row by row, no sum over the batch |
#
# ## 9 Train with it
#
# Now train the network of lab 01, with hidden layers of 5 ReLU units, a linear output and 46 parameters, on the points
# of lab 01. The data:

# %%
rng = np.random.default_rng(seed)
x = rng.uniform(-0.5, 0.5, n_samples)
rule = np.where(x > 0, 2 * x + 1, 0)
y = rule + rng.normal(0, 0.2, n_samples)
X, Y = x[:, None], y[:, None]  # one row for each point

# %% [markdown]
# And the network. Its weights are a list in Keras's order: $W$ and $b$ of the first layer, then of the second, then of
# the third.

# %%
keras.utils.set_random_seed(seed)
inputs = keras.Input((1,))
hidden = keras.layers.Dense(5, activation="relu")(inputs)
hidden = keras.layers.Dense(5, activation="relu")(hidden)
network = keras.Model(inputs, keras.layers.Dense(1)(hidden))
first_weights = network.get_weights()
print([part.shape for part in first_weights])


# %% [markdown]
# ### Forward
#
# `weights[k]` and `weights[k + 1]` with $k = 0, 2, 4, \ldots$ are $W$ and $b$ of a layer. Write the forward pass for any
# number of layers: the ReLU $\max(0, Z)$ in all but the last, which is linear.

# %%
# TODO 11: the forward pass of a ReLU network: a list of X and the outputs of all layers.
def forward_pass(weights, X):
    """Return [X, output of layer 1, output of layer 2, ..., prediction]."""
    return ...  # your code here


# %%
lab.check("forward_pass", forward_pass=forward_pass)


# %% [markdown]
# ### Backward
#
# The loss is the mean squared error of the batch. Start with its gradient with respect to the prediction, go through
# the layers from the last to the first with `dense_backward`, and collect the gradients in the order of `weights`.
# Between two layers lies a ReLU. The targets `y` have the shape of the prediction, (batch, 1).
#
# **On paper 7.** What is the derivative of $\max(0, z)$ for $z > 0$ and for $z < 0$? (At 0 take 0, as TensorFlow does.)
# Can you see from the *output* of a ReLU which case it was?
#
# > *Your answer:*
# >
# > &nbsp;

# %%
# TODO 12: the gradients of the mean squared error, one array for each in `weights`, in this order.
def backward_pass(weights, outputs, y):
    """Return the gradients for a batch, from what forward_pass returned and the targets y."""
    return ...  # your code here


# %%
lab.check("backward_pass", backward_pass=backward_pass)


# %% [markdown]
# <details><summary>On paper 7, worked</summary>
#
# The slope is 1 for $z > 0$ and 0 for $z < 0$. The output is positive exactly where $z > 0$, so the slope is 1 where
# the output is above 0, and 0 elsewhere. So the output of the layer is all that has to be kept.
#
# </details>
#
# ### The loop
#
# *Stochastic gradient descent* (SGD) takes the batches one after another: forward, backward, then every array of the
# weights minus the learning rate times its gradient. Take the points in the order in which they are stored:
# the first `batch_size` points, the next, and so on. The last batch may be smaller.
#
# As the loss of an epoch Keras reports the mean over all points of the squared error, where each point counts with the
# error it had when its batch came, *before* that batch's update.

# %%
# TODO 13: train with your functions; return the weights at the end and the loss of each epoch.
def train(weights, X, y, learning_rate, epochs, batch_size):
    """Return the trained weights, a list of arrays, and the losses, one number for each epoch."""
    return ...  # your code here


# %%
lab.check("train", train=train)

# %% [markdown]
# The training starts from a copy of the network's weights, so that `first_weights` stays as it is:

# %%
start_weights = [part.copy() for part in first_weights]
trained, losses = train(start_weights, X, Y, learning_rate, epochs, batch_size)
print(f"loss of the first epoch {losses[0]:.4f}, of the last {losses[-1]:.4f}")

# %% [markdown]
# ### The same with Keras
#
# `fit` shuffles the points before each epoch, unless it is told `shuffle=False`. Then its batches are those of your
# loop. If the first weights, the batches and the rule of the update are the same, all losses must be the same.

# %%
network.set_weights(first_weights)
# TODO 14: compile `network` with SGD at `learning_rate` and the MSE; fit it on X and Y as your loop did,
# without shuffling; keep its losses as keras_losses. Draw both curves of losses on a logarithmic y axis
# with a legend, as ax_same.
keras_losses = ...  # your code here
ax_same = ...  # your code here

# %%
lab.check(
    "same",
    network=network,
    keras_losses=keras_losses,
    ax_same=ax_same,
    losses=losses,
    first_weights=first_weights,
)

# %%
apart = np.max(np.abs(np.array(losses) / np.array(keras_losses) - 1))
lab.score("largest relative difference between the losses of our loop and of Keras", apart).show()
lab.score("training loss of our loop, last epoch", losses[-1]).show()

# %%
print("the losses of both agree to 0.1 %:", bool(apart < 1e-3))

# %% [markdown]
# **What you should see.** One curve on top of the other. What is left of a difference is rounding: Keras computes in 32
# bits. The network that *you* trained predicts:

# %%
line = np.linspace(-0.5, 0.5, 201)[:, None]
fig, ax = plt.subplots()
ax.scatter(x, y, s=8, alpha=0.3, label="points")
ax.plot(line, forward_pass(first_weights, line)[-1], ":", color="black", label="before training")
ax.plot(line, forward_pass(trained, line)[-1], color="black", label="after training")
ax.set(xlabel="x", ylabel="y", title=f"{epochs} epochs with our own backpropagation")
ax.legend();


# %% [markdown]
# ## 10 Gradients in deep networks
#
# On the way back each layer multiplies by the slope of its activation and by a weight matrix. Over many layers these
# factors multiply. Does enough of the gradient reach the first layer? The *norm* of a gradient, the square root of the
# sum of its squared entries, measures its size.
#
# Here are two networks of 8 hidden layers that differ only in the activation. In Keras a tape follows the variables of
# a model by itself; `model.trainable_variables` lists them, a kernel ($W$) and a bias for each layer in turn.

# %%
def deep_network(activation):
    """Return a network of 8 hidden layers of 64 units."""
    keras.utils.set_random_seed(seed)
    inputs = hidden = keras.Input((64,))
    for _ in range(8):
        hidden = keras.layers.Dense(64, activation=activation, kernel_initializer="he_normal")(hidden)
    return keras.Model(inputs, keras.layers.Dense(1)(hidden))


# %%
# TODO 15: the norm of the gradient of the mean squared error with respect to each layer's kernel.
def gradient_norms(model, X, y):
    """Return one norm for each layer, the first layer first; y has the shape of the prediction."""
    return ...  # your code here


# %%
lab.check("depth", gradient_norms=gradient_norms)

# %%
rng = np.random.default_rng(seed)
X_deep, Y_deep = (rng.normal(size=(256, width)).astype("float32") for width in (64, 1))
fig, ax = plt.subplots()
for activation, style in (("sigmoid", "o-"), ("relu", "s--")):
    norms = np.array(gradient_norms(deep_network(activation), X_deep, Y_deep))
    ax.semilogy(range(1, 10), norms, style, label=activation)
    print(f"{activation}: the norm in layer 1 is {norms[0] / norms[7]:.1g} times that in layer 8")
ax.set(xlabel="layer, from the input to the output", ylabel="norm", title="Gradients by depth")
ax.legend();


# %% [markdown]
# **What you should see.** With the sigmoid the curve falls steeply towards the input. The printed ratio says how little
# of the gradient reaches the first layer: this is the *vanishing gradient*. With the ReLU far more arrives, because its slope is 1 for active units. The factors of the weights matter as well: `he_normal` draws
# them so that they balance the ReLU.
#
# ## 11 A tape of your own (optional, no points)
#
# A tape needs little. Each number remembers from which numbers it was computed, and its derivative with respect to
# each of them. Going back, every number passes its gradient on, multiplied by these derivatives.

# %%
class Value:
    """A number that remembers how it was computed."""

    def __init__(self, number, made_from=()):
        self.number, self.made_from, self.gradient = number, made_from, 0.0

    def __add__(self, other):  # the derivative of a sum is 1 for both parts
        return Value(self.number + other.number, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):  # that of a product is the other part
        return Value(self.number * other.number, [(self, other.number), (other, self.number)])

    def sigmoid(self):
        """Return σ of this number."""
        s = 1 / (1 + np.exp(-self.number))
        return Value(s, [(self, s * (1 - s))])

    def backward(self):
        """Compute the gradient of this number with respect to all from which it was made."""
        order, seen = [], set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for part, _ in value.made_from:
                    visit(part)
                order.append(value)

        visit(self)
        self.gradient = 1.0
        for value in reversed(order):  # a number comes only after all that were made from it
            for part, slope in value.made_from:
                part.gradient += slope * value.gradient


# %% [markdown]
# The network of section 1 once more, number by number, and its gradient with respect to $W_1$:

# %%
def product(W, x):
    """Return the product of a matrix and a vector of Values."""
    return [sum((weight * part for weight, part in zip(row, x, strict=True)), Value(0.0)) for row in W]


own_W1, own_W2 = ([[Value(weight) for weight in row] for row in W] for W in (net.W1, net.W2))
own_h = [unit.sigmoid() for unit in product(own_W1, [Value(part) for part in net.x])]
misses = [out + Value(-target) for out, target in zip(product(own_W2, own_h), net.y, strict=True)]
own_error = sum((miss * miss for miss in misses), Value(0.0))
own_error.backward()

own_dW1 = np.array([[weight.gradient for weight in row] for row in own_W1])
print("the tape agrees with your gradient:", np.allclose(own_dW1, gradients(*net)[0]))


# %% [markdown]
# To try: add a method for the ReLU and one for $e^x$, and check each with `numerical_gradient`.
#
# # Part B · Descent
#
# ## 12 A bowl
#
# Near a minimum a smooth loss looks like a bowl, provided that it curves upwards in every direction there. (Minima of
# networks often have flat directions as well.) With the right axes a bowl in two dimensions is
#
# $$L(w_1, w_2) = \tfrac12 (a\, w_1^2 + b\, w_2^2) .$$
#
# The numbers `a` and `b` are its *curvatures*. The minimum is at 0, so the distance from the minimum is the length of
# $w$. Gradient descent steps against the gradient with a fixed *learning rate* $\eta$:
#
# $$w(t+1) = w(t) - \eta \, \nabla L(w(t)) .$$

# %%
# TODO 16: gradient descent on the bowl; return all points visited, shape (steps + 1, 2).
def descend(a, b, start, eta, steps):
    """Return the points of gradient descent, one row each, the start first."""
    return ...  # your code here


# %%
lab.check("descent", descend=descend)

# %% [markdown]
# Look at one cautious descent. On a *contour* the loss has one value. `np.meshgrid` makes all combinations of two axes,
# and `ax.contour(w1, w2, L)` draws the contours of the values `L` on them; `ax.plot(..., ".-")` draws a path with a dot
# at each step.

# %%
start = np.array([9.0, 3.0])
cautious = 0.2 / np.hypot(a, b)  # a small rate for both curvatures
w1, w2 = np.meshgrid(np.linspace(-10, 10, 201), np.linspace(-4, 4, 161))

# %%
# TODO 17: the contours of L, and on them the path of `steps` updates from `start` at the rate `cautious`,
# with labels on the axes; keep the axes as ax_path.
ax_path = ...  # your code here

# %%
lab.check("path_figure", ax_path=ax_path)


# %% [markdown]
# **What you should see.** The contours are ellipses, and the path crosses them at a right angle, so it does not point to
# the minimum. First the coordinate of the larger curvature becomes small, then the path follows the flat direction, slowly.
#
# ## 13 How large may the rate be?
#
# **On paper 8.** Compute $\nabla L$, put it into the update, and write $w_1(t+1)$ in terms of $w_1(t)$ alone, and
# $w_2(t+1)$ in terms of $w_2(t)$ alone. By which factor does one step multiply each coordinate? What is $w_1(t)$ after $t$
# steps?
#
# > *Your derivation:*
# >
# > &nbsp;

# %%
# TODO 18: the factor by which one step multiplies w1, and the one for w2.
def step_factors(a, b, eta):
    """Return the two factors, with their signs."""
    return ...  # your code here


# %%
lab.check("factors", step_factors=step_factors)

# %%
after = start * np.array(step_factors(a, b, cautious)) ** steps
end = descend(a, b, start, cautious, steps)[-1]
print("the factors predict the end of the descent:", np.allclose(after, end))


# %% [markdown]
# <details><summary>On paper 8, worked</summary>
#
# $\nabla L = (a w_1, b w_2)$. So $w_1(t+1) = w_1(t) - \eta\, a\, w_1(t) = (1 - a\eta)\, w_1(t)$, and in the same way
# $w_2(t+1) = (1 - b\eta)\, w_2(t)$. The two coordinates evolve independently, each multiplied by its own fixed factor.
# After $t$ steps $w_1(t) = (1 - a\eta)^t\, w_1(0)$.
#
# </details>
#
# A coordinate goes to 0 exactly if the *absolute value* of its factor is below 1. The factor itself may be negative: then
# the coordinate changes its sign at every step.

# %%
# TODO 19: the limit of the rate: descent converges for 0 < η < limit, and for no larger η.
def largest_rate(a, b):
    """Return the limit below which every positive rate converges."""
    return ...  # your code here


# %%
lab.check("largest_rate", largest_rate=largest_rate)

# %% [markdown]
# Four rates, as shares of the limit. The second is exactly half of it, the largest rate at which no factor is negative.

# %%
limit = largest_rate(a, b)
shares = {"too small": 0.08, "half of the limit": 0.5, "oscillating": 0.95, "diverging": 1.03}
paths = {
    f"{name}: η = {share * limit:.3g}": descend(a, b, start, share * limit, steps)
    for name, share in shares.items()
}
plots.descent_panels(a, b, paths);

# %% [markdown]
# **What you should see.** A slow path; one that reaches the floor of the valley in a single step and follows it; one that
# jumps from side to side and still comes closer; one that jumps further out each time. Many texts give
# $1/\max(a, b)$ as the largest rate that converges, and so did the original lab. The third panel refutes it. Up to
# $1/\max(a, b)$ descent converges *without oscillation*; up to $2/\max(a, b)$ it converges.

# %%
for share in (0.49, 0.51, 0.99, 1.01):
    path = np.array(descend(a, b, start, share * limit, 2000))
    flips = np.any(path[1:11] * path[:10] < 0)
    closer = np.linalg.norm(path[-1]) < np.linalg.norm(path[0])
    print(f"η = {share:.2f} · limit: changes sign {bool(flips)}, converges {bool(closer)}")


# %% [markdown]
# ## 14 The best rate
#
# The factor with the larger absolute value decides how fast the whole descent is. As $\eta$ grows, the flat direction
# gets faster, and from some point on the steep one slower. The best fixed rate is where both are equally fast.
#
# **On paper 9.** Solve $1 - \min(a,b)\,\eta = -(1 - \max(a,b)\,\eta)$ for $\eta$. By which factor does each step then
# shrink the distance? Write it with the *condition number* $\kappa = \max(a, b) / \min(a, b)$.
#
# > *Your derivation:*
# >
# > &nbsp;

# %%
# TODO 20: the best fixed rate, and the factor by which the distance shrinks per step at that rate.
def best_rate(a, b):
    """Return the best learning rate and its factor per step."""
    return ...  # your code here


# %%
lab.check("best_rate", best_rate=best_rate)

# %%
best, predicted = best_rate(a, b)
plots.rate_curve(a, b);


# %% [markdown]
# <details><summary>On paper 9, worked</summary>
#
# $2 = (\min(a,b) + \max(a,b))\,\eta$, so $\eta = 2 / (a + b)$. Put it into the factor of the flat direction, and divide
# numerator and denominator by $\min(a,b)$:
#
# $$1 - \frac{2 \min(a,b)}{a + b} = \frac{\max(a,b) - \min(a,b)}{\max(a,b) + \min(a,b)} = \frac{\kappa - 1}{\kappa + 1} .$$
#
# </details>
#
# **What you should see.** Two V-shaped lines, and above them the slower of the two. It stays below 1 up to the limit
# of TODO 19. Its lowest point lies *beyond* $1/\max(a, b)$: at the best rate the steep direction oscillates.
#
# Now check the prediction by measuring it. The function gets any path of such a descent.

# %%
# TODO 21: the factor per step, measured on a trajectory of shape (steps + 1, 2).
def measured_rate(trajectory):
    """Return the factor by which the distance from the minimum shrinks in each step."""
    return ...  # your code here


# %%
lab.check("measured_rate", measured_rate=measured_rate)

# %%
measured = measured_rate(np.array(descend(a, b, start, best, steps)))
lab.score("convergence rate, predicted", predicted).show()
lab.score("convergence rate, measured", measured).show()

# %%
print(f"predicted {predicted:.3f}, measured {measured:.3f}")


# %% [markdown]
# ### Try any rate
#
# Pick a rate below: click a button, or go through them with the arrow keys. Where a kernel is running (JupyterLab, Colab,
# VS Code), a slider above the pictures draws the path for *any* rate in between.

# %%
def draw(eta):
    """Draw the path for one rate."""
    factor = descent.contraction(eta, [a, b])
    title = f"η = {eta:.3g}: the slower coordinate keeps {factor:.2f} of itself per step"
    return plots.descent_contours(a, b, {"path": descend(a, b, start, eta, steps)}, title=title)


rates = sorted([best, *(largest_rate(a, b) * np.array([0.05, 0.2, 0.5, 0.75, 0.97, 1.02]))])
display(plots.explore(draw, rates, label="η = {:.3g}", title="Learning rate", first=2))


# %% [markdown]
# **What you should see.** With a growing rate the path first gets faster without changing sides, then it jumps across the
# valley. Close to the limit it is slow again, and above the limit it leaves the picture.
#
# ## 15 Momentum
#
# On the jumping path, moves across the valley cancel and moves along it add up. *Momentum* makes use of that: each move
# repeats a share $\beta$ of the move before, like a heavy ball that keeps rolling:
#
# $$v(t+1) = \beta\, v(t) - \eta\, \nabla L(w(t)), \qquad w(t+1) = w(t) + v(t+1), \qquad v(0) = 0 .$$

# %%
# TODO 22: descent with momentum on the bowl; return the points as in `descend`.
def momentum(a, b, start, eta, beta, steps):
    """Return the points of the heavy ball, one row each, the start first."""
    return ...  # your code here


# %%
lab.check("momentum", momentum=momentum)

# %% [markdown]
# For a quadratic loss the best settings are known (Polyak 1964):
#
# $$\eta = \frac{4}{(\sqrt a + \sqrt b)^2}, \qquad \beta = \left(\frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}\right)^2,
# \qquad \text{factor per step } \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1} .$$
#
# It is the factor of plain descent with $\sqrt\kappa$ in the place of $\kappa$. `descent.best_momentum` returns all three.
# Three runs from the same start, each with its prediction:

# %%
heavy = descent.best_momentum([a, b])
paths = {
    "η = 1/max": descend(a, b, start, 1 / max(a, b), steps),
    "best η": descend(a, b, start, best, steps),
    "best momentum": momentum(a, b, start, heavy.eta, heavy.beta, steps),
}
cautious_factor = float(descent.contraction(1 / max(a, b), [a, b]))
theory = {"η = 1/max": cautious_factor, "best η": predicted, "best momentum": heavy.rate}
distances = {name: np.linalg.norm(path, axis=1) for name, path in paths.items()}
plots.convergence(distances, theory, title="Distance from the minimum");

# %%
at_the_end = measured_rate(np.array(paths["best momentum"]))
lab.score("convergence rate of momentum, predicted", heavy.rate).show()
lab.score("convergence rate of momentum, measured at the end", at_the_end).show()

# %% [markdown]
# **What you should see.** Straight lines on the logarithmic axis: a fixed factor per step. Plain descent lies on its
# prediction, apart from the first step at $\eta = 1/\max$. The ball falls faster, but lies above its prediction and only
# becomes parallel to it: with the best settings its distance falls like $t \cdot \rho^{\,t}$, so the measured factor
# approaches the predicted one from above, slowly.
#
# What this means for the number of steps that shrink the distance a thousandfold:

# %%
for kappa in (10, 100, 10_000, 1_000_000):
    plain = descent.steps_needed(descent.best_rate([1, kappa])[1], 1000)
    heavy_ball = descent.steps_needed(descent.best_momentum([1, kappa]).rate, 1000)
    print(f"κ = {kappa:>9,}: about {plain:>9,.0f} steps plain, {heavy_ball:>5,.0f} with momentum")

# %% [markdown]
# **What you should see.** For large $\kappa$ plain descent needs steps in proportion to $\kappa$, momentum in proportion to
# $\sqrt\kappa$. A smaller condition number helps both.
#
# ### Hear it
#
# With a tiny rate and $\beta$ close to 1 the ball swings through the minimum many times while its swings die away. So does
# a plucked string. Take each step as one sample of a sound, one coordinate after the other. The rate is chosen so that
# the steep direction swings 880 times per second.

# %%
samples, pitch, decay = 16_000, 880, 0.25  # samples per second; Hz for the steep direction; seconds
beta = np.exp(-2 / (decay * samples))
eta = (1 + beta - 2 * np.sqrt(beta) * np.cos(2 * np.pi * pitch / samples)) / max(a, b)
swings = np.array(momentum(a, b, np.ones(2), eta, beta, samples))
for name, sound in (("w1", swings[:, 0]), ("w2", swings[:, 1])):
    display(audio.Player(0.3 * sound, samples, f"{name}, curvature {a if name == 'w1' else b:g}"))

# %% [markdown]
# **What you should hear.** Two tones that die away. The direction with the larger curvature sounds higher, as a stiffer
# spring swings faster: the frequency grows about with the square root of the curvature.
#
# *Where the curvatures of a real loss come from:* for a linear model they depend on the scales of the features.
# Standardising the features changes the condition number, which lab 04 measures.
#
# ## Test yourself
#
# **You check a gradient with $\varepsilon = 10^{-13}$. Formula and central difference differ by 1 %. What do you do first?**
#
# <details><summary>Search for the error in the formula.</summary>Later, perhaps. At this step the difference itself is inaccurate: the figure in section 5 shows how much rounding is in it.</details>
# <details><summary>Repeat the check with a larger ε, such as 1e-5.</summary>Yes. If they still differ by 1 % there, the formula is probably wrong.</details>
# <details><summary>Use the one-sided difference.</summary>It is not more accurate for large ε, and suffers from the same rounding for small ε.</details>
#
# **A loss jumps up and down from step to step, but falls in the long run. What is true of a quadratic loss?**
#
# <details><summary>The rate is too large, because descent must not change sides.</summary>Changing sides is no failure: between 1/max and 2/max descent oscillates and converges, and the best fixed rate is one of these.</details>
# <details><summary>The loss of gradient descent on a quadratic cannot do this below the limit.</summary>Right. Below the limit every coordinate shrinks in absolute value at every step, so the loss falls at every step, even where coordinates change their sign. Jumps up come from elsewhere, such as random batches or momentum.</details>
# <details><summary>The rate is above the limit.</summary>Above the limit at least one coordinate grows without end, and with it the loss.</details>
#
# **The loss is the mean over the batch. You double the batch size. What happens to the gradient's size, on average?**
#
# <details><summary>It doubles, because twice as many samples are added up.</summary>That holds for a loss that is a sum. A mean divides by the batch size.</details>
# <details><summary>It stays about the same, and becomes less noisy.</summary>Yes. The sum over the batch has twice as many terms and is divided by twice the number.</details>
# <details><summary>It halves.</summary>Only if you divided by the batch size twice.</details>
#
# ## Questions
#
# Answer in two or three sentences each.
#
# **Question 1.** Why does no framework build $\operatorname{diag}(\sigma'(z))$ or $\partial z / \partial W_1$? What takes their
# place, and what must be kept from the forward pass for it?

# %% [markdown] tags=["answer-never_built"]
# *Write your answer here.*

# %% [markdown]
# **Question 2.** Which two factors does the gradient pick up in each layer on its way back? Explain with them the two
# curves of section 10. What can you change so that the first layers of a deep network learn?

# %% [markdown] tags=["answer-depth"]
# *Write your answer here.*

# %% [markdown]
# **Question 3.** A text says that gradient descent converges for $\eta < 1/\max(a, b)$. What is right about this
# sentence, what is wrong, and why would following it cost time on this bowl?

# %% [markdown] tags=["answer-one_over_max"]
# *Write your answer here.*

# %% [markdown]
# ## What to take away
#
# | idea | in this lab |
# |---|---|
# | Backpropagation is the chain rule from the end, with a vector always on the left | `gradients`; no Jacobian is built |
# | Check every gradient that you code | central differences with a step near $10^{-5}$, `tf.GradientTape` |
# | Over a batch the gradients of weights and biases are sums | `dense_backward` |
# | Training is forward, backward, update | `train`, with the losses of `model.fit` |
# | Gradients multiply over layers | norms by depth, sigmoid against ReLU |
# | The steep direction limits the rate, the flat one decides the time | $2/\max$, $(\kappa-1)/(\kappa+1)$, with momentum $\sqrt\kappa$ |
#
# **Go further** (nobody checks these). Add momentum to `train` and compare with `keras.optimizers.SGD(momentum=0.9)`.
# Train with rates from 0.001 to 1: is there a limit as for the bowl? Replace the ReLU by `tanh` in all three
# functions. In section 10 try `glorot_uniform` instead of `he_normal`, and 2 or 20 layers.
#
# **References**
#
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams, [Learning representations by back-propagating errors](https://doi.org/10.1038/323533a0), Nature 1986.
# - A. G. Baydin et al., [Automatic differentiation in machine learning: a survey](https://arxiv.org/abs/1502.05767), JMLR 2018.
# - X. Glorot, Y. Bengio, [Understanding the difficulty of training deep feedforward neural networks](https://proceedings.mlr.press/v9/glorot10a.html), 2010.
# - B. T. Polyak, [Some methods of speeding up the convergence of iteration methods](https://doi.org/10.1016/0041-5553(64)90137-5), 1964.
# - G. Goh, [Why momentum really works](https://distill.pub/2017/momentum/), Distill 2017.
# - A. Karpathy, [micrograd](https://github.com/karpathy/micrograd), a tape for numbers, in about a hundred lines.

# %%
lab.finish()
