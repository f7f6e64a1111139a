"""Exercises: what a lab asks, what must hold, and the mistakes that its checks recognise."""
