"""HB23: passwords of IAM users are long, mixed and not used again.

A policy that is stricter already is kept. A maximum age is not set: it locks people out whose password is older, and the
plan would have to show whom. Source: botocore's model of iam; IAM User Guide, "Set an account password policy".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "iam:GetAccountPasswordPolicy"
_UPDATE: Final = "iam:UpdateAccountPasswordPolicy"
_DELETE: Final = "iam:DeleteAccountPasswordPolicy"
_LEAST: Final = {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24}
_ON: Final = ("RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters", "RequireLowercaseCharacters", "AllowUsersToChangePassword")  # fmt: skip


def _read(site: Site) -> State:
    answer = site.call(_GET, ("NoSuchEntity",))
    if answer is None:
        return {"policy": None}
    told = answer["PasswordPolicy"]
    numbers = {name: told[name] for name in (*_LEAST, "MaxPasswordAge") if told.get(name)}
    return {"policy": {**numbers, **{name: bool(told.get(name)) for name in (*_ON, "HardExpiry")}}}


def _wanted(_site: Site, state: State) -> State:
    known = state["policy"] or {"HardExpiry": False}
    least = {name: max(value, known.get(name) or 0) for name, value in _LEAST.items()}
    return {"policy": {**known, **least, **dict.fromkeys(_ON, True)}}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target:
        return ()
    return (Change(name="policy", call=_call(site, target), undo=(_call(site, now),), text="harden.hb23_policy"),)


def _call(site: Site, state: State) -> Call:
    if state["policy"] is None:
        return Call(operation=_DELETE, region=site.region, settled=("NoSuchEntity",))
    return Call(operation=_UPDATE, region=site.region, parameters=state["policy"])


STEP: Final = Step(
    id="HB23",
    order=230,
    texts="harden.hb23",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=(
        "aws.iam.password-policy-strong", "aws.iam.password-policy-minimum-length", "aws.iam.password-policy-reuse-prevented",
        "aws.iam.password-policy-symbol-required", "aws.iam.password-policy-number-required",
        "aws.iam.password-policy-uppercase-required", "aws.iam.password-policy-lowercase-required",
    ),
    reads=(_GET,),
    writes=(_UPDATE, _DELETE),
    read=_read,
    wanted=_wanted,
    towards=_towards,
)  # fmt: skip
