"""Grading: submissions run in a sandbox, answers that come out as data, scores that nothing inside can touch."""
