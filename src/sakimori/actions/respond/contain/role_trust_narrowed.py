"""R14: principals that a thief added to a role's trust policy may take it no longer; all others stay.

The resource is the role's ARN, a bar, and a principal as it stands in the policy (`…:role/admin|arn:aws:iam::999988887777:
root`, `…|*`), or the ARN alone for every AWS principal of another account, and everybody. Source: IAM User Guide, "AWS JSON
policy elements: Principal"; botocore's model of iam (UpdateAssumeRolePolicy).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.iam_principal import ABSENT, CALLER, ROLE, cannot_be_edited, not_the_caller, parsed
from sakimori.actions.resources.mended import GONE, changes_if_there, wanted_if_there
from sakimori.actions.resources.named_resource import owner
from sakimori.actions.resources.policy_statements import policy_text
from sakimori.actions.resources.role_use import GET_ROLE
from sakimori.actions.resources.trusted_principals import Trusted, living, trusted_in, without
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_UPDATE: Final = "iam:UpdateAssumeRolePolicy"
_SHOWN: Final = 10


def _role(site: Site) -> Site:
    return replace(site, resource=site.resource.partition("|")[0])


def _read(site: Site) -> State:
    role = _role(site)
    name, others = ROLE.name(role), ROLE.kind.state_of_others(role)
    if others is not None:
        return others
    answer = site.call(GET_ROLE, (ABSENT,), RoleName=name)
    return {"trust": policy_text(living(answer["Role"]["AssumeRolePolicyDocument"]))} if answer else GONE


def _is_unwanted(site: Site, trusted: Trusted) -> bool:
    named = site.resource.partition("|")[2]
    return trusted.is_named(named) if named else trusted.is_from_outside(site.account.id)


def _wanted(site: Site, state: State) -> State:
    document = parsed(state["trust"])
    if not any(_is_unwanted(site, each) for each in trusted_in(document)):
        return state
    return {"trust": policy_text(without(document, lambda each: _is_unwanted(site, each)))}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    name = ROLE.name(_role(site))
    there, back = (
        Call(
            operation=_UPDATE, region=site.region, parameters={"RoleName": name, "PolicyDocument": each["trust"]}
        )
        for each in (target, now)
    )  # fmt: skip
    before, after = (set(trusted_in(parsed(each["trust"]))) for each in (now, target))
    gone = sorted(each.name for each in before - after)[:_SHOWN]
    come = sorted(each.name for each in after - before)[:_SHOWN]
    text = "respond_steps.trust_widened" if come else "respond_steps.trust_narrowed"
    return (Change(name="trust", call=there, undo=(back,), text=text, values={"name": name, "who": come or gone}),)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    role = _role(site)
    unwanted = [each for each in trusted_in(parsed(state["trust"])) if _is_unwanted(site, each)]
    values = {"name": ROLE.name(role), "who": sorted(each.name for each in unwanted)[:_SHOWN]}
    return [
        Caution(text="respond_steps.trust_others", values=values),
        *(caution for each in unwanted for caution in not_the_caller(site, each.name)),
        *looked(lambda: cannot_be_edited(role.resource)),
    ]


STEP: Final = Step(
    id="role-trust-narrowed",
    order=3050,
    texts="respond_steps.role_trust_narrowed",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    reads=(GET_ROLE, CALLER),
    writes=(_UPDATE,),
    read=_read,
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
