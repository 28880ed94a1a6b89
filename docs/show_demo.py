"""Writes into both READMEs what `sakimori demo` prints, cut to a first screen: python docs/show_demo.py."""

# ruff: noqa: INP001 - a script beside the pages that it writes

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
READMES: Final = {"en": ROOT / "README.md", "ja": ROOT / "README.ja.md"}

_SHOWN: Final = re.compile(r"(?<=^```text\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_FINDINGS: Final = 3


def printed_by_demo(language: str) -> str:
    """What the demo prints on standard output; it takes half a minute."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "sakimori", "demo", "--demo-home", home, "--lang", language]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)  # noqa: S603 - our own program
    return done.stdout


def first_screen(printed: str) -> str:
    """The summary, the score, the first findings, `…` for the others, what could not be read, and the next step."""
    paragraphs = [paragraph.strip("\n") for paragraph in printed.strip().split("\n\n")]
    return "\n\n".join((*paragraphs[: 2 + _FINDINGS], "…", *paragraphs[-2:])) + "\n"


def shown_in(readme: str) -> str:
    """The output that a README shows: its first block of text."""
    found = _SHOWN.search(readme)
    if found is None:
        raise ValueError(readme[:80])
    return found[0]


def main() -> None:
    """Write both."""
    for language, path in READMES.items():
        readme = path.read_text(encoding="utf-8")
        path.write_text(readme.replace(shown_in(readme), first_screen(printed_by_demo(language)), 1), encoding="utf-8")


if __name__ == "__main__":
    main()
