"""Evidence of a case: what AWS answered, kept as it came but for its secrets, each piece bound to the one before it."""
