"""Interneg in Nuke: a Group per operator, which renders through the daemon and holds its result.

Standard library only, Python 3.9: this runs inside Nuke. Importing it touches no attribute of `nuke`.
"""
