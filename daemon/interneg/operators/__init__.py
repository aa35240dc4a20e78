"""What Interneg does to plates: arrays in, arrays out, no paths, settings or devices."""
