"""Productions on disk: their takes, their models, and the record that each finished frame carries."""
