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
# # Lab 01 · A ramp
#
# A bent line, the numbers in a table, and what noise leaves.
#
# *No Colab badge: this copy of the course does not name its public repository.*

# %% tags=["head"]
# Installs the course's helper package, and what it needs, where they are missing (on Colab, for example).
# What is there already is never replaced.
import importlib.util
import subprocess
import sys
from pathlib import Path

if importlib.util.find_spec("tiny_lib") is None:
    wheels = sorted(str(wheel) for folder in (".", "..") for wheel in Path(folder).glob("tiny_course-*.whl"))
    source = wheels[-1] if wheels else ""
    if not source:
        raise ModuleNotFoundError("tiny_lib is not installed: see the course's README, 'Start here'.")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "packaging"]
    if subprocess.run([*pip, source]).returncode:
        raise RuntimeError(f"{source} could not be installed: is there a network? pip says more above.")
    importlib.invalidate_caches()
    importlib.import_module("labs_engine.base.bootstrap").install_missing("tiny-course")

# %% tags=["parameters"]
seed = 0  # seed of every random draw
profile = "quick"  # how much to compute: 'quick' or 'full'
source = "auto"  # which recordings to use (this lab draws its own data): 'auto' or 'standin' or 'real'
data_home = None  # folder that holds recordings (none are needed here)
n_samples = None  # number of points; None: 50 in the quick profile, 500 in the full one
slope = 2.0  # slope where x is above 0
intercept = 1.0  # height of the step at 0
noise = 0.2  # standard deviation of the noise
hidden = 5  # width of the table
holdout = 0.3  # share of the points held out
rates = [0.1, 0.2]  # some numbers

# %% tags=["head"]
import tiny_lib

lab = tiny_lib.open_lab("01", globals())

# %% [markdown]
# The **ramp** is 0 up to x = 0 and a straight line from there on.

# %%
import numpy as np

from tiny_lib import points

x, y = points(n_samples, slope, intercept, noise, seed)


# %%
# TODO 1: write the ramp down, for a whole array x at once.
def noise_free(x, slope, intercept):
    """Return the target without noise for each input in x."""
    return ...  # your code here


# %%
lab.check("noise_free", noise_free=noise_free)

# %% [markdown]
# A table has a square of `hidden` rows and columns, four rows more, and one number.

# %%
# TODO 2: how many numbers are in the table, computed from `hidden`.
n_parameters = ...  # your code here

# %%
lab.check("count", n_parameters=n_parameters)

# %%
# TODO 3: the mean square of the noise, computed from `noise`.
noise_floor = ...  # your code here

# %%
lab.check("floor", noise_floor=noise_floor)

# %%
error = np.mean((noise_free(x, slope, intercept) - y) ** 2)
lab.score("error of the ramp", error).show()

# %%
# TODO 4: hold out the last points, the share `holdout` of them.
x_train = ...  # your code here
x_val = ...  # your code here
y_train = ...  # your code here
y_val = ...  # your code here

# %%
lab.check("holdout", x_train=x_train, y_train=y_train, x_val=x_val, y_val=y_val)

# %% [markdown]
# **Question 1.** Why is the error not zero?

# %% [markdown] tags=["answer-why"]
# *Write your answer here.*

# %%
lab.finish()
