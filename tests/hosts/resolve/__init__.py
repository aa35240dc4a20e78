"""A stand-in for DaVinci Resolve that obeys the real one's rules, as far as they are known."""
