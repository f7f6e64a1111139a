"""Kinds of answers that are networks, and what describes and compares them."""
