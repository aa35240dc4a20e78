"""Plates in and out: EXR, stills and movies, their colour and their frames."""
