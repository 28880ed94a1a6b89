"""R33: a secret of Secrets Manager into which a new key is written: `destination.deliver` does it, for no plan may hold the key.

As a step it only takes back: the version of before is current again, and a secret that was not there is deleted after a
week, within which it can be restored. The resource is the ARN without the six characters that AWS puts behind the name.
Source: botocore's model of secretsmanager (DescribeSecret, UpdateSecretVersionStage, DeleteSecret).
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.mended import GONE
from sakimori.actions.resources.named_resource import Kind, is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

ID: Final = "replacement-secret"
DESCRIBE: Final = "secretsmanager:DescribeSecret"
CREATE: Final = "secretsmanager:CreateSecret"
PUT: Final = "secretsmanager:PutSecretValue"
ABSENT: Final = "ResourceNotFoundException"
_STAGE: Final = "secretsmanager:UpdateSecretVersionStage"
_DELETE: Final = "secretsmanager:DeleteSecret"
RESTORE: Final = "secretsmanager:RestoreSecret"
_CURRENT: Final = "AWSCURRENT"
_DAYS: Final = 7
"""The shortest time for which Secrets Manager keeps what is to be deleted."""
SECRET: Final = Kind(service="secretsmanager", call=DESCRIBE, prefix="secret:", pattern=r"[A-Za-z0-9/_+=.@-]{1,512}")


def _read(site: Site, name: str) -> State | None:
    found = site.call(DESCRIBE, (ABSENT,), SecretId=name)
    if found is None or found.get("DeletedDate"):
        return None
    versions = found.get("VersionIdsToStages") or {}
    return {"current": next((each for each, stages in versions.items() if _CURRENT in stages), "")}


def secret_state(site: Site) -> State:
    """Which version is current, or GONE; one that is about to be deleted counts as gone. Refusal where it cannot be read."""
    return unless_others(SECRET, _read)(site)


def _as_it_is(_site: Site, state: State) -> State:
    return state


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if not is_there(now) or now == target:
        return ()
    name = SECRET.name(site)
    if target == GONE:
        call = Call(
            operation=_DELETE, region=site.region, parameters={"SecretId": name, "RecoveryWindowInDays": _DAYS},
            settled=(ABSENT,),
        )  # fmt: skip
        back = Call(operation=RESTORE, region=site.region, parameters={"SecretId": name})
        values = {"name": name, "days": _DAYS}
        return (Change(name="secret", call=call, undo=(back,), text="respond_rotate.secret_gone", values=values),)
    if not target["current"]:
        return ()
    there, back = (_moved(site, name, *pair) for pair in ((now, target), (target, now)))
    return (Change(name="version", call=there, undo=(back,), text="respond_rotate.secret_back", values={"name": name}),)


def _moved(site: Site, name: str, now: State, target: State) -> Call:
    named = {"SecretId": name, "VersionStage": _CURRENT, "MoveToVersionId": target["current"]}
    leaving = {"RemoveFromVersionId": now["current"]} if now["current"] else {}
    return Call(operation=_STAGE, region=site.region, parameters={**named, **leaving})


STEP: Final = Step(
    id=ID,
    order=5030,
    texts="respond_rotate.step_secret",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    reads=(DESCRIBE,),
    writes=(CREATE, PUT, _STAGE, _DELETE, RESTORE),
    read=secret_state,
    wanted=_as_it_is,
    towards=_towards,
    owner=owner,
    shown_within=10.0,
    of_resources=True,
)
