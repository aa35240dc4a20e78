"""Interneg: plates cleaned and reframed by a model of one production."""
