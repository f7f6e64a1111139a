"""Grading: submissions run in a sandbox, answers leave it as data, and scores are computed outside of it."""
