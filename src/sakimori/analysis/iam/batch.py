"""Many requests, one a line of JSON, each with the policies that bear on it: the form of `sakimori iam can --batch`.

```
{"policies": {"identity": [DOCUMENT, …], "resource": DOCUMENT, "boundary": [DOCUMENT, …], "session": [DOCUMENT, …],
              "scp": [[DOCUMENT, …], …], "rcp": [[DOCUMENT, …], …]},
 "action": "s3:GetObject", "resource": "arn:…", "context": {"aws:SourceIp": "203.0.113.5"},
 "principal_arn": "arn:…", "resource_account": "111122223333", "is_management_account": false, "is_service_linked": false}
```
`resource` is one name, letter by letter, also where it holds * or ?. A line without it asks of any resource, where the action has
some: the answer is what holds for all of them, or `unknown`. A key that `context` does not have is absent from the request; one that is null has a value that is not known. A member of another
name is refused, not passed over, and so is a member that stands twice in one object.

A line without `principal_arn` asks about some user or role, nobody says which, of the account that owns the resource. Nothing is
made up in its place: what hangs on who it is (a policy of the resource that names somebody, `aws:username`, `aws:PrincipalArn`, and
where the owner is not told either the accounts of both) is not known, and the answer is what holds for all of them, or `unknown`.
For a request from another account, or from nobody's (`*`), tell `principal_arn`.

`principal` (or `principal_arn`) without `policies` names a user or role of the account that the command was given; what the account
itself tells (`policies`, `is_management_account`, `is_service_linked`) has no place beside `principal`.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec
from msgspec import structs

from sakimori.analysis.iam.account import IamAccount
from sakimori.analysis.iam.answer import Answer, Policies, PolicyKind, Reason
from sakimori.analysis.iam.ask import ask, is_gated
from sakimori.analysis.iam.can import asked_about, can, is_one
from sakimori.analysis.iam.context import Context, ContextError, context_of
from sakimori.analysis.iam.kept import Kept
from sakimori.analysis.iam.policy import Policy, policy_of
from sakimori.analysis.iam.policy_carriers import types_of
from sakimori.analysis.iam.principal import PrincipalKind, principal_of, unnamed
from sakimori.analysis.iam.request import Request
from sakimori.collect.policy_document import NotUnderstoodError, Statement, members_once
from sakimori.collect.policy_reach import account_in
from sakimori.model.verdict import Text


class BatchLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line, as it is read."""

    action: str
    resource: str | msgspec.UnsetType = msgspec.UNSET
    principal: str = ""
    principal_arn: str = ""
    policies: msgspec.Raw = msgspec.Raw()
    context: Mapping[str, Any] = {}
    resource_account: str = ""
    is_management_account: bool | msgspec.UnsetType | None = msgspec.UNSET
    is_service_linked: bool | msgspec.UnsetType = msgspec.UNSET


class BatchPolicies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policies of one line; a list of one may be written without brackets."""

    identity: list[Any] | dict[str, Any] | None = None
    resource: dict[str, Any] | str | None = None
    boundary: list[Any] | dict[str, Any] | None = None
    session: list[Any] | dict[str, Any] | None = None
    scp: list[list[Any]] | None = None
    rcp: list[list[Any]] | None = None


class LineError(ValueError):
    """What is wrong with a line: `reason` names a sentence `iam.batch_<reason>`, which `words` and `why` fill."""

    def __init__(self, reason: str, words: str = "", why: Text | None = None) -> None:
        super().__init__(reason, words, why)
        self.reason, self.words, self.why = reason, words, why


_ONCE: Final = json.JSONDecoder(object_pairs_hook=members_once)
_DECODER: Final = msgspec.json.Decoder(BatchLine)
# What hangs on who asks. Source: IAM User Guide, "AWS global condition context keys", properties of the principal.
_OF_THE_PRINCIPAL: Final = frozenset({"aws:principalarn", "aws:principaltype", "aws:userid", "aws:username"})
_MEMBER: Final = b'"policies"'
_FEW_BLANKS: Final = 8
_OF_THE_ACCOUNT: Final = frozenset({"aws:principalaccount", "aws:resourceaccount"})


def answer_line(line: bytes, account: IamAccount | None = None) -> Answer:
    """Decide one line; raises LineError."""
    try:
        told = _DECODER.decode(line)
        context = context_of(told.context)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise LineError("not_read", str(error)) from None
    except ContextError as error:
        raise LineError("context" if error.reason == "form" else "context_twice", error.key) from None
    if ":" not in told.action or not is_one(told.action):
        raise LineError("action", told.action)
    policies_text = bytes(told.policies)
    _read_once(_without_policies(line, policies_text) if policies_text else line, "not_read")
    if told.principal or not policies_text:
        return _of_account(told, context, account)
    request = _request(told, context)
    policies = policies_of(policies_text)
    if request.principal.kind is PrincipalKind.UNNAMED and policies.resource is not None:
        policies = replace(policies, resource=_one_by_one(policies.resource))
    if policies.resource is None and is_gated(told.action, request.resource):
        # There always is a key policy, or a trust policy, and it was not told.
        policies = replace(policies, unread=frozenset({PolicyKind.RESOURCE}))
    return ask(request, policies)


def _request(told: BatchLine, context: Context) -> Request:
    try:
        owner = told.resource_account or account_in(_resource(told))
        principal = principal_of(told.principal_arn) if told.principal_arn else unnamed(owner)
    except ValueError:
        raise LineError("principal", told.principal_arn) from None
    if principal.kind is PrincipalKind.UNNAMED:
        open_keys = _OF_THE_PRINCIPAL if principal.is_of_known_account else _OF_THE_PRINCIPAL | _OF_THE_ACCOUNT
        context = replace(context, unknown=context.unknown | open_keys)
    return Request(
        principal=principal,
        action=told.action,
        resource=_resource(told),
        is_any_resource=told.resource is msgspec.UNSET and types_of(told.action.lower()) != (),
        context=context,
        resource_account=told.resource_account,
        is_management_account=False if told.is_management_account is msgspec.UNSET else told.is_management_account,
        is_service_linked=told.is_service_linked is True,
    )


def _resource(told: BatchLine) -> str:
    return told.resource if isinstance(told.resource, str) else "*"


def _without_policies(line: bytes, policies: bytes) -> bytes:
    """The line with a number in their place: they are looked at once, and not with every line that has them."""
    begun = line.find(b":", line.find(_MEMBER) + len(_MEMBER)) + 1
    begun += len(line[begun : begun + _FEW_BLANKS]) - len(line[begun : begun + _FEW_BLANKS].lstrip())
    if line.startswith(policies, begun):
        return line[:begun] + b"0" + line[begun + len(policies) :]
    return line.replace(policies, b"0", 1)


def _read_once(text: bytes, reason: str) -> object:
    """What the text says; refused where something stands twice in one object: each reader takes another of the two.

    A text that is the same, octet for octet, after it was read and written again has lost nothing by it. Others are read slowly.
    """
    try:
        told = msgspec.json.decode(text)
        if msgspec.json.format(text, indent=-1) != msgspec.json.encode(told):
            _ONCE.decode(text.decode())
    except (ValueError, RecursionError) as error:
        raise LineError(reason, str(error)) from None
    return told


def _one_by_one(policy: Policy) -> Policy:
    """The same policy with a statement for each principal named: how closely one names somebody unnamed, each tells by itself."""
    statements = list[Statement]()
    for each in policy.document.statements:
        named = each.principals
        if named.is_negated or len(named.aws) < 2:  # noqa: PLR2004 - there is nothing to part
            statements.append(each)
        else:
            statements.extend(
                structs.replace(each, principals=structs.replace(named, aws=(member,))) for member in named.aws
            )
    document = replace(policy.document, statements=tuple(statements))
    return Policy(name=policy.name, document=document, source=policy.source)


def _of_account(told: BatchLine, context: Context, account: IamAccount | None) -> Answer:
    who = told.principal or told.principal_arn
    beside = {
        "policies": bytes(told.policies) != b"",
        "principal_arn": told.principal != "" and told.principal_arn != "",
        "is_management_account": told.is_management_account is not msgspec.UNSET,
        "is_service_linked": told.is_service_linked is not msgspec.UNSET,
    }
    if any(beside.values()):
        raise LineError("beside_principal", ", ".join(name for name, is_told in beside.items() if is_told))
    if account is None or not who:
        raise LineError("no_policies")
    found = account.find(who)
    if len(found) != 1:
        raise LineError("no_such_principal" if account.is_whole else "no_such_principal_partly", who)
    return can(account, found[0], asked_about(told.action, _resource(told), context, told.resource_account))


def policies_of(text: bytes) -> Policies:
    """The policies of a line; the same text is understood once. Raises LineError."""
    return _kept(text)


def _understood(text: bytes) -> Policies:
    try:
        told = msgspec.convert(_read_once(text, "policies"), BatchPolicies)
    except (msgspec.ValidationError, RecursionError) as error:
        raise LineError("policies", str(error)) from None
    return Policies(
        identity=_documents(told.identity, "identity") or (),
        resource=_document(told.resource, "resource") if told.resource is not None else None,
        # A boundary or a session policy of no documents cannot be: an empty list says that there is none.
        boundary=_documents(told.boundary, "boundary") or None,
        session=_documents(told.session, "session") or None,
        scp=_levels(told.scp, "scp"),
        rcp=_levels(told.rcp, "rcp"),
    )


def _levels(told: list[list[Any]] | None, where: str) -> tuple[tuple[Policy, ...], ...] | None:
    if told is None:
        return None
    return tuple(_documents(each, f"{where}[{place}]") or () for place, each in enumerate(told))


def _documents(told: list[Any] | dict[str, Any] | None, where: str) -> tuple[Policy, ...] | None:
    if told is None:
        return None
    documents = told if isinstance(told, list) else [told]
    return tuple(_document(each, f"{where}[{place}]") for place, each in enumerate(documents))


def _document(told: object, where: str) -> Policy:
    try:
        return policy_of(where, told)
    except NotUnderstoodError as error:
        raise LineError("document", where, error.told) from None


# Bytes of text; what is made of them is some ten times as large.
_kept: Final = Kept(_understood, weigh=len, most=16 * 1024 * 1024)


def plain_answer(answer: Answer) -> dict[str, object]:
    """As machines read it: `decision` and its `reasons`."""
    return {"decision": answer.decision.value, "reasons": [plain_reason(each) for each in answer.reasons]}


def plain_reason(reason: Reason) -> dict[str, object]:
    """One reason; what does not apply to it is left out."""
    told: dict[str, object] = {"kind": reason.kind.value, "effect": "Allow" if reason.is_allow else "Deny"}
    if reason.policy is not None and reason.statement is not None:
        told |= {"policy": reason.policy.arn or reason.policy.name, "statement": reason.statement.index}
        if reason.statement.sid:
            told["sid"] = reason.statement.sid
        told["line"] = reason.policy.line(reason.statement)
    if reason.because is not None:
        told["because"] = reason.because.value
    if not reason.certain:
        told |= {"certain": False, "unknown_keys": list(reason.keys)}
    return told
