"""Measurements: speed and quality, with commit, machine and date in every result."""
