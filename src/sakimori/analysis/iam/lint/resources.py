"""Resources: ARNs of no possible form, and those that no action of their statement is ever asked on.

Source: IAM User Guide, "IAM JSON policy elements: Resource" and "Identify AWS resources with Amazon Resource Names (ARNs)";
Service Authorization Reference (the forms of ARNs by action).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sakimori.analysis.iam.action_table import Action
from sakimori.analysis.iam.lint.finding import Checked, Found
from sakimori.analysis.iam.lint.lookalikes import shown
from sakimori.analysis.iam.lint.patterns import can_fit
from sakimori.analysis.iam.lint.statement import LintKind, LintPolicy, LintStatement, Word, has_wildcard, is_star
from sakimori.analysis.iam.lint.table import arn_formats, is_exact, knows_all_resources, named_actions

_PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")
_PARTS: Final = 6
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}?")
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")
_SERVICE: Final = re.compile(r"[a-z0-9-]+\Z")
_LATIN: Final = 0xFF
_BUCKET: Final = "arn:${Partition}:s3:::${BucketName}"
_OBJECT: Final = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
_MOST_COMPARED: Final = 20_000
"""Pairs of a resource and a form of ARN looked at in one statement."""


def check_resources(policy: LintPolicy) -> Checked:
    """Of each ARN by itself, and of each statement's together with its actions."""
    for statement in policy.statements:
        broken = set[Word]()
        for word in statement.resources:
            for found in _form(word):
                broken.add(word)
                yield found
        if policy.kind is not LintKind.TRUST and not statement.is_not_resource:
            yield from _matching(policy, statement, [each for each in statement.resources if each not in broken])


def _form(word: Word) -> Checked:
    """What IAM itself refuses or never matches; a variable may stand for anything."""
    text = _VARIABLE.sub("*", word.text)
    if not text or is_star(text):
        return
    if any(ord(sign) > _LATIN for sign in text):
        yield Found("bad-character", word.path, {"given": shown(word.text)})
        return
    parts = text.split(":", _PARTS - 1)
    why = "" if text.startswith("*") else _fault(parts)
    if why:
        yield Found("bad-arn", word.path, {"resource": word.text, "part": why})


def _fault(parts: Sequence[str]) -> str:
    """The part of an ARN that is wrong, "" if none is. A star at the end of a part may stand for the parts that follow."""
    named = dict(zip(("arn", "partition", "service", "region", "account"), parts, strict=False))
    is_open = parts[-1].endswith("*")
    account, service = named.get("account", ""), named.get("service", "")
    partition = named.get("partition", "*")
    faults = {
        "arn": named["arn"] != "arn",
        "form": len(parts) < _PARTS and not is_open,
        "partition": not has_wildcard(partition) and partition not in _PARTITIONS,
        "service": len(parts) > 3 and not _SERVICE.match(service),  # noqa: PLR2004 - its place
        "account": bool(account) and not has_wildcard(account) and account != "aws" and not _ACCOUNT.match(account),
    }
    return next((name for name, is_wrong in faults.items() if is_wrong), "")


def _matching(policy: LintPolicy, statement: LintStatement, resources: Sequence[Word]) -> Checked:
    """An action that is asked on nothing the statement names, and a resource that none of its actions is asked on."""
    if len(resources) * len(statement.actions) <= _MOST_COMPARED:
        yield from _useless_actions(policy, statement, resources)
    actions = named_actions(policy.table, statement)
    if actions is None or not all(knows_all_resources(policy.table, each) for each in actions):
        return
    forms = frozenset[str]().union(*(arn_formats(policy.table, each) for each in actions))
    if len(resources) * max(1, len(forms)) > _MOST_COMPARED:
        yield Found("not-checked", statement.path, {"what": "resource"})
        return
    specific = [each for each in resources if not is_star(each.text)]
    useless = [each for each in specific if not any(can_fit(each.text, form) for form in forms)]
    told = {word.text for word in useless}
    for word in useless:
        # Where the only action takes no such resource, the action's own finding says it.
        if len(told) < len(resources) or len(actions) > 1:
            yield _of_resource(policy, word, actions)


def _useless_actions(policy: LintPolicy, statement: LintStatement, resources: Sequence[Word]) -> Checked:
    if any(is_star(each.text) for each in resources) or not resources:
        return
    for word in statement.actions:
        action = policy.table.find(word.text) if is_exact(word.text) else None
        if action is None or not knows_all_resources(policy.table, action):
            continue
        forms = arn_formats(policy.table, action)
        if not any(can_fit(each.text, form) for each in resources for form in forms):
            found = _of_action(word, action, forms, resources)
            yield replace(found, values={**found.values, "as_of": policy.table.as_of})


def _of_action(word: Word, action: Action, forms: frozenset[str], resources: Sequence[Word]) -> Found:
    bucket = next((each.text for each in resources if can_fit(each.text, _BUCKET)), None)
    objects = next((each.text for each in resources if can_fit(each.text, _OBJECT)), None)
    if action.service == "s3" and _OBJECT in forms and bucket:
        return Found("s3-object-action-on-bucket", word.path, {"action": word.text, "instead": f"{bucket}/*"})
    if action.service == "s3" and _BUCKET in forms and objects:
        return Found("s3-bucket-action-on-objects", word.path, {"action": word.text, "instead": objects.split("/")[0]})
    return Found("action-matches-no-resource", word.path, {"action": word.text, "instead": _told(forms)})


def _of_resource(policy: LintPolicy, word: Word, actions: Sequence[Action]) -> Found:
    names = [f"{each.service}:{each.name}" for each in actions[:3]]
    return Found(
        "resource-matches-no-action", word.path, {"resource": word.text, "actions": names, "as_of": policy.table.as_of}
    )


def _told(forms: frozenset[str]) -> str:
    return ", ".join(sorted(forms)[:3]) if forms else "*"
