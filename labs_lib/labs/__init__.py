"""The course: what it teaches, and what the engine needs to know of it; a module or folder a lab."""

from labs_engine.declare.course import Course

COURSE = Course(
    title="Neural networks on sound",
    package="labs_lib",
    distribution="labs-lib",
    rule=(
        "Each TODO asks for the steps themselves, with Python, NumPy, Keras, librosa and scikit-learn as you like. A "
        "function of `labs_lib` that does a whole TODO is no answer to it, unless the text before it names that "
        "function."
    ),
    at_open="labs_lib.notebook:set_up",
    before_judging="labs_lib.notebook:accelerate_fit",
    preload=(
        "numpy",
        "scipy.signal",
        "scipy.stats",
        "pandas",
        "matplotlib.pyplot",
        "seaborn",
        "sklearn.calibration",
        "sklearn.datasets",
        "sklearn.discriminant_analysis",
        "sklearn.linear_model",
        "sklearn.metrics",
        "sklearn.model_selection",
        "sklearn.preprocessing",
        "ipywidgets",
        "tensorflow",
        "keras",
        "librosa",
        "librosa.feature",
        "labs_lib.audio",
        "labs_lib.augment",
        "labs_lib.callbacks",
        "labs_lib.datasets",
        "labs_lib.evaluation",
        "labs_lib.features",
        "labs_lib.models",
        "labs_lib.plots",
        "labs_lib.training",
    ),
    packages=("numpy", "scipy", "scikit-learn", "librosa", "tensorflow", "keras"),
    codec="labs_lib.kinds.frozen",
    warm_up="labs_lib.notebook:compile_sound",
    after_probes="labs_lib.notebook:forget_networks",
    shared_cache=("standin", "features"),
    commands=("labs_lib.datasets.command:data",),
    own_files=("song",),
)
