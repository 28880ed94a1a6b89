"""Measures `sakimori assess` and Prowler on the same simulated account, rules and Regions.

    python benchmarks/assess_vs_prowler/run.py --runs 3 --latency-ms 0 50

Every run meets an account of its own, seeded alike; the tools take turns, and which begins
changes with the round. Nothing here asserts: it prints figures, and `--save` keeps them.
"""

import argparse
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from account import SEEDING, simulated_account
from figures import Run, print_figures, print_verdicts
from measured import Cost, RunError, measure, yardstick_seconds
from tools import Pair, Prowler, Sakimori, Tool, shared_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What both tools are asked, and of which account."""

    pairs: tuple[Pair, ...]
    regions: tuple[str, ...]
    account_command: tuple[str, ...]
    timeout_seconds: float


def run_once(tool: Tool, question: Question, *, latency_ms: float, folder: Path) -> Run:
    """Measure one run of one tool against a fresh account."""
    reports = folder / "reports"
    reports.mkdir(parents=True)
    commands = tool.commands(question.pairs, question.regions, reports)
    with simulated_account(question.account_command, latency_ms=latency_ms, log=folder / "account.log") as account:
        environment = {"PATH": os.environ["PATH"], **account.environment(), **tool.environment(folder)}
        account.counts()
        busy_seconds, server_before = yardstick_seconds(), account.server_cpu_seconds()
        log, timeout_seconds = folder / "tool.log", question.timeout_seconds
        costs = [measure(each, environment=environment, log=log, timeout_seconds=timeout_seconds) for each in commands]
        server_cpu_seconds = account.server_cpu_seconds() - server_before
        counts = account.counts()
    return Run(
        tool=tool.name,
        latency_ms=latency_ms,
        cost=reduce(Cost.followed_by, costs),
        counts=counts,
        server_cpu_seconds=server_cpu_seconds,
        yardstick_seconds=busy_seconds,
        report_bytes=sum(path.stat().st_size for path in reports.rglob("*.*")),
        verdicts=tool.verdicts(question.pairs, reports),
    )


def run_all(tools: Sequence[Tool], question: Question, chosen: argparse.Namespace, folder: Path) -> list[Run]:
    """Measure every round at every latency, saying on stderr what is being measured."""
    runs = []
    for latency_ms in chosen.latency_ms:
        for number in range(chosen.runs):
            turn = tools if number % 2 == 0 else tuple(reversed(tools))
            for tool in turn:
                print(f"{tool.name}, {latency_ms:g} ms, run {number + 1} of {chosen.runs}", file=sys.stderr)
                place = folder / f"{tool.name}-{latency_ms:g}ms-{number + 1}"
                runs.append(run_once(tool, question, latency_ms=latency_ms, folder=place))
    return runs


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "python": sys.version.split()[0],
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="runs of each tool at each latency (3)")
    parser.add_argument("--latency-ms", type=float, nargs="+", default=[0.0, 50.0], help="added to every call (0 50)")
    parser.add_argument("--region", nargs="+", default=["us-east-1", "ap-northeast-1", "eu-west-1"])
    parser.add_argument("--rule", nargs="+", default=[], help="only these of the shared rules")
    parser.add_argument("--only", choices=("sakimori", "prowler"), help="leave the other tool out")
    parser.add_argument("--prowler-venv", type=Path, default=Path(tempfile.gettempdir()) / "prowler-venv")
    parser.add_argument("--account-command", default=shlex.join(SEEDING), help="starts a seeded account")
    parser.add_argument("--timeout-seconds", type=float, default=1800.0, help="for one run")
    parser.add_argument("--keep", type=Path, help="folder for reports and logs (default: a new one under /tmp)")
    parser.add_argument("--save", type=Path, help="write every run as JSON")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    chosen = arguments()
    pairs = tuple(pair for pair in shared_pairs() if not chosen.rule or pair.rule in chosen.rule)
    question = Question(
        pairs=pairs, regions=tuple(chosen.region), account_command=tuple(shlex.split(chosen.account_command)),
        timeout_seconds=chosen.timeout_seconds,
    )  # fmt: skip
    prowler = Prowler(chosen.prowler_venv.absolute())
    if chosen.only != "sakimori":
        prowler.install()
    tools = [tool for tool in (Sakimori(), prowler) if chosen.only in (None, tool.name)]
    versions = {tool.name: tool.version() for tool in tools}
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="assess-vs-prowler-"))
    try:
        runs = run_all(tools, question, chosen, folder.absolute())
    except RunError as failure:
        raise SystemExit(f"no figures: {failure}") from failure
    print(f"{versions}, {machine()}, {len(pairs)} rules, {len(question.regions)} Regions; reports: {folder}")
    print_figures(runs)
    print_verdicts(runs, pairs)
    if chosen.save:
        record = {"machine": machine(), "versions": versions, "runs": [asdict(run) for run in runs]}
        chosen.save.write_text(json.dumps(record, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
