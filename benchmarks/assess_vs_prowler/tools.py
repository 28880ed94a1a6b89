"""The two tools: how each is called for the same question, and how its answer is counted."""

import json
import os
import subprocess
import sys
import venv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import yaml

HERE: Final = Path(__file__).parent
FRAMEWORK: Final = HERE.parents[1] / "src" / "sakimori" / "rulebook" / "frameworks" / "prowler-5.yaml"
_SAKIMORI: Final = (sys.executable, "-c", "from sakimori.cli.main import main; main()")
_FROM_PROWLER: Final = {"PASS": "pass", "FAIL": "fail", "MANUAL": "unknown"}

Verdicts = Mapping[str, Mapping[str, int]]
"""By rule of sakimori: how many pass, fail and unknown."""

Commands = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One rule of sakimori and the checks of Prowler that ask the same."""

    rule: str
    checks: tuple[str, ...]


class Tool(Protocol):
    """A tool under measurement."""

    @property
    def name(self) -> str:
        """Return the word that stands for it in tables."""
        ...

    def commands(self, pairs: Sequence[Pair], regions: Sequence[str], reports: Path) -> Commands:
        """Return what, run in order, judges the pairs and writes HTML and JSON under `reports`."""
        ...

    def environment(self, home: Path) -> Mapping[str, str]:
        """Return what the tool needs besides the account's environment."""
        ...

    def verdicts(self, pairs: Sequence[Pair], reports: Path) -> Verdicts:
        """Return what the JSON under `reports` says."""
        ...

    def version(self) -> str:
        """Return what `--version` prints; it also compiles and caches what a first run would."""
        ...


def shared_pairs() -> tuple[Pair, ...]:
    """Return the rules that both tools have, as the framework `prowler-5` pairs them."""
    checks: dict[str, list[str]] = {}
    for requirement in yaml.safe_load(FRAMEWORK.read_text(encoding="utf-8"))["requirements"]:
        for rule in requirement["rules"]:
            checks.setdefault(rule, []).append(requirement["id"])
    return tuple(Pair(rule=rule, checks=tuple(listed)) for rule, listed in sorted(checks.items()))


@dataclass(frozen=True, slots=True)
class Sakimori:
    """This repository, run by the interpreter that runs the benchmark."""

    name: str = "sakimori"

    def commands(self, pairs: Sequence[Pair], regions: Sequence[str], reports: Path) -> Commands:
        """Return an assessment that writes both reports."""
        rules = tuple(part for pair in pairs for part in ("--rule", pair.rule))
        places = tuple(part for region in regions for part in ("--region", region))
        outputs = ("--output", str(reports / "report.json"), "--output", str(reports / "report.html"))
        return ((*_SAKIMORI, "assess", *places, *rules, *outputs),)

    def environment(self, home: Path) -> Mapping[str, str]:
        """Return an empty home, so that nothing is reused from another run, and where the package is."""
        places = [str(Path(place).absolute()) for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
        return {"PYTHONPATH": os.pathsep.join(places), "SAKIMORI_HOME": str(home / "sakimori")}

    def verdicts(self, pairs: Sequence[Pair], reports: Path) -> Verdicts:
        """Return the counts that stand with each rule in the JSON report."""
        (report,) = reports.rglob("*.json")
        rules = {rule["id"]: rule for rule in json.loads(report.read_text(encoding="utf-8"))["rules"]}
        words = {"passed": "pass", "failed": "fail", "unknown": "unknown"}
        return {
            pair.rule: {word: rules[pair.rule][key] for key, word in words.items()}
            for pair in pairs
            if pair.rule in rules
        }

    def version(self) -> str:
        """Return what `sakimori --version` prints."""
        return _first_line((*_SAKIMORI, "--version"))


@dataclass(frozen=True, slots=True)
class Prowler:
    """The release that requirements.txt pins, in an environment of its own."""

    environment_folder: Path
    name: str = "prowler"

    @property
    def program(self) -> Path:
        """Where the command is, or will be."""
        return self.environment_folder / "bin" / "prowler"

    def install(self) -> None:
        """Install it from PyPI, if it is not there yet; takes minutes and 2.3 GB."""
        if self.program.exists():
            return
        venv.create(self.environment_folder, with_pip=True)
        pip = (str(self.environment_folder / "bin" / "python"), "-m", "pip")
        subprocess.run((*pip, "install", "--quiet", "-r", str(HERE / "requirements.txt")), check=True)

    def commands(self, pairs: Sequence[Pair], regions: Sequence[str], reports: Path) -> Commands:
        """Return one scan with the shared checks only, all resources in or out of use, and two reports.

        With chosen checks Prowler writes no compliance reports of its own accord.
        """
        checks = list(dict.fromkeys(check for pair in pairs for check in pair.checks))
        scan = (
            str(self.program), "aws", "--no-banner", "--no-color", "--ignore-exit-code-3", "--scan-unused-services",
            "--region", *regions, "--checks", *checks, "--output-formats", "html", "json-ocsf",
            "--output-directory", str(reports),
        )  # fmt: skip
        return (scan,)

    def environment(self, home: Path) -> Mapping[str, str]:
        """Return a home without AWS configuration."""
        return {"HOME": str(home)}

    def verdicts(self, pairs: Sequence[Pair], reports: Path) -> Verdicts:
        """Return the findings of each pair's checks; MANUAL counts as unknown."""
        (report,) = reports.rglob("*.ocsf.json")
        rule_of = {check: pair.rule for pair in pairs for check in pair.checks}
        found: dict[str, Counter[str]] = {}
        for finding in json.loads(report.read_text(encoding="utf-8")):
            rule = rule_of[finding["metadata"]["event_code"]]
            found.setdefault(rule, Counter())[_FROM_PROWLER[finding["status_code"]]] += 1
        return {rule: dict(counts) for rule, counts in found.items()}

    def version(self) -> str:
        """Return what `prowler --version` prints."""
        return _first_line((str(self.program), "--version"))


def _first_line(command: Sequence[str]) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.partition("\n")[0].strip()
