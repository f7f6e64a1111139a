# Lab 01, answered in other ways than the worked solution: a cell for each TODO. All of them have to pass.

# %% noise_free
def noise_free(x, slope, intercept):
    return (slope * x + intercept) * (x >= 0)

# %% draw
generator = np.random.default_rng(seed)
x = generator.random(n_samples) - 0.5
y = noise_free(x, slope, intercept) + noise * generator.standard_normal(size=n_samples)

# %% scatter
import seaborn as sns, pandas as pd
frame = pd.DataFrame({"x": x, "y": y})
ax_points = sns.scatterplot(frame, x="x", y="y")

# %% model
def build_model(hidden):
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(hidden), keras.layers.ReLU(), keras.layers.Dense(hidden), keras.layers.Activation("relu"), keras.layers.Dense(1, activation="linear")])

# %% count
n_parameters = build_model(hidden).count_params()

# %% sgd
import tensorflow as tf
model = build_model(hidden)
model.compile(keras.optimizers.SGD(learning_rate=learning_rate), keras.losses.MeanSquaredError())
history = model.fit(tf.data.Dataset.from_tensor_slices((x[:, None], y)).shuffle(2000).batch(batch_size), epochs=epochs, verbose=0)

# %% learning_curve
plt.figure()
plt.plot(history.history["loss"])
plt.yscale("log")
plt.xlabel("epoch"); plt.ylabel("loss")
ax_loss = plt.gca()

# %% best
best_loss = min(history.history["loss"])
best_epoch = history.history["loss"].index(best_loss) + 1

# %% curve
order = np.argsort(x)
x_sorted = x[order]
y_sorted = np.ravel(model(x_sorted.reshape(-1, 1)))
fig = plt.figure()
plt.plot(x, y, ".", label="data")
plt.plot(x_sorted, y_sorted, "r", label="net")
sns.lineplot(x=x_sorted, y=noise_free(x_sorted, slope, intercept), label="rule")
plt.xlabel("x"); plt.ylabel("y"); plt.legend()
ax_fit = fig

# %% contributions
contributions = np.array([[w * a for w, a in zip(weights.ravel(), row)] for row in inner(x_sorted[:, None]).numpy()])

# %% fresh
def train_fresh(optimizer, epochs, seed):
    keras.utils.set_random_seed(seed)
    net = build_model(hidden)
    net.compile(optimizer, "mean_squared_error")
    return net, net.fit(x.reshape(-1, 1), y.reshape(-1, 1), batch_size, epochs, 0)

# %% floor
noise_floor = np.var(np.array([-noise, noise]))

# %% floor_figure
plt.figure()
for curve in (adam_loss, sgd_loss): plt.semilogy(np.arange(1, len(curve) + 1), curve)
plt.hlines([noise_floor, floor_here], 0, more_epochs)
plt.legend(["Adam", "SGD", "floors"]); plt.xlabel("epoch"); plt.ylabel("loss")
ax_floor = plt.gca()

# %% holdout
shuffled = np.random.default_rng(3).permutation(n_samples)
cut = int(round(holdout * n_samples))
x_val, y_val = x[shuffled[:cut]], y[shuffled[:cut]]
x_train, y_train = x[shuffled[cut:]], y[shuffled[cut:]]

# %% overfit
large = build_model(128)
large.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate=1e-2), metrics=["mae"])
overfit = large.fit(x_train[:few].reshape(-1, 1), y_train[:few].reshape(-1, 1), validation_data=(x_val.reshape(-1, 1), y_val), epochs=more_epochs, batch_size=batch_size, verbose=0)

# %% overfit_figure
fig, axes = plt.subplots()
axes.plot(overfit.history["loss"], label="a"); axes.plot(overfit.history["val_loss"], label="b")
axes.axhline(noise**2); axes.set_yscale("log"); axes.legend(); axes.set_xlabel("epoch"); axes.set_ylabel("mse")
ax_overfit = axes
