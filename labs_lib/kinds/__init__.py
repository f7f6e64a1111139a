"""Kinds of answers that are networks, classifiers or tables, and what describes and compares them."""
