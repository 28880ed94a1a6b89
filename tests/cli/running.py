"""Running the real command line, in this process or in one of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sakimori.cli.main import main


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


class Sakimori:
    """Runs commands against one home."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._patch = patch
        self._captured = captured

    def __call__(self, *arguments: str, lang: str = "en") -> Done:
        """Run in this process."""
        given = ["--home", str(self.home), *arguments]
        self._patch.setenv("SAKIMORI_LANG", lang)
        self._patch.setattr(sys, "argv", ["sakimori", *given])
        self._captured.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        out, err = self._captured.readouterr()
        return Done(int(left.value.code or 0), out, err)

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        """Start a process of its own."""
        return start(*arguments, home=self.home, **more)

    def configure(self, text: str) -> None:
        """Write its config.toml."""
        self.home.mkdir(exist_ok=True)
        (self.home / "config.toml").write_text(text, encoding="utf-8")


def start(*arguments: str, home: Path, env: Mapping[str, str] | None = None, **more: Any) -> subprocess.Popen[str]:
    """`sakimori` as a process of its own."""
    command = [sys.executable, "-m", "sakimori", "--home", str(home), *arguments]
    return subprocess.Popen(
        command, env={**os.environ, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    )
