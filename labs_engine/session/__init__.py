"""A lab at work in a notebook."""
