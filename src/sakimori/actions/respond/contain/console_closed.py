"""R12: a user has no password for the console any more. Whoever is signed in stays so until `user-denied`.

No API tells a password, so no undo gives it back: an administrator sets a new one. Source: botocore's model of iam
(DeleteLoginProfile); IAM User Guide, "Manage passwords for IAM users".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.iam_principal import ABSENT, CALLER, USER, not_the_caller
from sakimori.actions.resources.mended import GONE
from sakimori.actions.resources.named_resource import is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "iam:GetLoginProfile"
_GET_USER: Final = "iam:GetUser"
_DELETE: Final = "iam:DeleteLoginProfile"


def _read(site: Site, _name: str) -> State | None:
    answer = site.call(_GET, (ABSENT,), UserName=USER.name(site))
    return {"made_at": answer["LoginProfile"]["CreateDate"].isoformat()} if answer else None


def _wanted(_site: Site, state: State) -> State:
    return GONE if is_there(state) else state


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if not is_there(now) or target != GONE:
        return ()
    name = USER.name(site)
    call = Call(operation=_DELETE, region=site.region, parameters={"UserName": name}, settled=(ABSENT,))
    values = {"name": name}
    text, lasting = "respond_steps.console_closed_gone", "respond_steps.console_closed_lasting"
    return (Change(name="login profile", call=call, text=text, lasting=lasting, values=values),)


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    def last_sign_in() -> Sequence[Caution]:
        name = USER.name(site)
        used = ((site.call(_GET_USER, UserName=name) or {}).get("User") or {}).get("PasswordLastUsed")
        if not used:
            return (Caution(text="respond_steps.console_closed_unused", values={"name": name}),)
        values = {"name": name, "day": used.date().isoformat()}
        return (Caution(text="respond_steps.console_closed_used", values=values),)

    return looked(lambda: not_the_caller(site, site.resource), last_sign_in)


STEP: Final = Step(
    id="console-closed",
    order=3030,
    texts="respond_steps.console_closed",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.HIGH,
    reads=(_GET, _GET_USER, CALLER),
    writes=(_DELETE,),
    read=unless_others(USER.kind, _read),
    wanted=_wanted,
    towards=_towards,
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
