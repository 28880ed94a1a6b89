"""R33: the run in which a key is made and delivered, and what is done about one that was stopped before it delivered."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from sakimori.actions.journal import Entry, Line, account_held, journal_path, open_journal, read_journal
from sakimori.actions.plan import Item, Plan, Standing
from sakimori.actions.respond.replace import replacement_key
from sakimori.actions.respond.replace.destination import Destination, Target, drop_file
from sakimori.actions.respond.replace.making import PLAN, KeyMaking, MadeKey, is_undelivered
from sakimori.actions.site import Site
from sakimori.actions.wishes import Wishes
from sakimori.app.harden import Approver, Hardening, new_run
from sakimori.app.respond.case import RunLine, Told
from sakimori.app.respond.hands import Hands
from sakimori.aws.door import Door
from sakimori.model.action import Call, Change
from sakimori.model.errors import SakimoriError, UsageError
from sakimori.model.words import GLOBAL
from sakimori.outputs.evidence.store import EvidenceStore

RAIL: Final = "R30"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRun:
    """Makes keys for the users of one account, in the name of a case."""

    hands: Hands
    door: Door

    def plan(self, user: str, destination: Destination) -> Plan:
        """What is shown before: the key is made, and where its secret goes."""
        name = user.rpartition("/")[2]
        call = Call(operation=replacement_key.CREATE, region=GLOBAL, parameters={"UserName": name})
        change = Change(
            name="key", call=call, undo=(Call(operation="iam:DeleteAccessKey", region=GLOBAL),),
            text="respond_rotate.key_made", values={"user": name, "to": destination.text},
        )  # fmt: skip
        item = Item(step=replacement_key.ID, region=GLOBAL, resource=user, standing=Standing.TO_MAKE, changes=(change,))
        return Plan(
            account=self.door.account.id, partition=self.door.account.partition, made_at=self.hands.clock(),
            baseline=self.hands.log.case.id, items=(item,), wishes=self._wishes,
        )  # fmt: skip

    def make(self, user: str, destination: Destination, created: Callable[[MadeKey], None]) -> tuple[MadeKey, str]:
        """The key and its run. Where it fails what came of it is taken back at once, and the error raised."""
        hands, account = self.hands, self.door.account.id
        directory = hands.log.directory
        run = new_run(hands.clock())
        # Whoever finds the case after a kill must know of the run before it changes anything.
        line = RunLine(account=account, run=run, step=RAIL, at=hands.clock())
        hands.log.write(Told.RUN, {"account": account, "run": run, "step": RAIL, "plan": PLAN})
        try:
            with account_held(directory, account, run):
                made = self._make(run, user, destination, created)
        except SakimoriError:
            self.take_back(line)
            raise
        self._keep(run)
        return made, run

    def undelivered(self) -> tuple[RunLine, ...]:
        """The runs of this case and account that made, or may have made, a key that nobody has."""
        directory, account = self.hands.log.directory, self.door.account.id
        found: list[RunLine] = []
        for run in self.hands.log.case.runs:
            path = journal_path(directory, run.account, run.run)
            if run.account == account and run.step == RAIL and path.exists() and is_undelivered(read_journal(path)):
                found.append(run)
        return tuple(found)

    def delivered(self, key_id: str) -> str:
        """The run that made this key and came to its end, "" where there is none."""
        for run in reversed(self.hands.log.case.runs):
            path = journal_path(self.hands.log.directory, run.account, run.run)
            lines = read_journal(path) if run.step == RAIL and path.exists() else ()
            made = any(line.kind is Entry.RESULT and line.body.get("answer", {}).get("AccessKeyId") == key_id for line in lines)  # fmt: skip
            if made and any(line.kind is Entry.END and line.body.get("plan") == PLAN for line in lines):
                return run.run
        return ""

    def take_back(self, run: RunLine) -> tuple[Item, ...]:
        """Delete what such a run left; the places that are not as before all the same."""
        directory = self.hands.log.directory
        path = journal_path(directory, run.account, run.run)
        lines = read_journal(path) if path.exists() else ()
        if not is_undelivered(lines):
            return ()
        hardening = Hardening(directory, self.door, self.hands.clock, self.hands.conversation.changing)
        try:
            items = hardening.undoing(run.run, ())
        except UsageError as error:
            if error.text != "harden.nothing_to_undo":
                raise
            self._end(run)
            return ()
        self._drop_file(lines, items)
        left = hardening.undo(run.run, items, lambda _name: True, Approver(self.hands.by))
        self._keep(run.run)
        return left

    @property
    def _wishes(self) -> Wishes:
        home = next(iter(self.door.account.regions), GLOBAL)
        return Wishes(case=self.hands.log.case.id, home_region=home)

    def _make(self, run: str, user: str, to: Destination, created: Callable[[MadeKey], None]) -> MadeKey:
        hands = self.hands
        journal, _ = open_journal(hands.log.directory, self.door.account.id, run)
        try:
            second = hands.second(RAIL)
            begin = {"plan": PLAN, "by": hands.by, "second": second, "wishes": asdict(self._wishes), "to": to.text}
            journal.write(Entry.BEGIN, hands.clock(), begin)
            site = Site(door=self.door, region=GLOBAL, resource=user, wishes=self._wishes)
            made = KeyMaking(
                site=site, destination=to, journal=journal, clock=hands.clock, created=created
            ).make()  # fmt: skip
            journal.write(Entry.END, hands.clock(), {"plan": PLAN})
        finally:
            journal.close()
        return made

    def _end(self, run: RunLine) -> None:
        """A run that changed nothing is over."""
        with account_held(self.hands.log.directory, run.account, run.run):
            journal, _ = open_journal(self.hands.log.directory, run.account, run.run)
            try:
                journal.write(Entry.END, self.hands.clock(), {"undone": []})
            finally:
                journal.close()

    def _drop_file(self, lines: tuple[Line, ...], items: tuple[Item, ...]) -> None:
        begun: Any = next(line.body for line in lines if line.kind is Entry.BEGIN)
        kind, _, name = str(begun.get("to", "")).partition(":")
        if kind == Target.FILE:
            gone = {str(change.call.parameters.get("AccessKeyId") or "") for item in items for change in item.changes}
            drop_file(Path(name), frozenset(gone - {""}))

    def _keep(self, run: str) -> None:
        """The journal is evidence of what was done."""
        path = journal_path(self.hands.log.directory, self.door.account.id, run)
        raw = path.read_bytes()
        kept = EvidenceStore(self.hands.log.directory, self.hands.clock).add(
            f"journal-{RAIL.lower()}", call="journal", region=GLOBAL, account=self.door.account.id, payload=raw,
            rows=raw.count(b"\n"), coverage="whole",
        )  # fmt: skip
        self.hands.evidence.setdefault(RAIL, []).append(kept.id)
