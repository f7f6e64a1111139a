"""Stand-in for GTZAN: short pieces of music in ten genres, composed and played from a seed."""
