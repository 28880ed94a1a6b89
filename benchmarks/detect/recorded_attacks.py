"""What the rules say of attacks that others carried out and recorded: which deeds make an alert by themselves.

    git clone --depth 1 https://github.com/DataDog/stratus-red-team
    python benchmarks/detect/recorded_attacks.py stratus-red-team/docs

Takes every JSON of CloudTrail events below the folder, of files (`*.json`) and of pages (fenced blocks of `*.md`), those of one name
together: one technique. Each is judged alone, as an account of which nothing else is known, so that what asks for habits is silent.
The program that called is exchanged for an ordinary one: the tool's name would be an alert by itself.
"""

import argparse
import json
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from measured import print_table, save

from sakimori.app.clock import utc_now
from sakimori.app.detect import DetectRequest, detect_files
from sakimori.model.words import Severity

ORDINARY = "aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.8 md/arch#x86_64 lang/python#3.11.8"
ALERT = Severity.MEDIUM
_BLOCK = re.compile(r"```json[^\n]*\n(.*?)```", re.DOTALL)


def main() -> None:
    """Judge each technique, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as-recorded", action="store_true", help="with the name of the program that called")
    parser.add_argument("--save", type=Path, help="all figures as JSON")
    chosen = parser.parse_args()
    found: dict[str, dict[str, str]] = {}
    rows: list[tuple[str, ...]] = []
    for name, events in sorted(recorded(chosen.folder).items()):
        told = judged(events if chosen.as_recorded else [_ordinary(each) for each in events])
        found[name] = {rule: str(severity) for rule, severity in told.items()}
        worst = max(told.values(), key=lambda each: each.rank, default=None)
        named = sorted(told, key=lambda rule: (-told[rule].rank, rule))
        rows.append((name, f"{len(events):,}", str(worst or "-"), ", ".join(named[:3]) or "-"))
        print(name, worst or "-", file=sys.stderr)
    print_table(("technique", "events", "worst", "rules"), rows)
    alerts = sum(any(Severity(each).rank >= ALERT.rank for each in told.values()) for told in found.values())
    silent = [name for name, told in found.items() if not told]
    print(
        f"\n{len(found)} techniques: alert of {alerts}, detection below {ALERT} of {len(found) - alerts - len(silent)}, nothing of {len(silent)}"
    )
    save(chosen.save, {"techniques": found})


def recorded(folder: Path) -> Mapping[str, Sequence[dict[str, Any]]]:
    """The events of each technique; an event that stands twice counts once."""
    found: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for path in sorted((*folder.rglob("*.json"), *folder.rglob("*.md"))):
        for event in _events(path):
            # Anonymised logs may give different events one id.
            named = event.get("eventID") or json.dumps(event, sort_keys=True)
            found[path.stem][f"{named} {event['eventName']}"] = event
    return {name: list(events.values()) for name, events in found.items()}


def _events(path: Path) -> Iterator[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    for block in [text] if path.suffix == ".json" else _BLOCK.findall(text):
        try:
            given = json.loads(block)
        except ValueError:
            print(f"no JSON: {path}", file=sys.stderr)
            continue
        if isinstance(given, dict):
            given = given.get("Records", [given])
        if not isinstance(given, list):
            continue
        yield from (each for each in given if isinstance(each, dict) and "eventName" in each)


def _ordinary(event: dict[str, Any]) -> dict[str, Any]:
    """The event as an ordinary program would have caused it; services of AWS, which name themselves, stay."""
    is_service = str(event.get("userAgent")).endswith(".amazonaws.com")
    return event if is_service else {**event, "userAgent": ORDINARY}


def judged(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Severity]:
    """The worst severity that each rule told of these events."""
    with tempfile.TemporaryDirectory(prefix="sakimori-recorded-") as folder:
        logs = Path(folder) / "events.json"
        logs.write_text(json.dumps({"Records": list(events)}), encoding="utf-8")
        detections = detect_files(DetectRequest(home=Path(folder)), [logs], clock=utc_now).detections
    told: dict[str, Severity] = {}
    for each in detections:
        told[each.rule] = max(told.get(each.rule, each.severity), each.severity, key=lambda severity: severity.rank)
    return told


if __name__ == "__main__":
    main()
