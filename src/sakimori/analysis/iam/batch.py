"""Many requests, one a line of JSON, each with the policies that bear on it: the form of `sakimori iam can --batch`.

```
{"policies": {"identity": [DOCUMENT, …], "resource": DOCUMENT, "boundary": [DOCUMENT, …], "session": [DOCUMENT, …],
              "scp": [[DOCUMENT, …], …], "rcp": [[DOCUMENT, …], …]},
 "action": "s3:GetObject", "resource": "arn:…", "context": {"aws:SourceIp": "203.0.113.5"},
 "principal_arn": "arn:…", "resource_account": "111122223333", "is_management_account": false, "is_service_linked": false}
```
A key that `context` does not have is absent from the request; one that is null has a value that is not known. `principal` in
place of `policies` names a user or role of the account that the command was given.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import msgspec

from sakimori.analysis.iam.account import IamAccount
from sakimori.analysis.iam.ask import Answer, Policies, PolicyKind, Reason, ask, is_gated
from sakimori.analysis.iam.can import Asked, can
from sakimori.analysis.iam.context import Context, context_of
from sakimori.analysis.iam.policy import Policy, policy_of
from sakimori.analysis.iam.principal import principal_of
from sakimori.analysis.iam.request import Request
from sakimori.collect.policy_document import NotUnderstoodError


class BatchLine(msgspec.Struct, frozen=True):
    """One line, as it is read."""

    action: str
    resource: str = "*"
    principal: str = ""
    principal_arn: str = ""
    policies: msgspec.Raw = msgspec.Raw()
    context: Mapping[str, Any] = {}
    resource_account: str = ""
    is_management_account: bool | None = False
    is_service_linked: bool = False


class BatchPolicies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policies of one line; a list of one may be written without brackets."""

    identity: list[Any] | dict[str, Any] | None = None
    resource: dict[str, Any] | str | None = None
    boundary: list[Any] | dict[str, Any] | None = None
    session: list[Any] | dict[str, Any] | None = None
    scp: list[list[Any]] | None = None
    rcp: list[list[Any]] | None = None


class LineError(ValueError):
    """What is wrong with a line: `reason` names a sentence `iam.batch_<reason>`."""

    def __init__(self, reason: str, words: str = "") -> None:
        super().__init__(reason, words)
        self.reason, self.words = reason, words


_DECODER: Final = msgspec.json.Decoder(BatchLine)
_POLICIES: Final = msgspec.json.Decoder(BatchPolicies)


def answer_line(line: bytes, account: IamAccount | None = None) -> Answer:
    """Decide one line; raises LineError."""
    try:
        told = _DECODER.decode(line)
        context = context_of(told.context)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise LineError("not_read", str(error)) from None
    except ValueError as error:
        raise LineError("context", str(error)) from None
    if ":" not in told.action:
        raise LineError("action", told.action)
    if not bytes(told.policies):
        return _of_account(told, context, account)
    try:
        principal = principal_of(told.principal_arn or "arn:aws:iam::111122223333:user/somebody")
    except ValueError:
        raise LineError("principal", told.principal_arn) from None
    request = Request(
        principal=principal,
        action=told.action,
        resource=told.resource,
        context=context,
        resource_account=told.resource_account,
        is_management_account=told.is_management_account,
        is_service_linked=told.is_service_linked,
    )
    policies = policies_of(bytes(told.policies))
    if policies.resource is None and is_gated(told.action, told.resource):
        # There always is a key policy, or a trust policy, and it was not told.
        policies = replace(policies, unread=frozenset({PolicyKind.RESOURCE}))
    return ask(request, policies)


def _of_account(told: BatchLine, context: Context, account: IamAccount | None) -> Answer:
    if account is None:
        raise LineError("no_policies")
    found = account.find(told.principal or told.principal_arn)
    if len(found) != 1:
        raise LineError("no_such_principal", told.principal or told.principal_arn)
    asked = Asked(action=told.action, resource=told.resource, context=context, resource_account=told.resource_account)
    return can(account, found[0], asked)


@lru_cache(maxsize=4096)
def policies_of(text: bytes) -> Policies:
    """The policies of a line; the same text is understood once. Raises LineError."""
    try:
        told = _POLICIES.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
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
        raise LineError("document", f"{where}: {error}") from None


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
    else:
        told["because"] = "not_read" if reason.is_unread else "nothing_allows"
    if not reason.certain:
        told |= {"certain": False, "unknown_keys": list(reason.keys)}
    return told
