"""A show's report: one page of what was learnt from, how good it was found, and what the dailies say."""
