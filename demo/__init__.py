"""The demo: a small production of our own making, and what Interneg makes of it."""
