"""The rendered stage that the base model is taught on: sets, people, lamps, cameras, faults, and the truth of them."""
