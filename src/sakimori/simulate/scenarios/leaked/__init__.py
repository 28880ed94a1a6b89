"""A small company, its people's ordinary days, and what looks as if it were an attacker's and is not."""
