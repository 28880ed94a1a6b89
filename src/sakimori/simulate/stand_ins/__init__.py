"""Answers for what moto lacks or gets wrong: from state that calls and scenarios change, never canned."""
