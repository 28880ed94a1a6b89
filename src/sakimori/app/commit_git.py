"""git, asked by a hook, in the repository and of the index that git has named to it.

It is started without `subprocess`, whose import takes longer than git's answer. Sources: posix_spawn(3), githooks(5).
"""

from __future__ import annotations

import os

from sakimori.analysis.secrets.places.git_asking import SAFE, closed_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO, Self

    Opened = tuple[int, int, str, int, int]
    Taken = tuple[int, int, int]


class GitError(Exception):
    """Git did not answer; its own words."""


def answer(*arguments: str) -> bytes | None:
    """What git tells; None where it fails: `why_not` asks once more, and for its words."""
    reading, writing = os.pipe()
    with open(reading, "rb") as told:  # noqa: PTH123 - a pipe
        try:
            process = _started(arguments, ((os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_DUP2, writing, 1)))  # fmt: skip
        finally:
            os.close(writing)
        content = told.read()
    return None if _code(process) else content


def why_not(*arguments: str) -> str:
    """What git says where it fails."""
    import subprocess  # noqa: PLC0415 - only for a failure

    done = subprocess.run(_command(arguments), capture_output=True, check=False, env=closed_environment())  # noqa: S603 - git itself, as it was found before
    return done.stderr.decode("utf-8", "replace").strip()


class Conversation:
    """A running git that is asked and answers in turn; it ends with the block."""

    asked: IO[bytes]
    answers: IO[bytes]

    def __init__(self, *arguments: str) -> None:
        to_git, asked = os.pipe()
        answers, from_git = os.pipe()
        self.asked, self.answers = open(asked, "wb"), open(answers, "rb")  # noqa: PTH123, SIM115 - pipes, closed with the block
        try:
            self._process = _started(arguments, ((os.POSIX_SPAWN_DUP2, to_git, 0), (os.POSIX_SPAWN_DUP2, from_git, 1)))
        finally:
            os.close(to_git)
            os.close(from_git)

    def __enter__(self) -> Self:
        """Git is running."""
        return self

    def __exit__(self, *_fault: object) -> None:
        """Let it end."""
        self.answers.close()
        try:  # noqa: SIM105 - contextlib takes a while to import
            self.asked.close()
        except OSError:
            pass  # it ended before it was asked everything
        _code(self._process)


def _started(arguments: Sequence[str], files: Sequence[Opened | Taken]) -> int:
    return os.posix_spawnp("git", _command(arguments), closed_environment(), file_actions=files)


def _command(arguments: Sequence[str]) -> list[str]:
    return ["git", *SAFE, *arguments]


def _code(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
