"""Lambda functions of one's own from which a thief's sessions come: as `own_machines`, they are given new ones as long as they run.

A session of a function's role has the function's name for its name. Sources: AWS Lambda Developer Guide, "Defining Lambda function
permissions with an execution role"; botocore's model of lambda (ListFunctions).
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from sakimori.analysis.incident.events import session_name, user_key
from sakimori.app.respond.contain import Seen
from sakimori.app.respond.own_machines import is_machine
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.policy_reach import account_in
from sakimori.model.words import GLOBAL

STOPPED: Final = "function-stopped"
_SERVICE: Final = "lambda.amazonaws.com"
_ROLE: Final = "iam:GetRole"
_LIST: Final = "lambda:ListFunctions"
OPERATIONS: Final = (_ROLE, _LIST)
_UNKNOWN: Final = "?"


def own_functions(seen: Seen, doors: Mapping[str, Door]) -> tuple[str, ...]:
    """The ARNs of functions whose sessions are in the closure and that the thief did not make; with `?` for what could not be read."""
    made = {each.id for each in seen.made}
    by_role: dict[str, set[str]] = defaultdict(set)
    for credential in seen.closure.credentials:
        name = session_name(credential.principal)
        if credential.role and name and name not in made and not is_machine(name):
            by_role[credential.role].add(name)
    found = (arn for role, names in by_role.items() if account_in(role) in doors for arn in _found(role, names, doors))
    return tuple(dict.fromkeys(found))


def _found(role: str, names: Collection[str], doors: Mapping[str, Door]) -> Iterator[str]:
    door = doors[account_in(role)]
    if not _is_of_functions(door, role):
        return
    is_unread = False
    for region in door.account.selected:
        try:
            pages = [each for page in door.pages(_LIST, region, {}) for each in page.get("Functions") or ()]
        except Refusal:
            is_unread = True
            continue
        yield from (
            str(each["FunctionArn"])
            for each in pages
            if user_key(str(each.get("Role"))) == user_key(role) and each.get("FunctionName") in names
        )
    if is_unread:
        yield f"arn:{door.account.partition}:lambda:{_UNKNOWN}:{door.account.id}:function:{_UNKNOWN}"


def _is_of_functions(door: Door, role: str) -> bool:
    """Whether the trust policy lets Lambda take the role; where that cannot be read it may."""
    try:
        told = door.call(_ROLE, GLOBAL, {"RoleName": role.rpartition("/")[2]})["Role"]
    except Refusal as refusal:
        return refusal.code != "NoSuchEntity"
    return _SERVICE in json.dumps(told.get("AssumeRolePolicyDocument"), default=str)
