"""Actions that are not there, and statements that allow more than anyone could mean.

Source: IAM User Guide, "IAM JSON policy elements: Action" and "… NotAction"; AWS Billing User Guide, "Mapping fine-grained IAM
actions reference" (what ended in July 2023); Service Authorization Reference (operations that another action allows).
"""

import re
from typing import Final

from sakimori.analysis.iam.lint.finding import Checked, Found
from sakimori.analysis.iam.lint.lookalikes import shown, skeleton
from sakimori.analysis.iam.lint.patterns import covers
from sakimori.analysis.iam.lint.statement import LintKind, LintPolicy, LintStatement, Word, has_wildcard, is_star
from sakimori.texts.nearest import nearest

_ACTION: Final = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9*?-]+\Z")
_GONE: Final = ("aws-portal:*", "purchase-orders:viewpurchaseorders", "purchase-orders:modifypurchaseorders")
# Operations of the API that people take for actions.
# Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations"; AWS Lambda, "Invoke".
_OPERATIONS: Final = {
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:headbucket": "s3:ListBucket",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:headobject": "s3:GetObject",
    "s3:copyobject": "s3:GetObject, s3:PutObject",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:createmultipartupload": "s3:PutObject",
    "s3:uploadpart": "s3:PutObject",
    "s3:completemultipartupload": "s3:PutObject",
    "s3:listmultipartuploads": "s3:ListBucketMultipartUploads",
    "s3:listobjectversions": "s3:ListBucketVersions",
    "s3:getbucketencryption": "s3:GetEncryptionConfiguration",
    "s3:putbucketencryption": "s3:PutEncryptionConfiguration",
    "s3:getbucketlifecycleconfiguration": "s3:GetLifecycleConfiguration",
    "s3:putbucketlifecycleconfiguration": "s3:PutLifecycleConfiguration",
    "s3:getpublicaccessblock": "s3:GetBucketPublicAccessBlock",
    "s3:putpublicaccessblock": "s3:PutBucketPublicAccessBlock",
    "lambda:invoke": "lambda:InvokeFunction",
}
_PASS_ROLE: Final = "iam:passrole"  # noqa: S105 - no password
_ALL_ROLES: Final = ("arn:aws:iam::*:role/*", "arn:aws:iam::*")


def check_actions(policy: LintPolicy) -> Checked:
    """Of each action by itself, and of what a statement allows with all of them."""
    for statement in policy.statements:
        for word in statement.actions:
            yield from _word(policy, word)
        if statement.is_allow:
            yield from _too_much(policy, statement)


def _word(policy: LintPolicy, word: Word) -> Checked:
    text = word.text
    if not text or is_star(text):
        return
    if not text.isascii():
        plain = skeleton(text)
        yield Found(
            "lookalike-characters", word.path, {"given": shown(text), "plain": plain if plain.isascii() else ""}
        )
        return
    if not _ACTION.match(text):
        yield Found("bad-action", word.path, {"action": text})
        return
    lower = text.lower()
    if any(covers(each, lower) for each in _GONE):
        yield Found("gone-action", word.path, {"action": text})
    elif lower in _OPERATIONS:
        yield Found("operation-not-action", word.path, {"action": text, "instead": _OPERATIONS[lower]})
    elif not policy.table.matching(text):
        yield from _unknown(policy, word)


def _unknown(policy: LintPolicy, word: Word) -> Checked:
    table, text = policy.table, word.text
    prefix, _, name = text.partition(":")
    as_of = table.as_of
    service = None if has_wildcard(prefix) else table.service(prefix)
    if has_wildcard(text) and (service is not None or has_wildcard(prefix)):
        yield Found("no-action-matches", word.path, {"action": text, "as_of": as_of})
    elif service is None:
        values = {"action": text, "prefix": prefix, "near": nearest(prefix.lower(), table.prefixes), "as_of": as_of}
        yield Found("unknown-service", word.path, values)
    else:
        near = nearest(name.lower(), [str(each).lower() for each in service.actions])
        known = table.find(f"{prefix}:{near}") if near else None
        told = f"{known.service}:{known.name}" if known else ""
        yield Found("unknown-action", word.path, {"action": text, "near": told, "as_of": as_of})


def _too_much(policy: LintPolicy, statement: LintStatement) -> Checked:
    if statement.is_not_action and policy.kind is not LintKind.SCP:
        yield Found("not-action-allow", statement.at("NotAction"), {"count": len(statement.actions)})
    if statement.is_not_resource:
        yield Found("not-resource-allow", statement.at("NotResource"))
    is_unbound = statement.names_all_resources and not statement.conditions
    if statement.names_all_actions and is_unbound and policy.kind in {LintKind.IDENTITY, LintKind.RESOURCE}:
        yield Found("star-on-star", statement.path)
    if policy.kind in {LintKind.IDENTITY, LintKind.SESSION}:
        yield from _pass_role(statement)


def _pass_role(statement: LintStatement) -> Checked:
    """Of `*` itself `star-on-star` speaks."""
    if statement.is_not_action or statement.is_not_resource or "iam:passedtoservice" in statement.must_have:
        return
    named = [each for each in statement.actions if not is_star(each.text) and covers(each.text.lower(), _PASS_ROLE)]
    if named and any(_is_any_role(each.text) for each in statement.resources):
        yield Found("pass-role-any", named[0].path, {"action": named[0].text})


def _is_any_role(resource: str) -> bool:
    return is_star(resource) or any(covers(resource, each) for each in _ALL_ROLES) or (
        resource.startswith("arn:") and re.fullmatch(r"arn:[^:]+:iam:[^:]*:[^:]*:(?:\*|role\*|role/\*)", resource) is not None
    )  # fmt: skip
