"""Killing `sakimori harden` again and again, and looking at the account (not at our journal) for what came of it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.actions.staging import REGIONS, WISHES, Stage, now

from sakimori.actions.journal import Entry, journals, read_journal
from sakimori.actions.plan import Planning, Standing, make_plan, write_plan
from sakimori.actions.step import Step
from sakimori.app.harden import runs

_AT_A_LINE: Final = 0.7
"""So many kills fall right after a line of the journal was written, the others at any moment of a life."""
_LONGEST: Final = 120.0
_LOSE: Final = tuple(
    word
    for name in ("macie", "inspector", "guardduty", "sakimori-logs-606060606060-ap-northeast-1")
    for word in ("--lose", name)
)
_CONFIG: Final = f"""[harden]
emails = {json.dumps(list(WISHES.emails))}
budget_usd = {WISHES.budget_usd}
home_region = "{WISHES.home_region}"
""" + "".join(
    f'[harden.contact.{kind}]\nname = "{each.name}"\ntitle = "{each.title}"\nemail = "{each.email}"\nphone = "{each.phone}"\n'
    for kind, each in WISHES.contacts.items()
)


@dataclass(slots=True)
class Toll:
    """What came of it. `wrong` are places that were neither as wanted after an apply nor as before after an undo."""

    kills: int = 0
    applied: int = 0
    undone: int = 0
    killed_after: Counter[str] = field(default_factory=Counter[str])
    settled: int = 0
    wrong: list[str] = field(default_factory=list[str])
    failed: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Torment:
    """Applies and undoes the plan of these steps in the account of the stage, killing at random points."""

    stage: Stage
    steps: Sequence[Step]
    seed: int
    toll: Toll = field(default_factory=Toll)

    def run(self, kills: int) -> Toll:
        """Whole rounds of apply and undo until so many kills were made."""
        chance = random.Random(self.seed)  # noqa: S311 - draws moments, not secrets
        home = self.stage.place / "home"
        home.mkdir(exist_ok=True)
        (home / "config.toml").write_text(_CONFIG, encoding="utf-8")
        while self.toll.kills < kills:
            number = self.toll.applied
            file = self.stage.place / f"plan-{number}.json"
            planning = Planning(steps=self.steps, baseline="strict", made_at=now(), wishes=WISHES)
            plan = make_plan(self.stage.door, planning)
            write_plan(plan, file)
            self._until_done(("harden", "apply", str(file), "--yes"), home, chance, kills)
            after = make_plan(self.stage.door, planning)
            fine = {Standing.AS_WANTED, Standing.ADOPTED, Standing.BLOCKED, Standing.UNSAID}
            self.toll.wrong += [
                f"apply: {each.place} {each.standing}" for each in after.items if each.standing not in fine
            ]
            self.toll.applied += 1
            if self.toll.failed:
                return self.toll
            run = max(each.run for each in runs(home) if not each.is_undone)
            self._until_done(("harden", "undo", run, "--yes", *_LOSE), home, chance, kills)
            back = {each.place: each.before for each in make_plan(self.stage.door, planning).items}
            self.toll.wrong += [f"undo: {each.place}" for each in plan.items if back[each.place] != each.before]
            self.toll.undone += 1
        for path in journals(home):
            self.toll.settled += sum(line.kind is Entry.SETTLED for line in read_journal(path))
        return self.toll

    def _until_done(self, arguments: Sequence[str], home: Path, chance: random.Random, kills: int) -> None:
        """One command, killed and begun again until it ends by itself."""
        span = 3.0
        while True:
            is_spared = self.toll.kills >= kills or chance.random() < 0.2
            process = self._begin(arguments, home)
            begun = time.monotonic()
            if not is_spared and self._kill(process, home, chance, span):
                self.toll.kills += 1
                process.communicate()
                continue
            _, told = process.communicate(timeout=_LONGEST)
            span = max(time.monotonic() - begun, 0.5)
            if process.returncode == 0 or "nothing to take back" in told:
                return
            self.toll.failed.append(told[-500:])
            return

    def _begin(self, arguments: Sequence[str], home: Path) -> "subprocess.Popen[str]":
        where = [each for region in REGIONS for each in ("--region", region)]
        command = [sys.executable, "-m", "sakimori", "--home", str(home), "--lang", "en", *arguments, *where]
        own = {**os.environ, **self.stage.simulated.environment("owner")}
        return subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def _kill(self, process: "subprocess.Popen[Any]", home: Path, chance: random.Random, span: float) -> bool:
        """Whether it was killed before it ended."""
        lines = _line_count(home)
        wanted = lines + chance.randint(1, 30) if chance.random() < _AT_A_LINE else None
        end = time.monotonic() + (_LONGEST if wanted is not None else chance.uniform(0.3, span))
        while process.poll() is None and time.monotonic() < end:
            if wanted is not None and _line_count(home) >= wanted:
                time.sleep(chance.uniform(0, 0.02))
                break
            time.sleep(0.002)
        if process.poll() is not None:
            return False
        process.send_signal(signal.SIGKILL)
        self.toll.killed_after[_last_kind(home)] += 1
        return True


def _line_count(home: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in journals(home))


def _last_kind(home: Path) -> str:
    newest = max(journals(home), key=lambda path: path.stat().st_mtime_ns, default=None)
    lines = read_journal(newest) if newest else ()
    return str(lines[-1].kind) if lines else "before the journal"
