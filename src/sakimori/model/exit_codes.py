"""What a process says by its exit code; a machine may rely on these numbers."""

from typing import Final

COMPLETED: Final = 0
"""The run completed (with --fail-on: nothing at or above that level)."""
FAILED: Final = 1
"""sakimori itself, or its way to AWS, failed."""
WRONG_USAGE: Final = 2
"""The command line or a file of the user's is wrong."""
BLIND: Final = 3
"""Something could not be read; with --fail-on, and nothing was found at or above the level."""
FOUND: Final = 4
"""With --fail-on: findings at or above the level."""
INTERRUPTED: Final = 130
"""Ctrl+C: 128 and the number of SIGINT, as shells count."""
