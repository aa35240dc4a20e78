"""Learning the show from its dailies."""
