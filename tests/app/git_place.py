"""Real repositories of git in a directory of a test's own, with nobody's settings but the test's."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Repository:
    path: Path

    def git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(["git", *arguments], cwd=self.path, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def stage(self, name: str, text: str | bytes) -> None:
        self.write(name, text)
        self.git("add", "--", name)

    def commit(self, message: str = "a change", *more: str) -> subprocess.CompletedProcess[str]:
        return self.git("commit", "-m", message, *more, check=False)

    def hook(self, name: str) -> Path:
        return self.path / ".git" / "hooks" / name


def repository(path: Path) -> Repository:
    path.mkdir(parents=True, exist_ok=True)
    made = Repository(path)
    made.git("init", "-q", "-b", "main")
    return made


def own_settings(tmp_path: Path, patch: pytest.MonkeyPatch) -> Path:
    """Git's settings for all repositories are the test's."""
    path = tmp_path / "gitconfig"
    path.write_text("[user]\n\tname = Test\n\temail = test@example.com\n[init]\n\tdefaultBranch = main\n")
    patch.setenv("GIT_CONFIG_GLOBAL", str(path))
    patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        patch.delenv(name, raising=False)
    return path
