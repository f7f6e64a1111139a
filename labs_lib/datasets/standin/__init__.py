"""Stand-in recordings: sounds synthesised from a seed, in the layouts of the real sets."""
