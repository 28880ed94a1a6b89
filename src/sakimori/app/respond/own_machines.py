"""Machines of one's own from which a thief's sessions come: revoked, they are given new ones for as long as they run with the role.

A session of an instance profile has the instance's id for its name. Source: IAM User Guide, "Using instance profiles" and
"Revoke IAM role temporary security credentials"; EC2 User Guide, "Retrieve security credentials from instance metadata".
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sakimori.analysis.incident.events import session_name
from sakimori.app.respond.contain import Seen
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.policy_reach import account_in

ISOLATED: Final = "instance-isolated"
_INSTANCE: Final = re.compile(r"i-[0-9a-f]{8,17}\Z")
_FIND: Final = "ec2:DescribeInstances"
_GONE: Final = frozenset({"terminated", "shutting-down"})
_AT_ONCE: Final = 100


def own_machines(seen: Seen, doors: Mapping[str, Door]) -> tuple[str, ...]:
    """The ARNs of instances whose sessions are in the closure and that the thief did not start; with `?` for a Region nobody could find."""
    made = {each.id for each in seen.made}
    by_account: dict[str, list[str]] = defaultdict(list)
    for credential in seen.closure.credentials:
        name, account = session_name(credential.principal), account_in(credential.role)
        if is_machine(name) and name not in made and name not in by_account[account]:
            by_account[account].append(name)
    return tuple(arn for account, ids in by_account.items() if ids for arn in _found(ids[:_AT_ONCE], account, doors))


def is_machine(name: str) -> bool:
    """Whether the name of a session is the id of an instance."""
    return bool(_INSTANCE.match(name))


def _found(ids: list[str], account: str, doors: Mapping[str, Door]) -> Iterator[str]:
    door = doors.get(account)
    if door is None:
        yield from (f"arn:aws:ec2:?:{account}:instance/{each}" for each in ids)
        return
    known = set[str]()
    is_unread = False
    for region in door.account.selected:
        try:
            told = {str(each["InstanceId"]): str(each["State"]["Name"]) for each in _instances(door, region, ids)}
        except Refusal:
            is_unread = True
            continue
        known |= told.keys()
        yield from (
            f"arn:{door.account.partition}:ec2:{region}:{account}:instance/{each}"
            for each, state in told.items()
            if state not in _GONE
        )
    if is_unread:
        yield from (
            f"arn:{door.account.partition}:ec2:?:{account}:instance/{each}" for each in ids if each not in known
        )


def _instances(door: Door, region: str, ids: list[str]) -> Iterable[Mapping[str, Any]]:
    asked = {"Filters": [{"Name": "instance-id", "Values": ids}]}
    for page in door.pages(_FIND, region, asked):
        for reservation in page.get("Reservations") or ():
            yield from reservation.get("Instances") or ()
