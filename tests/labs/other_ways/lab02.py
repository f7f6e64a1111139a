# Lab 02, answered in other ways than the worked solution: a cell for each TODO. All of them have to pass.

# %% draw
import tensorflow as tf
rng = np.random.default_rng(seed)
cloud_0 = rng.multivariate_normal([-center,-center], variance_0*np.eye(2), n_per_class)
cloud_1 = tf.constant(center + variance_1**.5*rng.standard_normal((n_per_class,2)))

# %% stack
X = pd.DataFrame(np.vstack([cloud_0, cloud_1.numpy()]), columns=["a","b"])
y = pd.Series([0]*n_per_class+[1]*n_per_class)

# %% scatter
fig, ax_clouds = plt.subplots()
for k,m in ((0,"o"),(1,"s")):
    ax_clouds.scatter(X.a[y==k], X.b[y==k], marker=m, label=f"class {k}")
ax_clouds.set_xlabel("x1"); ax_clouds.set_ylabel("x2"); ax_clouds.legend()

# %% split
from sklearn.model_selection import StratifiedShuffleSplit
(tr,va), = StratifiedShuffleSplit(1,test_size=holdout,random_state=seed+5).split(X,y)
X_train,X_val,y_train,y_val = X.iloc[tr],X.iloc[va],y.iloc[tr],y.iloc[va]

# %% model
def build_model(hidden):
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(hidden), keras.layers.ReLU(), keras.layers.Dense(hidden, "relu"), keras.layers.Dense(1), keras.layers.Activation("sigmoid")])

# %% count
n_parameters = sum(weight.size for weight in build_model(hidden).get_weights())

# %% train
def train(seed, epochs):
    keras.utils.set_random_seed(seed)
    m = build_model(hidden)
    m.compile(keras.optimizers.Adam(learning_rate=learning_rate), keras.losses.BinaryCrossentropy(), metrics=[keras.metrics.BinaryAccuracy(name="accuracy")])
    h = m.fit(X_train, y_train.astype("float32"), batch_size, epochs, validation_data=(X_val, y_val.astype("float32")), verbose=0)
    return [m, h]

# %% loss_figure
ax_loss = pd.DataFrame({k: history.history[k] for k in ("loss","val_loss")}).plot(xlabel="epoch", ylabel="loss", logy=True)

# %% classes
import tensorflow as tf
def to_classes(probabilities):
    return tf.squeeze(tf.round(probabilities), axis=1)

# %% confusion
from sklearn.metrics import *
matrix = pd.crosstab(y_val, predicted)
precision, recall, *_ = precision_recall_fscore_support(y_val, predicted, average="binary")
ax_matrix = sns.heatmap(matrix, annot=True)
ax_matrix.set(xlabel="p", ylabel="t")

# %% roc
from sklearn.metrics import roc_curve
from sklearn.metrics import auc as area
f,t,_ = roc_curve(y_val, p_val)
auc = area(f,t)
fig, ax_roc = plt.subplots(); ax_roc.step(f,t); ax_roc.set(xlabel="FPR",ylabel="TPR")

# %% rule
from scipy.stats import multivariate_normal as mvn
def log_ratio(points, mean_0, mean_1, variance_0, variance_1):
    return mvn(mean_1, variance_1).logpdf(points) - mvn(mean_0, variance_0).logpdf(points)

# %% bayes
bayes_accuracy = np.maximum(density_0, density_1).sum() * cell_area * .5

# %% accuracy_figure
bayes_here = np.mean(bayes_rule(X_val) == y_val)
ax_accuracy = pd.DataFrame(history.history)[["accuracy","val_accuracy"]].plot()
ax_accuracy.set(xlabel="epoch", ylabel="acc")
ax_accuracy.hlines([bayes_accuracy, bayes_here], 0, epochs)

# %% plot_boundary
def plot_boundary(ax, predict, limit):
    t = np.arange(-limit, limit+limit/50, limit/50)
    xx, yy = np.meshgrid(t, t)
    z = predict(np.c_[xx.ravel(), yy.ravel()])
    ax.contour(xx, yy, z.reshape(xx.shape), levels=[0.5], colors="k")
    ax.set_xlabel("x"); ax.set_ylabel("y")

# %% baselines
from sklearn.pipeline import make_pipeline
qda = QuadraticDiscriminantAnalysis(store_covariance=True).fit(pd.DataFrame(X_train).to_numpy(), y_train.astype(float))
logistic = make_pipeline(LogisticRegression(max_iter=500)).fit(X_train, y_train)

# %% table
table = pd.DataFrame(columns=["validation","training","expected"], dtype=float)
for name, p in rules.items():
    table.loc[name] = [np.mean(p(X_val)==y_val), np.mean(p(X_train)==y_train), cell_area*np.sum(np.where(p(points), density_1, density_0))/2]

# %% calibration
from sklearn.calibration import CalibrationDisplay
d = CalibrationDisplay.from_predictions(y_val, p_val, n_bins=10, name="net")
ax_calibration = CalibrationDisplay.from_predictions(y_val, exact, n_bins=10, name="exact", ax=d.ax_)

# %% moons
moon_qda = QuadraticDiscriminantAnalysis().fit(moons_train, labels_train)
moon_network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(16,"relu"), keras.layers.Dense(16,"relu"), keras.layers.Dense(1,"sigmoid")])
moon_network.compile(keras.optimizers.Adam(learning_rate), "bce")
moon_history = moon_network.fit(moons_train, labels_train.reshape(-1,1), epochs=100, batch_size=batch_size, verbose=0)
