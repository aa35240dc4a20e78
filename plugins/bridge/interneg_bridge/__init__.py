"""What every host talks to Interneg through."""
