"""Networks, one a file, and their weights."""
