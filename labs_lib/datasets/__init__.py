"""Data sets of the course: real or stand-in recordings."""
