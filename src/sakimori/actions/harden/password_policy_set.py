"""HB23: passwords of IAM users are long, mixed and not used again.

A policy that is stricter already is kept, and so is a maximum age. None is set: it locks people out whose password is
older, and the plan would have to show whom. Whether users may change their own password stays as the owner decided it; it
is allowed where there was no policy. No password stops working. Source: botocore's model of iam; IAM User Guide, "Set an account password policy".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.actions.terraform import Resource
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "iam:GetAccountPasswordPolicy"
_UPDATE: Final = "iam:UpdateAccountPasswordPolicy"
_DELETE: Final = "iam:DeleteAccountPasswordPolicy"
_LEAST: Final = {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24}
_KINDS: Final = ("RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters", "RequireLowercaseCharacters")
_DECIDED: Final = ("AllowUsersToChangePassword", "HardExpiry")
_IN_TERRAFORM: Final = {
    "MinimumPasswordLength": "minimum_password_length", "PasswordReusePrevention": "password_reuse_prevention",
    "MaxPasswordAge": "max_password_age", "RequireSymbols": "require_symbols", "RequireNumbers": "require_numbers",
    "RequireUppercaseCharacters": "require_uppercase_characters", "RequireLowercaseCharacters": "require_lowercase_characters",
    "AllowUsersToChangePassword": "allow_users_to_change_password", "HardExpiry": "hard_expiry",
}  # fmt: skip


def _read(site: Site) -> State:
    answer = site.call(_GET, ("NoSuchEntity",))
    if answer is None:
        return {"policy": None}
    told = answer["PasswordPolicy"]
    numbers = {name: told[name] for name in (*_LEAST, "MaxPasswordAge") if told.get(name)}
    return {"policy": {**numbers, **{name: bool(told.get(name)) for name in (*_KINDS, *_DECIDED)}}}


def _wanted(_site: Site, state: State) -> State:
    known = state["policy"] or {"AllowUsersToChangePassword": True, "HardExpiry": False}
    least = {name: max(value, known.get(name) or 0) for name, value in _LEAST.items()}
    return {"policy": {**known, **least, **dict.fromkeys(_KINDS, True)}}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target:
        return ()
    text = "harden_people.hb23_policy" if target["policy"] else "harden_people.hb23_none"
    return (Change(name="policy", call=_call(site, target), undo=(_call(site, now),), text=text),)


def _call(site: Site, state: State) -> Call:
    if state["policy"] is None:
        return Call(operation=_DELETE, region=site.region, settled=("NoSuchEntity",))
    return Call(operation=_UPDATE, region=site.region, parameters=state["policy"])


def _terraform(_site: Site, target: State) -> Sequence[Resource]:
    arguments = {_IN_TERRAFORM[name]: value for name, value in target["policy"].items()}
    return (Resource(type="aws_iam_account_password_policy", name="sakimori", arguments=arguments),)


STEP: Final = Step(
    id="HB23",
    order=230,
    texts="harden_people.hb23",
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
    terraform=_terraform,
)  # fmt: skip
