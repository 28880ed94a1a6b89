"""git, asked about a repository: which one is said by us, and never by the environment."""

import contextlib
import fcntl
import os
import stat
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

from sakimori.analysis.secrets.found import Unread
from sakimori.analysis.secrets.places.git_asking import SAFE, closed_environment

_LEFT_OUT: Final = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_INDEX_FILE",
)  # fmt: skip
"""What would send git elsewhere."""
_LONGEST: Final = 20
_ROOM: Final = 1 << 20
"""Bytes that git may write ahead of who reads: a sixteenth of it, a system's own, has both wait for each other."""
ANSWER_SECONDS: Final = 60.0
"""For what git answers at once, on a machine that is busy too."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository by its git directory. `index` is another index than its own, as a hook has it."""

    git_dir: str
    index: str = ""

    def command(self, arguments: Sequence[str]) -> list[str]:
        """The whole command line."""
        return ["git", *SAFE, f"--git-dir={self.git_dir}", *arguments]

    def environment(self) -> dict[str, str]:
        """Ours, without what would send git elsewhere."""
        kept = {name: value for name, value in closed_environment().items() if name not in _LEFT_OUT}
        return kept | ({"GIT_INDEX_FILE": self.index} if self.index else {})

    def lines(self, arguments: Sequence[str], unread: list[Unread], given: bytes = b"") -> list[bytes]:
        """The lines of an answer; what git complains of is told."""
        done = subprocess.run(  # noqa: S603 - the arguments are ours
            self.command(arguments), input=given, capture_output=True, env=self.environment(), check=False
        )
        self.complain(done.stderr, done.returncode, unread)
        return done.stdout.split(b"\n")

    def answers(self, unread: list[Unread]) -> bool:
        """Whether git answers at all; told where it does not: a pipe in place of a file would be waited for for ever."""
        if odd := _without_end(self.git_dir):
            unread.append(Unread(name=odd, reason="unreadable", detail="ENOTREG"))
            return False
        command = self.command(["rev-parse", "--is-bare-repository"])
        try:
            subprocess.run(command, capture_output=True, env=self.environment(), check=False, timeout=ANSWER_SECONDS)  # noqa: S603
        except subprocess.TimeoutExpired:
            unread.append(Unread(name=self.git_dir, reason="git", detail=f"no answer in {ANSWER_SECONDS:g} seconds"))
            return False
        return True

    def text(self, arguments: Sequence[str]) -> str:
        """One short answer; "" where git has none."""
        done = subprocess.run(self.command(arguments), capture_output=True, env=self.environment(), check=False)  # noqa: S603
        return done.stdout.decode("utf-8", "surrogateescape").strip() if done.returncode == 0 else ""

    @contextmanager
    def stream(self, arguments: Sequence[str], stdin: IO[bytes]) -> Generator["subprocess.Popen[bytes]"]:
        """A running git that is read from; it ends with the block. Nobody reads its complaints, so no pipe fills with them."""
        with subprocess.Popen(  # noqa: S603 - the arguments are ours
            self.command(arguments), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.environment(),
            bufsize=_ROOM,
        ) as running:  # fmt: skip
            with contextlib.suppress(AttributeError, OSError):  # Linux alone, and not beyond what the system lends
                fcntl.fcntl(running.stdout or -1, fcntl.F_SETPIPE_SZ, _ROOM)
            try:
                yield running
            finally:
                running.kill()

    def complain(self, stderr: bytes, code: int, unread: list[Unread]) -> None:
        """Tell what git could not read: each complaint once, and a failure without words too."""
        told = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.startswith(("error:", "fatal:"))]  # fmt: skip
        lines = dict.fromkeys(told[:_LONGEST])
        unread.extend(Unread(name=self.git_dir, reason="git", detail=line[:200]) for line in lines)
        if code > 0 and not told:
            unread.append(Unread(name=self.git_dir, reason="git", detail=f"exit code {code}"))


def _without_end(folder: str) -> str:
    """A pipe or a device under a git directory, also behind a link; "" where there is none. A socket nobody opens as a file."""
    waiting = [folder]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif not entry.is_file(follow_symlinks=False) and _is_endless(entry.path):
                    return entry.path
    return ""


def _is_endless(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode)


def repository_at(path: str) -> Repository | None:
    """The repository that a folder belongs to; None if it belongs to none, or there is no git."""
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are ours
            ["git", *SAFE, "-C", path, "rev-parse", "--absolute-git-dir"],  # noqa: S607 - the git of the person
            capture_output=True, check=False, env=Repository("").environment(), timeout=ANSWER_SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = done.stdout.decode("utf-8", "surrogateescape").strip()
    return Repository(found, os.environ.get("GIT_INDEX_FILE", "")) if done.returncode == 0 and found else None
