"""The engine of a course of notebooks: declares, opens, builds, runs, grades and publishes its labs.

It knows nothing of what the course teaches, and finds it through one object, `labs_engine.declare.course.Course`.
"""
