"""The sets, one file for each family; every builder makes another set of its kind from each seed."""
