"""R12: an MFA device that a thief gave a user no longer counts. The device is named, for the user's own must stay.

The resource is the device's serial number where it is an ARN (virtual devices and security keys). Source: botocore's model
of iam; IAM API reference, DeactivateMFADevice and EnableMFADevice (enabling takes two codes, which nobody keeps).
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.iam_principal import ABSENT, CALLER, not_the_caller
from sakimori.actions.resources.mended import GONE
from sakimori.actions.resources.named_resource import Kind, is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_LIST: Final = "iam:ListMFADevices"
_LIST_VIRTUAL: Final = "iam:ListVirtualMFADevices"
_DEACTIVATE: Final = "iam:DeactivateMFADevice"
_SECURITY_KEY: Final = "u2f/user/"
_KIND: Final = Kind(
    service="iam", call=_LIST, pattern=r"(mfa/([!-~]*/)?[A-Za-z0-9+=,.@_-]{1,226}|u2f/user/[!-~]{1,226})", has_region=False
)  # fmt: skip


def _read(site: Site, name: str) -> State | None:
    """Whose it is and since when; None where it is nobody's."""
    if name.startswith(_SECURITY_KEY):
        user = name.removeprefix(_SECURITY_KEY).partition("/")[0]
        answer = site.call(_LIST, (ABSENT,), UserName=user)
        found = [each for each in (answer or {}).get("MFADevices") or () if each["SerialNumber"] == site.resource]
        return {"user": user, "since": found[0]["EnableDate"].isoformat()} if found else None
    for each in site.all_of(_LIST_VIRTUAL, "VirtualMFADevices", AssignmentStatus="Assigned"):
        if each["SerialNumber"] == site.resource and each.get("User"):
            user = each["User"].get("UserName") or each["User"]["Arn"].rpartition(":")[2]
            return {"user": user, "since": each["EnableDate"].isoformat() if each.get("EnableDate") else ""}
    return None


def _wanted(_site: Site, state: State) -> State:
    return GONE if is_there(state) else state


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if not is_there(now) or target != GONE:
        return ()
    named = {"UserName": now["user"], "SerialNumber": site.resource}
    call = Call(operation=_DEACTIVATE, region=site.region, parameters=named, settled=(ABSENT,))
    values = {"name": now["user"], "device": _KIND.name(site)}
    text, lasting = "respond_steps.mfa_device_deactivated_off", "respond_steps.mfa_device_deactivated_lasting"
    return (Change(name="device", call=call, text=text, lasting=lasting, values=values),)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    values = {"name": state["user"], "since": state["since"] or "-"}
    user = f"arn:{site.account.partition}:iam::{site.account.id}:user/{state['user']}"
    return looked(
        lambda: (Caution(text="respond_steps.mfa_device_deactivated_since", values=values),),
        lambda: not_the_caller(site, user),
    )


STEP: Final = Step(
    id="mfa-device-deactivated",
    order=3040,
    texts="respond_steps.mfa_device_deactivated",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    reads=(_LIST, _LIST_VIRTUAL, CALLER),
    writes=(_DEACTIVATE,),
    read=unless_others(_KIND, _read),
    wanted=_wanted,
    towards=_towards,
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
