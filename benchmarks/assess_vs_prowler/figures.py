"""The tables that are printed: medians with their spread, ratios, and what each tool judged."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from measured import Cost
from tools import Pair, Verdicts

MEGABYTE: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One measured run. `counts` is the proxy's answer; `yardstick_seconds` was taken just before."""

    tool: str
    latency_ms: float
    cost: Cost
    counts: Mapping[str, Any]
    server_cpu_seconds: float
    yardstick_seconds: float
    report_bytes: int
    verdicts: Verdicts


MEASURES: Final[Mapping[str, Callable[[Run], float]]] = {
    "wall s": lambda run: run.cost.wall_seconds,
    "CPU s": lambda run: run.cost.cpu_seconds,
    "peak memory MB": lambda run: run.cost.peak_memory_bytes / MEGABYTE,
    "API calls": lambda run: run.counts["calls"],
    "calls at once, most": lambda run: run.counts["most_at_once"],
    "calls the simulator lacks": lambda run: sum(run.counts["lacking"].values()),
    "reports MB": lambda run: run.report_bytes / MEGABYTE,
    "verdicts": lambda run: sum(sum(counts.values()) for counts in run.verdicts.values()),
    "(simulator's own CPU s)": lambda run: run.server_cpu_seconds,
    "(yardstick s: noise)": lambda run: run.yardstick_seconds,
}


def print_figures(runs: Sequence[Run]) -> None:
    """Print one table a latency: median (lowest-highest) of each tool, and their ratio."""
    tools = list(dict.fromkeys(run.tool for run in runs))
    for latency_ms in dict.fromkeys(run.latency_ms for run in runs):
        here = {tool: [run for run in runs if run.tool == tool and run.latency_ms == latency_ms] for tool in tools}
        print(f"\n{latency_ms:g} ms added to every call; median (lowest-highest) of {len(here[tools[0]])} runs")
        print(f"{'':27}" + "".join(f"{tool:>28}" for tool in tools) + (f"{'ratio':>10}" if len(tools) > 1 else ""))
        for title, value_of in MEASURES.items():
            values = [[value_of(run) for run in here[tool]] for tool in tools]
            print(f"{title:27}" + "".join(f"{_spread(those):>28}" for those in values) + _ratio(title, values))


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):,.4g} ({min(values):,.4g}-{max(values):,.4g})"


def _ratio(title: str, values: Sequence[Sequence[float]]) -> str:
    """How many times more the second tool needs; empty where there is nothing to compare, or to win."""
    medians = [statistics.median(those) for those in values]
    if title.startswith("(") or len(medians) < 2 or not medians[0]:
        return ""
    return f"{medians[1] / medians[0]:>9.1f}x"


def print_verdicts(runs: Sequence[Run], pairs: Sequence[Pair]) -> None:
    """Print pass/fail/unknown of the last run of each tool: figures count only for the same work."""
    last = {run.tool: run.verdicts for run in runs}
    print(f"\n{'pass / fail / unknown':58}" + "".join(f"{tool:>18}" for tool in last))
    for pair in pairs:
        cells = (_cell(verdicts.get(pair.rule, {})) for verdicts in last.values())
        print(f"{pair.rule:58}" + "".join(f"{cell:>18}" for cell in cells))


def _cell(counts: Mapping[str, int]) -> str:
    return " / ".join(str(counts.get(word, 0)) for word in ("pass", "fail", "unknown")) if counts else "none"
