"""R51: a user that a thief made, with everything that it has. It is denied everything first, and deleted once a day has been quiet.

Sessions that it gave out end with it. Source: IAM User Guide, "Remove or deactivate an IAM user"; botocore's model of iam.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources import user_parts
from sakimori.actions.resources.denied_principal import not_frozen
from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.iam_principal import (
    ABSENT,
    CALLER,
    LAST_USED,
    QUARANTINE,
    USER,
    last_uses,
    not_the_caller,
)
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call
from sakimori.model.words import Scope

_BOUNDARY: Final = "iam:DeleteUserPermissionsBoundary"
_DELETE: Final = "iam:DeleteUser"


def _read(site: Site, _name: str) -> State | None:
    name = USER.name(site)
    found = site.call("iam:GetUser", (ABSENT,), UserName=name)
    if found is None:
        return None
    return {**user_parts.read_parts(site, name), "boundary": "PermissionsBoundary" in found["User"]}


def _calls(site: Site, _name: str, state: State) -> Sequence[Call]:
    name = USER.name(site)
    last = (_BOUNDARY, _DELETE) if state["boundary"] else (_DELETE,)
    ends = [Call(operation=each, region=site.region, parameters={"UserName": name}, settled=(ABSENT,)) for each in last]
    return (*user_parts.removals(site, name, state), *ends)


def _cautions(site: Site, _name: str, state: State) -> Sequence[Caution]:
    held = any(QUARANTINE in each for each in state["attached"])
    values = {"name": USER.name(site)}
    return looked(
        lambda: (Caution(text="respond_steps.quarantine_asks_aws", values=values, blocks=True),) if held else (),
        lambda: not_the_caller(site, site.resource),
        lambda: not_frozen(site, USER),
        lambda: last_uses(site, USER.name(site)),
    )


STEP: Final = ending_step(
    Ending(
        id="user-erased", order=4600, texts="respond_steps.user_erased", verb="erased", kind=USER.kind,
        reads=tuple(dict.fromkeys((*USER.reads, *user_parts.READS, LAST_USED, CALLER))),
        writes=(*user_parts.WRITES, _BOUNDARY, _DELETE), read=_read, calls=_calls, cautions=_cautions,
        scope=Scope.ACCOUNT, approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
