"""The attacks, each with the truth about it."""
