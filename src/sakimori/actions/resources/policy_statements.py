"""Statements of a resource's policy: those that a fix is about, and the rest, which is others' and stays.

A policy that somebody changed after the fix is not put back whole: only what the fix is about goes and comes back.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from sakimori.aws.refusal import Refusal
from sakimori.collect.policy_document import NotUnderstoodError, Statement, statements_of
from sakimori.model.words import GapKind

Policy = Mapping[str, Any]
"""A policy document as it stands in JSON."""
Concern = Callable[[Statement], bool]
"""Whether a fix is about a statement."""
_NEW: Final[Policy] = {"Version": "2012-10-17"}
_LISTED: Final = ("Action", "NotAction", "Resource", "NotResource")


def policy_in(text: str, call: str) -> Policy:
    """The document in a text; Refusal where it is none that we understand: then it is not touched."""
    try:
        found = json.loads(text)
        statements_of(found)
    except (ValueError, RecursionError, NotUnderstoodError) as error:
        raise Refusal(call=call, kind=GapKind.MALFORMED, code="PolicyNotUnderstood", message=str(error)) from error
    return cast("Policy", found)


def normal_policy(policy: Policy) -> Policy:
    """The document with every list sorted and what stands alone as a list of one: AWS gives them in any order."""
    return {**policy, "Statement": [_normal_statement(each) for each in all_statements(policy)]}


def policy_text(policy: Policy) -> str:
    """The document as it is sent."""
    return json.dumps(policy, separators=(",", ":"), ensure_ascii=False)


def chosen(policy: Policy | None, concern: Concern, *, others: bool = False) -> list[Policy]:
    """The statements that the fix is about, or all others, in their order."""
    return [each for each in all_statements(policy) if concern(statements_of({"Statement": [each]})[0]) is not others]


def with_statements(policy: Policy | None, kept: Sequence[Policy]) -> Policy | None:
    """The same document with these statements alone; None without any."""
    return {**(policy or _NEW), "Statement": list(kept)} if kept else None


def brought(now: Policy | None, target: Policy | None, concern: Concern) -> tuple[bool, Policy | None]:
    """Whether anything is to do about `now`, and the policy to put, None for no policy at all.

    It is `target` itself where nobody changed the rest; else the statements of the fix move within what is there now.
    """
    there, wanted = chosen(now, concern), chosen(target, concern)
    if sorted(map(policy_text, there)) == sorted(map(policy_text, wanted)):
        return False, now
    rest = chosen(now, concern, others=True)
    if rest == chosen(target, concern, others=True):
        return True, target
    return True, with_statements(now, [*rest, *wanted])


def all_statements(policy: Policy | None) -> list[Policy]:
    """Its statements; AWS takes a single one without a list."""
    found = (policy or {}).get("Statement", [])
    return [*cast("list[Policy]", found)] if isinstance(found, list) else [found]


def tls_only(sid: str, bucket_arn: str) -> Policy:
    """The statement of a bucket's policy that refuses requests without TLS."""
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _normal_statement(statement: Policy) -> Policy:
    found: dict[str, Any] = {key: _sorted(value) if key in _LISTED else value for key, value in statement.items()}
    for key in ("Principal", "NotPrincipal"):
        if isinstance(found.get(key), dict):
            found[key] = {kind: _sorted(names) for kind, names in found[key].items()}
    if isinstance(found.get("Condition"), dict):
        found["Condition"] = {
            operator: {key: _sorted(values) for key, values in keys.items()}
            for operator, keys in found["Condition"].items()
        }
    return found


def _sorted(value: Any) -> list[str]:
    """IAM takes true and "true" alike, and AWS gives the text."""
    values: list[Any] = value if isinstance(value, list) else [value]
    return sorted(json.dumps(each) if isinstance(each, bool | int) else str(each) for each in values)
