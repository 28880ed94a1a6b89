"""Policies that somebody gives in files beside what was read: SCPs and RCPs by level, and policies of resources by ARN."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeGuard

from sakimori.analysis.iam.policy import FULL_ACCESS, Policy, policy_of
from sakimori.app.given_file import read_regular, text_of
from sakimori.collect.policy_document import NotUnderstoodError, members_once
from sakimori.model.arn import Arn
from sakimori.model.errors import UsageError

_MOST_BYTES: Final = 256 * 1024 * 1024
_MOST_LEVEL_BYTES: Final = 16 * 1024 * 1024

Members = Callable[[list[tuple[str, Any]]], dict[str, Any]]


def read_json(path: Path, most: int = _MOST_BYTES, members: Members | None = None) -> Any:
    """A file of JSON, bounded; UsageError with the line where it is none."""
    words = text_of(read_regular(path, most), path)
    try:
        return json.loads(words, object_pairs_hook=members)
    except json.JSONDecodeError as error:
        raise UsageError("iam.file_no_json", path=path, line=error.lineno, column=error.colno) from None
    except NotUnderstoodError as error:
        raise UsageError("iam.file_no_policy", path=path, reason=error.told) from None
    except (RecursionError, ValueError):
        raise UsageError("iam.file_no_json", path=path, line=1, column=1) from None


def read_levels(files: Sequence[Path]) -> tuple[tuple[tuple[Policy, ...], ...], bool]:
    """Documents of one level, or of a file that holds lists of lists the levels as they are; whether full access was added.

    AWS attaches FullAWSAccess to every level, so that a file with denials alone means that denials are what was added.
    """
    levels, together = list[tuple[Policy, ...]](), list[Policy]()
    for path in files:
        told = read_json(path, _MOST_LEVEL_BYTES, members_once)
        if told == [] or (isinstance(told, list) and [] in told):
            # Something is attached to every level of an organisation, so that an empty one is a mistake.
            raise UsageError("iam.file_no_guards", path=path)
        try:
            if isinstance(told, list) and all(isinstance(each, list) for each in told):
                levels.extend(tuple(policy_of(path.name, one) for one in each) for each in told)
            else:
                together.extend(policy_of(path.name, each) for each in (told if isinstance(told, list) else [told]))
        except NotUnderstoodError as error:
            raise UsageError("iam.file_no_policy", path=path, reason=error.told) from None
    if not together:
        return tuple(levels), False
    is_bare = not any(policy.allows for policy in together)
    full = (policy_of("FullAWSAccess", FULL_ACCESS),) if is_bare else ()
    return (*levels, (*full, *together)), is_bare


def read_resource_policies(path: Path) -> tuple[Mapping[str, Policy], Sequence[str]]:
    """From {ARN: policy} or [{"resource": ARN, "policy": policy}]; and the resources whose policy was not understood.

    A policy may stand as AWS's CLI prints it (`{"Policy": "…"}`). UsageError where something else than an ARN stands for a
    resource, or one stands twice: what the other policy says would be lost.
    """
    told = read_json(path, members=members_once)
    found, bad = dict[str, Policy](), list[str]()
    for arn, document in _by_resource(told, path):
        if arn in found or arn in bad:
            raise UsageError("iam.resource_twice", path=path, resource=arn)
        try:
            found[arn] = policy_of(arn, _unwrapped(document))
        except NotUnderstoodError:
            bad.append(arn)
    if not found and not bad:
        raise UsageError("iam.file_no_resource_policies", path=path, found=_shown(told))
    return found, bad


def _by_resource(told: Any, path: Path) -> Iterator[tuple[str, Any]]:
    match told:
        case dict():
            pairs = list[tuple[Any, Any]](told.items())
        case list():
            pairs = [
                (each.get("resource"), each.get("policy")) if isinstance(each, dict) else (each, None) for each in told
            ]
        case _:
            pairs = [(told, None)]
    for arn, document in pairs:
        if not _is_arn(arn):
            raise UsageError("iam.file_no_resource_policies", path=path, found=_shown(arn))
        yield arn, document


def _is_arn(word: object) -> TypeGuard[str]:
    try:
        return isinstance(word, str) and bool(Arn.parse(word).resource)
    except ValueError:
        return False


def _unwrapped(document: Any) -> object:
    """Out of what `aws s3api get-bucket-policy`, `aws lambda get-policy` and their like print."""
    is_wrapped = isinstance(document, dict) and "Policy" in document and "Statement" not in document
    return document["Policy"] if is_wrapped else document


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:80]
