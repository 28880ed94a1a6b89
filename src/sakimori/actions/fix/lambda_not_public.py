"""A function whose policy lets nobody call it whom nobody chose (Security Hub: Lambda.1).

A statement that lets everybody call is taken out. One that lets Amazon S3 call for whatever account is replaced by the
same one for buckets of this account. Statements that AddPermission could not write again are left to a person: there
would be no way back. Source: botocore's model of lambda; Lambda Developer Guide, "Working with resource-based IAM
policies in Lambda"; API reference, AddPermission.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind, is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.aws.refusal import Refusal
from sakimori.collect.kleene import opposite
from sakimori.collect.policy_document import NotUnderstoodError, Statement, statements_of
from sakimori.collect.policy_reach import is_public, limits_caller
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import GapKind, Scope

_FUNCTION: Final = "lambda:GetFunctionConfiguration"
_GET: Final = "lambda:GetPolicy"
_ADD: Final = "lambda:AddPermission"
_REMOVE: Final = "lambda:RemovePermission"
_NOT_THERE: Final = "ResourceNotFoundException"
_S3: Final = "s3.amazonaws.com"
_OURS: Final = "sakimori-"
_LONGEST_SID: Final = 100
_KIND: Final = Kind(service="lambda", call=_FUNCTION, prefix="function:", pattern=r"[A-Za-z0-9_-]{1,140}")

# The conditions that AddPermission writes, by operator and key in small letters. A token of an event source is not
# among them: it is a secret, and who must know one is not everybody.
_WRITTEN: Final[Mapping[tuple[str, str], str]] = {
    ("arnlike", "aws:sourcearn"): "SourceArn",
    ("stringequals", "aws:sourceaccount"): "SourceAccount",
    ("stringequals", "aws:principalorgid"): "PrincipalOrgID",
    ("stringequals", "lambda:functionurlauthtype"): "FunctionUrlAuthType",
    ("bool", "lambda:invokedviafunctionurl"): "InvokedViaFunctionUrl",
}


def _read(site: Site, name: str) -> State | None:
    """The statements that are too open, as the parameters that write them; ours; and the open ones that nothing writes."""
    if site.call(_FUNCTION, (_NOT_THERE,), FunctionName=name) is None:
        return None
    answer = site.call(_GET, (_NOT_THERE,), FunctionName=name)
    try:
        found = [_Grant.of(each) for each in statements_of(answer["Policy"])] if answer else []
    except NotUnderstoodError as error:
        raise Refusal(call=_GET, kind=GapKind.MALFORMED, code="PolicyNotUnderstood", message=str(error)) from error
    openings = [each for each in found if each.is_open]
    return {
        "open": _sorted(each.parameters for each in openings),
        "ours": _sorted(each.parameters for each in found if each.sid.startswith(_OURS) and not each.is_open),
        "unwritable": sorted(each.sid for each in openings if each.parameters is None),
    }


@dataclass(frozen=True, slots=True)
class _Grant:
    """One statement of a function's policy; `parameters` are those of AddPermission, None where it cannot write it."""

    sid: str
    is_open: bool
    parameters: Mapping[str, Any] | None

    @classmethod
    def of(cls, statement: Statement) -> "_Grant":
        is_open = is_public(statement) is True or _lets_any_bucket_call(statement)
        return cls(statement.sid, is_open, _parameters(statement))


def _lets_any_bucket_call(statement: Statement) -> bool:
    """A bucket's ARN does not say whose the bucket is."""
    if not statement.is_allow or _S3 not in statement.principals.services:
        return False
    accounts = tuple(each for each in statement.conditions if each.key.lower() != "aws:sourcearn")
    return opposite(limits_caller(accounts)) is True


def _parameters(statement: Statement) -> Mapping[str, Any] | None:
    names, conditions = statement.principals.names, statement.conditions
    written = {(each.operator.lower(), each.key.lower()): each.values for each in conditions}
    is_plain = (
        statement.is_allow
        and not statement.is_not_action
        and not statement.principals.is_negated
        and len(names) == len(statement.actions) == 1
        and len(written) == len(conditions)
        and written.keys() <= _WRITTEN.keys()
        and all(len(values) == 1 for values in written.values())
    )
    if not is_plain or not statement.sid:
        return None
    values = {_WRITTEN[key]: value for key, (value,) in written.items()}
    if "InvokedViaFunctionUrl" in values:
        values["InvokedViaFunctionUrl"] = values["InvokedViaFunctionUrl"].lower() == "true"  # type: ignore[assignment]
    return {"StatementId": statement.sid, "Action": statement.actions[0], "Principal": names[0], **values}


def _sorted(found: Iterator[Mapping[str, Any] | None]) -> list[Mapping[str, Any]]:
    return sorted((each for each in found if each is not None), key=json.dumps)


def _lacks(site: Site) -> str:
    return "fix_data.lambda_not_public_by_hand" if (_read(site, _KIND.name(site)) or {}).get("unwritable") else ""


def _wanted(site: Site, state: State) -> State:
    if not is_there(state):
        return state
    narrowed = [_narrowed(site, each) for each in state["open"] if each["Principal"] == _S3]
    known = {each["StatementId"] for each in state["ours"]}
    made = (each for each in narrowed if each["StatementId"] not in known)
    return {**state, "open": [], "ours": _sorted(iter([*state["ours"], *made]))}


def _narrowed(site: Site, grant: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same grant to Amazon S3, for buckets of this account."""
    sid = f"{_OURS}{grant['StatementId']}"[:_LONGEST_SID]
    return {**grant, "StatementId": sid, "SourceAccount": site.account.id}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if not is_there(now) or not is_there(target):
        return ()
    before = {each["StatementId"]: each for each in (*now["open"], *now["ours"])}
    after = {each["StatementId"]: each for each in (*target["open"], *target["ours"])}
    # What is let in is let in first, so that no call falls between the two.
    makes = [_change(site, each, is_made=True) for sid, each in after.items() if sid not in before]
    return [*makes, *(_change(site, each, is_made=False) for sid, each in before.items() if sid not in after)]


def _change(site: Site, grant: Mapping[str, Any], *, is_made: bool) -> Change:
    named = {"FunctionName": _KIND.name(site)}
    sid = {"StatementId": grant["StatementId"]}
    add = Call(
        operation=_ADD, region=site.region, parameters={**named, **grant}, settled=("ResourceConflictException",)
    )
    remove = Call(operation=_REMOVE, region=site.region, parameters={**named, **sid}, settled=(_NOT_THERE,))
    there, back = (add, remove) if is_made else (remove, add)
    text = "fix_data.lambda_not_public_add" if is_made else "fix_data.lambda_not_public_remove"
    values = {"function": named["FunctionName"], "sid": sid["StatementId"], "caller": grant["Principal"]}
    return Change(name=f"statement {sid['StatementId']}", call=there, undo=(back,), text=text, values=values)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    values = {"function": _KIND.name(site)}
    found: list[Caution] = []
    if any("FunctionUrlAuthType" in each for each in state["open"]):
        found.append(Caution(text="fix_data.lambda_not_public_url", values=values))
    if any(each["Principal"] == _S3 for each in state["open"]):
        found.append(Caution(text="fix_data.lambda_not_public_buckets", values=values))
    if any(each["Principal"] != _S3 for each in state["open"]):
        found.append(Caution(text="fix_data.lambda_not_public_callers", values=values))
    return found


STEP: Final = Step(
    id="lambda-not-public",
    order=2210,
    texts="fix_data.lambda_not_public",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    rules=("aws.lambda.function-not-public",),
    reads=(_FUNCTION, _GET),
    writes=(_ADD, _REMOVE),
    read=unless_others(_KIND, _read),
    wanted=_wanted,
    towards=_towards,
    lacks=_lacks,
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
