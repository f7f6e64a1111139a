"""Data sets of the course: synthetic points and real or stand-in recordings."""
