"""Parameterised runs of the labs: one, all, or a grid, with their results in tables and pages."""
