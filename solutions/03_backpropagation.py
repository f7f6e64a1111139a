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
# The gradients of a small network derived, coded and verified, and what decides how fast descent is.
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
n_notes = None  # notes whose features are compared; None: 60 in the quick profile, 200 in the full one
largest_layer = None  # most inputs of the networks whose gradients are timed; None: 1024 in the quick profile, 4096 in the full one

# %% tags=["head"]
import labs_lib

lab = labs_lib.open_lab("03", globals())

# %% [markdown]
# Training a network means asking, for each of its numbers: if I turn this one a little, does the error grow or fall,
# and how fast? *Backpropagation* answers for all numbers at once, at about the price of two more forward passes. In
# this lab you derive it for a small network and code it in NumPy, without a framework.
#
# A gradient only says in which direction to go. How far to go, and how long the way is, is the second half of the lab:
# a quadratic bowl, on which everything about gradient descent can be calculated and then measured.
#
# You will
#
# - code forward pass and gradients, and verify them twice, with differences and with TensorFlow,
# - count what a gradient costs and hold the count against the clock,
# - find the rates at which descent converges, the best one, and what momentum changes,
# - see why features are standardised before a network gets them.

# %%
import numpy as np
from IPython.display import display
from scipy.special import expit as sigmoid  # σ(z) = 1 / (1 + exp(−z)), safe for large |z|

from labs_lib import backprop, descent, plots

# %% [markdown]
# # Part A · Backpropagation
#
# ## 1 The network
#
# Our network has $n$ inputs, $m$ hidden units and $q$ outputs, and no biases:
#
# $$z = W_1 x, \qquad h = \sigma(z), \qquad \hat y = W_2 h, \qquad E = \lVert \hat y - y \rVert^2 .$$
#
# The vectors $x$, $z$, $h$, $\hat y$ are arrays of shapes `(n,)`, `(m,)`, `(m,)`, `(q,)`. The activation
# $\sigma(z) = 1 / (1 + e^{-z})$, the *sigmoid*, acts on each entry; it is imported above as `sigmoid`. The error $E$ is
# the *sum* of the squared differences between output and target.

# %%
net = backprop.random_network(n, m, q, seed)
print("W1", net.W1.shape, " W2", net.W2.shape, " x", net.x.shape, " y", net.y.shape)


# %% [markdown]
# Going back through the network needs what was computed on the way forward. So the forward pass returns all three:
# $z$, $h$ and $\hat y$.

# %%
# TODO 1: the forward pass.
def forward(W1, W2, x):
    """Return z, h and y_hat."""
    ### BEGIN SOLUTION
    z = W1 @ x
    h = sigmoid(z)
    return z, h, W2 @ h
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("forward", forward=forward)


# %% [markdown]
# ## 2 The pieces of the chain
#
# $E$ depends on $W_1$ through a chain: $W_1 \to z \to h \to \hat y \to E$. The chain rule multiplies the derivatives of
# its links, and each link by itself is simple. The first one, from the end: how does $E$ change with the output?

# %%
# TODO 2: the derivative of E by each output, as an array of shape (q,).
def error_gradient(y_hat, y):
    """Return ∂E/∂ŷ."""
    ### BEGIN SOLUTION
    return 2 * (y_hat - y)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("error_gradient", error_gradient=error_gradient)


# %% [markdown]
# The link through the activation: since $\sigma$ acts on each entry by itself, its derivative is one number for each
# entry. Derive $\sigma'$ and express it with $\sigma(z)$ itself; that is what makes the sigmoid convenient.

# %%
# TODO 3: the slope of σ at each entry of z, an array of z's shape.
def sigma_slope(z):
    """Return σ'(z)."""
    ### BEGIN SOLUTION
    h = sigmoid(z)
    return h * (1 - h)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("sigma_slope", sigma_slope=sigma_slope)

# %%
print("steepest slope:", float(sigma_slope(np.array([0.0]))[0]))
print("slope at z = 10 below 0.0001:", bool(sigma_slope(np.array([10.0]))[0] < 1e-4))

# %% [markdown]
# **What you should see.** The slope is never above a quarter and nearly 0 for large $|z|$. Whatever goes back through a
# sigmoid is made at least four times smaller, which is why deep networks prefer other activations.
#
# ## 3 Shapes
#
# A *Jacobian* collects the derivatives of a vector by a vector. In $\partial u / \partial v$ the row $i$ and column $j$ hold
# $\partial u_i / \partial v_j$: one row for each component of $u$, one column for each component of $v$. Derived by a matrix,
# it gets two indices in the place of the column: $\partial z_i / \partial (W_1)_{jk}$ has three indices in all. Only the
# gradient of a *number*, like $E$, is arranged exactly like what it is derived by.
#
# Getting the shapes right is half of the work: they tell which matrix must be transposed.

# %%
# TODO 4: the shape of each derivative, a tuple in n, m and q.
### BEGIN SOLUTION
J_yh = (q, m)  # ∂ŷ/∂h
J_hz = (m, m)  # ∂h/∂z, as a full matrix
J_zx = (m, n)  # ∂z/∂x
J_zW1 = (m, m, n)  # ∂z/∂W1
G_W1 = (m, n)  # ∂E/∂W1
### END SOLUTION

# %% tags=["nbval-check-output"]
lab.check("shapes", J_yh=J_yh, J_hz=J_hz, J_zx=J_zx, J_zW1=J_zW1, G_W1=G_W1)


# %% [markdown]
# Which matrices are these? $\partial \hat y / \partial h = W_2$, $\;\partial h / \partial z = \operatorname{diag}(\sigma'(z))$ and
# $\partial z / \partial x = W_1$.
#
# ## 4 Going back
#
# Write $g = \partial E / \partial \hat y$. The chain rule for component $j$ of $h$ sums over all ways in which $h_j$ acts on
# $E$, that is over the outputs $i$:
#
# $$\frac{\partial E}{\partial h_j} = \sum_i g_i \, \frac{\partial \hat y_i}{\partial h_j} .$$
#
# Then comes the activation, which turns $\partial E / \partial h$ into $\partial E / \partial z$. Both results are arrays of
# shape `(m,)`.

# %%
# TODO 5: from g = ∂E/∂ŷ back to ∂E/∂h and on to ∂E/∂z.
def back_to_hidden(W2, z, g):
    """Return ∂E/∂h and ∂E/∂z."""
    ### BEGIN SOLUTION
    dh = W2.T @ g
    return dh, sigma_slope(z) * dh
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("signal", back_to_hidden=back_to_hidden)


# %% [markdown]
# The rest follows. A weight $(W_2)_{ij}$ acts on $\hat y_i$ alone, with the factor $h_j$; a weight $(W_1)_{jk}$ acts on $z_j$
# alone, with the factor $x_k$. The input acts on all $z_j$, as $h$ did on all outputs. `np.outer(u, v)` makes the matrix
# with the entries $u_i v_j$.

# %%
# TODO 6: all three gradients, from the weights, the input and the target.
def gradients(W1, W2, x, y):
    """Return ∂E/∂W1, ∂E/∂W2 and ∂E/∂x."""
    ### BEGIN SOLUTION
    z, h, y_hat = forward(W1, W2, x)
    g = error_gradient(y_hat, y)
    _, dz = back_to_hidden(W2, z, g)
    return np.outer(dz, x), np.outer(g, h), W1.T @ dz
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("gradients", gradients=gradients)


# %% [markdown]
# ## 5 Is it right?
#
# A gradient that is slightly wrong still trains a network, only badly, and nothing tells you. So whoever codes a gradient
# verifies it. The first way needs no derivation: move one entry of $w$ by a small $\varepsilon$ in both directions and
# look at the *central difference*
#
# $$\frac{\partial f}{\partial w_i} \approx \frac{f(w + \varepsilon e_i) - f(w - \varepsilon e_i)}{2 \varepsilon},$$
#
# where $e_i$ is 1 at entry $i$ and 0 elsewhere.

# %%
# TODO 7: the central difference for each entry of w, an array of w's shape (which may be a vector or a matrix).
def numerical_gradient(f, w, eps):
    """Return the gradient of f at w; f maps an array of w's shape to a number."""
    ### BEGIN SOLUTION
    gradient = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        step = np.zeros_like(w)
        step[index] = eps
        gradient[index] = (f(w + step) - f(w - step)) / (2 * eps)
    return gradient
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("numerical", numerical_gradient=numerical_gradient)


# %% [markdown]
# Now $E$ as a function of $W_1$ alone, everything else held fixed, against your formula.

# %%
def error_of_W1(W1):
    """Return E for other weights W1, everything else as it is."""
    _, _, y_hat = forward(W1, net.W2, net.x)
    return np.sum((y_hat - net.y) ** 2)


dW1, _, _ = gradients(net.W1, net.W2, net.x, net.y)
difference = backprop.relative_error(numerical_gradient(error_of_W1, net.W1, 1e-5), dW1)
print("central difference and formula agree to 1e-6:", difference < 1e-6)

# %% [markdown]
# How small should $\varepsilon$ be? We try many, with the central difference and with a one-sided one,
# $(f(w + \varepsilon e_i) - f(w)) / \varepsilon$.

# %%
eps = np.logspace(-13, 0, 53)
errors = {
    kind: np.array([backprop.relative_error(of(error_of_W1, net.W1, e), dW1) for e in eps])
    for kind, of in {"one-sided": backprop.one_sided_gradient, "central": numerical_gradient}.items()
}
plots.difference_errors(eps, errors, title="Error of a numerical gradient")

# %% [markdown]
# **What you should see.** Two slopes on the right: the one-sided error falls by ten when $\varepsilon$ does, the central one
# by a hundred. On the left both climb again, with noise: two nearly equal numbers are subtracted, and what is left of
# their 16 digits is rounding. The central difference is best around $10^{-5}$, far from the smallest $\varepsilon$.
#
# The second way is what frameworks do. TensorFlow's `GradientTape` writes down each operation of the forward pass and
# then walks the list backwards, with the same links of the chain that you coded. In 64 bits (`float64`), as NumPy
# computes, both should agree to nearly all digits.

# %%
import tensorflow as tf


def tape_gradients(net):
    """Return the three gradients as TensorFlow finds them."""
    W1, W2, x = (tf.Variable(part, dtype=tf.float64) for part in (net.W1, net.W2, net.x))
    with tf.GradientTape() as tape:
        h = tf.sigmoid(tf.linalg.matvec(W1, x))
        error = tf.reduce_sum((tf.linalg.matvec(W2, h) - net.y) ** 2)
    return tape.gradient(error, [W1, W2, x])


# %%
worst = 0.0
for trial in range(20):
    other = backprop.random_network(n, m, q, seed + trial)
    pairs = zip(gradients(*other), tape_gradients(other), strict=True)
    worst = max(worst, *(backprop.relative_error(ours, theirs.numpy()) for ours, theirs in pairs))
lab.score("largest relative error against GradientTape", worst).show()

# %% tags=["nbval-check-output"]
print("all gradients of 20 networks agree to 1e-6:", worst < 1e-6)

# %% [markdown]
# **What you should see.** An error of a few $10^{-16}$, the last digit of a 64-bit number. There is no magic in the tape.
#
# ## 6 What is never built
#
# The chain rule speaks of products of Jacobians. Let us really build them, for once, and multiply them as it says:
# the row $g$, then $W_2$, then the diagonal matrix, then the tensor $\partial z / \partial W_1$, whose entries are
# $\partial z_i / \partial (W_1)_{jk} = x_k$ if $i = j$, else 0.

# %% tags=["nbval-check-output"]
z, h, y_hat = forward(net.W1, net.W2, net.x)
tensor = np.einsum("ij,k->ijk", np.eye(m), net.x)
row = error_gradient(y_hat, net.y) @ net.W2 @ np.diag(sigma_slope(z))
explicit = np.tensordot(row, tensor, axes=1)
yours, _, _ = gradients(net.W1, net.W2, net.x, net.y)
print("same gradient as yours:", np.allclose(explicit, yours))
print(f"entries of the tensor that are not zero: {np.mean(tensor != 0):.0%}")

# %% [markdown]
# The same gradient, and most of the tensor is zeros. Of $m \cdot m \cdot n$ entries only $m \cdot n$ differ from 0, and those
# repeat the $n$ numbers of $x$. For the network of lab 04 (120 features, 256 hidden units, batches of 128 notes) this comes
# to:

# %% tags=["nbval-check-output"]
inputs, units, batch = 120, 256, 128
stored = {
    "the tensor ∂z/∂W1": units * units * inputs,
    "the matrix diag(σ')": units * units,
    "the vectors x and ∂E/∂z": inputs + units,
}
for name, entries in stored.items():
    print(f"{name}: {batch * entries * 4 / 1e6:,.1f} MB for a batch, in 32 bits")


# %% [markdown]
# **What you should see.** Gigabytes against a fraction of a megabyte. So nobody builds the tensor: its product with a row
# is an outer product of two vectors. Nobody builds $\operatorname{diag}(\sigma')$: its product with a vector is an
# elementwise product. And nobody multiplies two Jacobians: going from the end, there is always a *vector* on the left, and
# a vector times a matrix is cheap. That is the whole trick of backpropagation.
#
# ## 7 What a gradient costs
#
# The unit of cost is a *multiply-add*: one multiplication, with or without an addition. A matrix with $r$ rows and $c$
# columns times a vector takes $r c$ of them, the outer product of vectors of lengths $r$ and $c$ as well, an elementwise
# product one for each entry.
#
# Suppose that the forward pass is done and has left behind $h$, $\sigma'(z)$ and $g = \partial E / \partial \hat y$. What does
# each gradient cost **by itself**, starting from these? And what do all three cost **together**, when nothing is
# computed twice?

# %%
# TODO 8: four counts of multiply-adds, as formulas in n, m and q.
def multiply_adds(n, m, q):
    """Return the counts for ∂E/∂W2, ∂E/∂W1, ∂E/∂x, each by itself, and for all three together."""
    ### BEGIN SOLUTION
    back = q * m + m  # W2ᵀ g, then times σ'
    return q * m, back + m * n, back + m * n, q * m + back + 2 * m * n
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("cost", multiply_adds=multiply_adds)

# %% [markdown]
# Does the clock agree? We measure each gradient by itself in networks that double in size, from 64 inputs to
# `largest_layer`, with half as many hidden units and a quarter as many outputs. A batch of 64 samples is worked on at
# once, which multiplies every count by 64. One core does the work, so that the clock counts all of it.

# %%
sizes = [(width, width // 2, width // 4) for width in 2 ** np.arange(6, int(np.log2(largest_layer)) + 1)]
seconds = backprop.time_gradients(sizes, batch=64, seed=seed)
columns = zip(*(multiply_adds(*map(int, size))[:3] for size in sizes), strict=True)
counts = {name: 64 * np.array(column) for name, column in zip(seconds, columns, strict=True)}
plots.cost_against_time(counts, seconds, title="Cost of the gradients, counted and measured")


# %% [markdown]
# **What you should see.** For large networks all three gradients lie near one line: twice the multiply-adds, about twice
# the time. Small networks lie above it, because calling a function costs more than its few thousand multiplications.
# With fewer outputs than inputs, the gradients by $W_1$ and by $x$ cost most; they differ little from each other. For the
# first layer of a network nobody needs $\partial E / \partial x$, and frameworks leave it out.

# %% [markdown]
# # Part B · Descent
#
# ## 8 A bowl
#
# Near a minimum every smooth loss looks like a bowl, and with the right axes like this one:
#
# $$L(w_1, w_2) = \tfrac12 (a\, w_1^2 + b\, w_2^2) .$$
#
# The numbers `a` and `b` are its *curvatures*: how steep it gets along each axis. Its minimum is at 0, so that the
# distance from the minimum is the length of $w$. Gradient descent steps against the gradient with a fixed *learning
# rate* $\eta$:
#
# $$w(t+1) = w(t) - \eta \, \nabla L(w(t)) .$$

# %%
# TODO 9: gradient descent on the bowl; return all points visited, start included, shape (steps + 1, 2).
def descend(a, b, start, eta, steps):
    """Return the points of gradient descent, one row each, the start first."""
    ### BEGIN SOLUTION
    points = [np.array(start, dtype=float)]
    for _ in range(steps):
        w = points[-1]
        points.append(w - eta * np.array([a * w[0], b * w[1]]))
    return np.array(points)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("descent", descend=descend)

# %% [markdown]
# One cautious descent. The lines are *contours*: on each of them the loss has one value.

# %%
start = np.array([9.0, 3.0])
cautious = 0.2 / np.hypot(a, b)  # small for both curvatures
path = descend(a, b, start, cautious, steps)
plots.descent_contours(a, b, {"path": path}, title=f"η = {cautious:.3g}, {steps} steps")


# %% [markdown]
# **What you should see.** The path falls into the valley of the steeper axis first and then creeps along the flatter one.
# The gradient does not point to the minimum: it is at a right angle to the contour, and contours are no circles.
#
# ## 9 How large may the rate be?
#
# The bowl's two coordinates do not know of each other. Put the gradient into the update:
#
# $$w_1(t+1) = (1 - a\eta)\, w_1(t), \qquad w_2(t+1) = (1 - b\eta)\, w_2(t) .$$
#
# Each step multiplies each coordinate by a fixed factor. A coordinate goes to 0 exactly if the *size* of its factor is
# below 1; the factor may well be negative.

# %%
# TODO 10: the limit of the rate: descent converges for 0 < η < limit, and for no larger η.
def largest_rate(a, b):
    """Return the limit below which every positive rate converges."""
    ### BEGIN SOLUTION
    return 2 / max(a, b)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("largest_rate", largest_rate=largest_rate)

# %% [markdown]
# Four rates, as shares of the limit. The second is exactly half of it, the largest rate at which no factor is negative.

# %%
limit = largest_rate(a, b)
shares = {"too small": 0.08, "half of the limit": 0.5, "oscillating": 0.95, "diverging": 1.03}
plots.descent_panels(
    a,
    b,
    {
        f"{name}: η = {share * limit:.3g}": descend(a, b, start, share * limit, steps)
        for name, share in shares.items()
    },
)

# %% [markdown]
# **What you should see.** A creeping path; one that meets the valley's floor in a single step and follows it; one that
# jumps from side to side and still comes closer; one that jumps further out each time. Hand-outs often give
# $1/\max(a, b)$ as the largest rate that converges. The third panel refutes it: that rate is nearly twice as large, and
# the path converges. What ends at $1/\max(a, b)$ is the approach *without oscillation*.

# %% tags=["nbval-check-output"]
for share in (0.49, 0.51, 0.99, 1.01):
    path = descend(a, b, start, share * limit, 2000)
    flips = np.any(path[1:11] * path[:10] < 0)
    closer = np.linalg.norm(path[-1]) < np.linalg.norm(path[0])
    print(f"η = {share:.2f} · limit: changes sign {bool(flips)}, converges {bool(closer)}")


# %% [markdown]
# ## 10 The best rate
#
# The larger factor of the two decides how fast the whole descent is. With rising $\eta$ the flat direction gets faster, and
# from some point on the steep one slower. The best fixed rate is where both are equally fast:
# $1 - \min(a,b)\,\eta = -(1 - \max(a,b)\,\eta)$. Solve for $\eta$, and find the factor by which each step then shrinks the
# distance. Write it with the *condition number* $\kappa = \max(a, b) / \min(a, b)$.

# %%
# TODO 11: the best fixed rate, and the factor by which the distance shrinks a step at that rate.
def best_rate(a, b):
    """Return the best learning rate and its factor a step."""
    ### BEGIN SOLUTION
    kappa = max(a, b) / min(a, b)
    return 2 / (a + b), (kappa - 1) / (kappa + 1)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("best_rate", best_rate=best_rate)

# %%
best, predicted = best_rate(a, b)
plots.rate_curve(a, b)


# %% [markdown]
# **What you should see.** Two V-shaped lines, and above them the slower of the two. It is below 1 up to the limit
# of TODO 10, so descent converges up to there. Its lowest point lies *beyond* $1/\max(a, b)$: the best rate oscillates.
#
# A prediction wants to be measured. Write a function that takes any path and returns by which factor the distance from
# the minimum shrinks **per step**.

# %%
# TODO 12: the factor a step, measured on a trajectory of shape (steps + 1, 2).
def measured_rate(trajectory):
    """Return the factor by which the distance from the minimum shrinks a step."""
    ### BEGIN SOLUTION
    distance = np.linalg.norm(trajectory, axis=1)
    return distance[-1] / distance[-2]
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("measured_rate", measured_rate=measured_rate)

# %%
measured = measured_rate(descend(a, b, start, best, steps))
lab.score("convergence rate, predicted", predicted).show()
lab.score("convergence rate, measured", measured).show()

# %% tags=["nbval-check-output"]
print(f"predicted {predicted:.3f}, measured {measured:.3f}")


# %% [markdown]
# ### Try any rate
#
# Pick a rate below: click a button and go on with the arrow keys. The pictures are part of this page, so they also work
# without a running kernel. Where a kernel is running (JupyterLab, Colab, VS Code), a slider above them draws the path
# for *any* rate in between.

# %%
def draw(eta):
    """Draw the path for one rate."""
    factor = descent.contraction(eta, [a, b])
    title = f"η = {eta:.3g}: a step leaves {factor:.2f} of the slower coordinate"
    return plots.descent_contours(a, b, {"path": descend(a, b, start, eta, steps)}, title=title)


rates = sorted([best, *(largest_rate(a, b) * np.array([0.05, 0.2, 0.5, 0.75, 0.97, 1.02]))])
display(plots.explore(draw, rates, label="η = {:.3g}", title="Learning rate", first=2))


# %% [markdown]
# **What you should see.** With rising rate the path first gets faster without turning, then jumps across the valley, at
# first to its advantage; just below the limit it is as slow as with a tiny rate, and above the limit it leaves the
# picture.
#
# ## 11 Momentum
#
# On the jumping path, moves across the valley cancel and moves along it add up. *Momentum* makes use of that: each move
# repeats a share $\beta$ of the move before. A heavy ball rolls like this:
#
# $$v(t+1) = \beta\, v(t) - \eta\, \nabla L(w(t)), \qquad w(t+1) = w(t) + v(t+1), \qquad v(0) = 0 .$$

# %%
# TODO 13: descent with momentum on the bowl; return the points as in `descend`.
def momentum(a, b, start, eta, beta, steps):
    """Return the points of the heavy ball, one row each, the start first."""
    ### BEGIN SOLUTION
    points, move = [np.array(start, dtype=float)], np.zeros(2)
    for _ in range(steps):
        w = points[-1]
        move = beta * move - eta * np.array([a * w[0], b * w[1]])
        points.append(w + move)
    return np.array(points)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("momentum", momentum=momentum)

# %% [markdown]
# For a quadratic the best settings are known (Polyak 1964):
#
# $$\eta = \frac{4}{(\sqrt a + \sqrt b)^2}, \qquad \beta = \left(\frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}\right)^2,
# \qquad \text{factor a step } \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1} .$$
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
theory = {
    "η = 1/max": float(descent.contraction(1 / max(a, b), [a, b])),
    "best η": predicted,
    "best momentum": heavy.rate,
}
distances = {name: descent.distances(path) for name, path in paths.items()}
plots.convergence(distances, theory, title="Distance from the minimum")

# %%
at_the_end = measured_rate(paths["best momentum"])
lab.score("convergence rate of momentum, predicted", heavy.rate).show()
lab.score("convergence rate of momentum, measured at the end", at_the_end).show()

# %% [markdown]
# **What you should see.** Straight lines on the logarithmic axis: a fixed factor a step. Plain descent lies on its
# prediction, apart from the first step at $\eta = 1/\max$. The ball falls much faster, but runs above its prediction and
# only becomes parallel to it: with the best settings its distance falls like $t \cdot \rho^{\,t}$, and the measured factor
# approaches the predicted one from above, slowly.
#
# What this means for the number of steps that shrink the distance a thousandfold:

# %% tags=["nbval-check-output"]
for kappa in (10, 100, 10_000, 1_000_000):
    plain = descent.steps_needed(descent.best_rate([1, kappa])[1], 1000)
    heavy_ball = descent.steps_needed(descent.best_momentum([1, kappa]).rate, 1000)
    print(f"κ = {kappa:>9,}: about {plain:>9,.0f} steps plain, {heavy_ball:>5,.0f} with momentum")

# %% [markdown]
# **What you should see.** Plain descent needs steps in proportion to $\kappa$, momentum in proportion to $\sqrt\kappa$. Both
# suffer from a large condition number. The better remedy is a bowl that is round to begin with.

# %% [markdown]
# # Part C · Why features are standardised
#
# ## 12 Notes and their features
#
# The curvatures of a real loss come from the data. For a linear model with squared error they are the eigenvalues of the
# *covariance* of the features. So the condition number of that covariance decides how long descent takes, and it depends
# on the units in which features happen to be given.
#
# Lab 04 classifies recorded instruments. Here we work on synthetic notes that stand in for those recordings: sums of
# harmonics with random pitch, brightness, loudness and decay.

# %%
from labs_lib import audio
from labs_lib.datasets.notes import harmonic_notes, note_features

notes = lab.use(harmonic_notes(n_notes, seed))
note = notes.signals[0]
audio.Player(
    0.3 * note / np.max(np.abs(note)), notes.rate, f"Synthetic note 1, MIDI pitch {notes.pitch[0]:.1f}"
)

# %% [markdown]
# Each note becomes a row of features: mean and standard deviation over time of 13 *MFCC* (numbers that describe the shape
# of the spectrum; labs 04 and 06 explain them), the spectral *centroid* and *bandwidth* in Hz, and the RMS level.

# %%
X, feature_names = note_features(notes.signals, notes.rate)
deviations = X.std(axis=0)
for index in (0, 12, 25, 26, 28):
    print(f"{feature_names[index]:>20}: mean {X[:, index].mean():8.2f}, deviation {deviations[index]:8.3f}")


# %% [markdown]
# **What you should see.** Hundreds of Hz beside levels of a few hundredths. Nothing says that a Hz matters less than a unit of
# level; the numbers are just what the units make them.
#
# *Standardising* gives each feature the mean 0 and the standard deviation 1.

# %%
# TODO 14: standardise each feature of a table with one row a note and one column a feature.
def standardise(x):
    """Return the table with mean 0 and standard deviation 1 in each column."""
    ### BEGIN SOLUTION
    return (x - x.mean(axis=0)) / x.std(axis=0)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("standardise", standardise=standardise)


# %% [markdown]
# (Here all notes are one table. Where data are split, mean and deviation come from the *training* set alone; lab 04 is
# strict about it.)
#
# Next, the condition number: the largest eigenvalue of the features' covariance matrix divided by the smallest.

# %%
# TODO 15: the condition number of the covariance of the features of a table.
def condition_number(x):
    """Return the condition number of the covariance matrix of the columns."""
    ### BEGIN SOLUTION
    return np.linalg.cond(np.cov(x, rowvar=False))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
lab.check("condition", condition_number=condition_number)


# %% [markdown]
# We report three digits. With numbers as far apart as these, rounding inside the calculation spoils the later ones.

# %%
def three_digits(number):
    """Return a number rounded to three significant digits."""
    return float(f"{number:.3g}")


for name, table in {"raw": X, "standardised": standardise(X)}.items():
    kappa = three_digits(condition_number(table))
    lab.score(f"condition number, {name} features", kappa, digits=0).show()

# %%
tables = {"raw": X - X.mean(axis=0), "standardised": standardise(X)}
eigenvalues = {name: np.linalg.eigvalsh(np.cov(table, rowvar=False)) for name, table in tables.items()}
plots.spectra(eigenvalues, title=f"Covariance of {X.shape[1]} features of {len(X)} notes")

# %% [markdown]
# **What you should see.** The raw eigenvalues span about ten powers of ten: the largest belong to the features in Hz. The
# standardised ones span less than three. They are not equal, because features are still correlated (a bright note has a
# high centroid *and* a large bandwidth): standardising makes scales equal, not features independent.
#
# ## 13 What it is worth
#
# Predict the pitch of a note from its features, by linear least squares: minimise $\tfrac12$ of the mean of
# $(x \cdot w - y)^2$, from $w = 0$. (Features and pitch are centred, so no intercept is needed.) The bowl's curvatures are
# now the eigenvalues of the covariance, and each table gets the best fixed rate for its own. A thousand steps of each,
# and the loss above its minimum as a share of what it was at the start:

# %%
pitch = notes.pitch - notes.pitch.mean()
etas = {name: descent.best_rate(descent.curvatures(table))[0] for name, table in tables.items()}
ran = {name: descent.least_squares_run(table, pitch, etas[name], 1000) for name, table in tables.items()}
for name, share in ran.items():
    print(
        f"{name:>12}: η = {etas[name]:.2e}, after 1000 steps {share[-1]:.1%} of the excess loss is left"
    )

# %% [markdown]
# How many steps does the first table need? More than we can run, but not more than we can calculate: in the eigenvectors
# of the covariance every step multiplies each coordinate by a known factor, as in the bowl, so the state after $10^{10}$
# steps is one power away. Where both are at hand, the calculation must agree with the run.

# %%
for name, table in tables.items():
    calculated = descent.least_squares_progress(table, pitch, etas[name], np.arange(1001))
    print(f"{name}: calculated and run agree:", np.allclose(calculated, ran[name], rtol=1e-3, atol=1e-6))

# %%
looks = np.unique(np.round(np.logspace(0, 12, 150)))
shares = {
    name: descent.least_squares_progress(table, pitch, etas[name], looks)
    for name, table in tables.items()
}
plots.excess_loss(looks, shares, title="The same descent on raw and on standardised features")

# %%
for name, table in tables.items():
    needed = three_digits(descent.first_step_below(table, pitch, etas[name], 0.01))
    lab.score(f"steps to 1 % of the excess loss, {name} features", needed, digits=0).show()

# %% [markdown]
# **What you should see.** Hundreds of steps on standardised features, about ten thousand million on raw ones. The raw
# curve is even ahead at first: what the features in Hz can tell is learned quickly. Then it stands still for millions of
# steps, because a rate that the steep directions can bear does next to nothing along the flat ones, such as the level.
#
# The best rate for the worst case is not the quickest way to a loss that is merely good. With the cautious
# $\eta = 1/\max$ nothing oscillates, and both get to the same 1 % sooner:

# %%
for name, table in tables.items():
    needed = descent.first_step_below(table, pitch, 1 / descent.curvatures(table).max(), 0.01)
    print(f"{name:>12}, η = 1/max: {three_digits(needed):,.0f} steps")

# %% [markdown]
# **What you should see.** Tens of steps against some hundred thousand or more: the gap is still there.

# %% [markdown]
# ## Questions
#
# Answer in two or three sentences each.
#
# **Question 1.** Why does no framework build $\operatorname{diag}(\sigma'(z))$ or $\partial z / \partial W_1$? What takes their
# place, and what must be kept from the forward pass for it?

# %% [markdown] tags=["answer-never_built"]
# Almost all of their entries are zero or repeated: $m^2$ entries for $m$ numbers, $m^2 n$ for $n$ numbers. Only their
# product with the vector that comes from behind is needed, and that is an elementwise product and an outer product. For
# these $x$, $h$ and $z$ (or $\sigma'$) are kept. *Full marks: the zeros or the size, both replacements, and what is kept. Two
# points: one of the three is missing. One point: "they are too large" alone.*

# %% [markdown]
# **Question 2.** A hand-out says that gradient descent converges for $\eta < 1/\max(a, b)$. What is right about this
# sentence, what is wrong, and why would following it cost time on this bowl?

# %% [markdown] tags=["answer-one_over_max"]
# The condition is sufficient, and up to it no coordinate changes sign; but it is not necessary: descent converges up to
# $2/\max(a, b)$, oscillating along the steep axis. The best rate $2/(a + b)$ lies in the forbidden part, and shrinks the
# distance by $(\kappa-1)/(\kappa+1)$ a step instead of $1 - 1/\kappa$: for large $\kappa$ half as many steps. *Full marks:
# sufficient but not necessary (or the true limit), the oscillation, and the better rate beyond. One point each.*

# %% [markdown]
# **Question 3.** The condition number of the standardised features is far from 1. What remains, and what would remove
# it? Does standardising also change which function a linear model can learn?

# %% [markdown] tags=["answer-what_remains"]
# The correlations between features remain: standardising divides each axis by its own scale but does not turn the axes.
# Decorrelating would remove them (whitening with the eigenvectors, PCA), or leaving out redundant features. With an
# intercept the linear model can learn the same functions before and after; only the way there is shorter. *Full marks:
# correlation, a remedy, and the same functions. One point each.*

# %% [markdown]
# ## What to take away
#
# - Backpropagation is the chain rule from the end, with a vector always on the left: no Jacobian is ever built, and all
#   gradients together cost about two forward passes.
# - Verify a gradient that you coded: central differences with $\varepsilon$ near $10^{-5}$, in 64 bits.
# - The steepest direction limits the rate, the flattest one sets the pace. The best fixed rate lies where descent already
#   oscillates, and the number of steps grows with $\kappa$; with momentum, with $\sqrt\kappa$.
# - Standardising takes the units out of the condition number. It does not take out correlation.

# %%
lab.finish()
