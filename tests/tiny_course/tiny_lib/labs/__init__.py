"""The tiny course."""

from labs_engine.declare.course import Course

COURSE = Course(
    title="A tiny course",
    package="tiny_lib",
    distribution="tiny-course",
    preload=("numpy", "tiny_lib"),
    packages=("numpy",),
    shared_cache=("features",),
)
