"""R16, R50 and R51: what the thief made is stopped, listed, and removed when somebody agreed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.actions.respond.erasing import Erasure, erasure_of, erasures_of
from sakimori.actions.respond.freezing import freezes_of
from sakimori.analysis.incident.form import Made
from sakimori.app.respond.case import BY_HAND, Case, StepState
from sakimori.app.respond.hands import Hands, Measure, Outcome
from sakimori.app.respond.looked_at import looked_at
from sakimori.model.errors import UsageError
from sakimori.texts.language import clean

QUIET_FOR: Final = timedelta(hours=24)
"""So long nothing of the thief's may have acted before what it made is deleted: a freeze can be taken back, a deletion cannot."""
_TELLING: Final = (
    "policyName",
    "policyArn",
    "requestParameters.policyName",
    "accessKeyId",
    "groupName",
    "launchPermission.add.items.0.userId",
)
_FUNCTION: Final = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,140}\Z")
_INSTANCE_ERASED: Final = "instance-erased"
_DISKS_KEPT: Final = "instance-snapshotted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListA:
    """What is proven to be the thief's. `by_hand`: no step is for it, and no person said that it is done."""

    made: tuple[Made, ...]
    erasures: tuple[Erasure, ...]
    by_hand: tuple[Made, ...]


def list_a(case: Case) -> ListA:
    """The list as the case has it; what came from where the owner usually works is never proposed."""
    made = tuple(each for each in map(made_of_plain, case.made) if not each.is_from_known_origin)
    seen = looked_at(case, BY_HAND)
    by_hand = tuple(each for each in made if erasure_of(each) is None and mark_of(each) not in seen)
    return ListA(made=made, erasures=erasures_of(made), by_hand=by_hand)


def mark_of(made: Made) -> str:
    """What tells one thing of the list from every other, for a person's word about it."""
    return " ".join((made.account, made.region, made.kind, made.id or made.arn, made.change, *made.event_ids[:1]))


def what_of(made: Made) -> str:
    """What the event says was given or written, beside the thing itself: the policy, the account that was let in."""
    told = (made.told.get(name) for name in _TELLING)
    return next((each for each in told if isinstance(each, str) and each), "")


def made_of_plain(told: Mapping[str, Any]) -> Made:
    """One line of the case's log, as it was found."""
    words = {name: told[name] for name in ("kind", "id", "arn", "account", "region", "is_created", "by", "change")}
    return Made(
        **words, event_ids=tuple(told["event_ids"]), at=datetime.fromisoformat(told["at"]), told=told.get("told") or {},
        count=int(told.get("count", 1)), is_from_known_origin=bool(told.get("is_from_known_origin")),
        address=str(told.get("address", "")),
    )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Removal:
    """Stops and removes what one case lists."""

    hands: Hands

    def freeze(self, machines: Sequence[str] = ()) -> bool:
        """R16: whether all that runs and costs is stopped. `machines` are ARNs of instances of one's own in a thief's hands."""
        listed = freezes_of(list_a(self.hands.log.case).made)
        known = {each.resource for each in listed}
        found = (*(each for each in map(_isolation, machines) if each.resource not in known), *listed)
        if not found:
            self.hands.tell("R16", StepState.SKIPPED, "respond.nothing_to_freeze")
            return True
        return self.hands.tell_outcome("R16", self.hands.carry_out("R16", measures_of(found)), len(found))

    def remove(self) -> bool:
        """R51: whether all for which there is a step is removed."""
        found = list_a(self.hands.log.case)
        self.hands.tell("R50", StepState.DONE, "respond.listed", count=len(found.made), by_hand=len(found.by_hand))
        if not found.erasures:
            self.hands.tell("R51", StepState.SKIPPED, "respond.nothing_to_remove")
            return not found.by_hand
        # What lies on the disks of an instance is evidence: it is kept before the instance goes.
        disks = [replace(each, step=_DISKS_KEPT) for each in found.erasures if each.step == _INSTANCE_ERASED]
        kept = self.hands.carry_out("R51", measures_of(disks)) if disks else Outcome()
        if kept.is_declined:
            return self.hands.tell_outcome("R51", kept, len(found.erasures))
        outcome = self.hands.carry_out("R51", measures_of(found.erasures))
        return self.hands.tell_outcome("R51", outcome, len(found.erasures)) and not found.by_hand

    def is_quiet(self, now: datetime) -> bool:
        """Whether it was quiet for long enough that what was frozen may be deleted."""
        contained = self.hands.log.case.contained_at
        last = self.hands.log.case.verified[-1:] or ({"count": 0},)
        return contained is not None and now - contained >= QUIET_FOR and not last[0].get("count")


def _isolation(instance: str) -> Erasure:
    """UsageError for what is no ARN of an EC2 instance or a Lambda function."""
    parts = instance.split(":", 5)
    if _FUNCTION.match(instance):
        return Erasure(step="function-stopped", account=parts[4], region=parts[3], resource=instance)
    if len(parts) != 6 or parts[2] != "ec2" or not parts[5].startswith("instance/"):  # noqa: PLR2004 - an ARN
        raise UsageError("respond.no_instance", instance=clean(instance))
    return Erasure(step="instance-isolated", account=parts[4], region=parts[3], resource=instance)


def measures_of(found: Sequence[Erasure]) -> tuple[Measure, ...]:
    """Erasures as what a plan is made of."""
    return tuple(
        Measure(account=each.account, step=each.step, resource=each.resource, region=each.region) for each in found
    )
