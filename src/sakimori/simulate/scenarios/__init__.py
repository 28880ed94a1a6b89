"""Seeded accounts: what stands in them, and the truth about it."""
