"""The same state as code: resources of Terraform's AWS provider, version 6 or later, in which each names its Region."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_HEAD: Final = """terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}
"""
_ESCAPED: Final = re.compile(r"\\.")
_UNKNOWN: Final = {"\\b": "\\u0008", "\\f": "\\u000c"}
"""Escapes of JSON that Terraform does not know."""
_NAME: Final = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Expression:
    """Something that Terraform computes, such as `aws_s3_bucket.logs.arn`; written by us alone, never from what an account says."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource. `arguments` are texts, numbers, booleans, lists, maps and Expressions; `blocks` are (name, arguments) pairs.

    A block's arguments may hold a key `blocks` of the same form.
    """

    type: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    blocks: Sequence[tuple[str, Mapping[str, Any]]] = ()
    region: str = ""
    """ "" for services without Regions."""


def rendered(resources: Iterable[Resource]) -> str:
    """A file of Terraform's language that `terraform validate` takes."""
    parts = [_HEAD]
    for each in resources:
        arguments = ({"region": each.region} if each.region else {}) | dict(each.arguments)
        lines = [f'resource "{each.type}" "{identifier(each.name)}" {{']
        lines += _body({**arguments, "blocks": list(each.blocks)}, 1)
        parts.append("\n".join([*lines, "}"]) + "\n")
    return "\n".join(parts)


def identifier(name: str) -> str:
    """A name that Terraform takes, from any text."""
    clean = _NAME.sub("_", name)
    return clean if clean[:1].isalpha() else f"_{clean}"


def argument_name(member: str) -> str:
    """How Terraform writes the name that a member has in AWS's API: `BlockPublicAcls` is `block_public_acls`."""
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in member).lstrip("_")


def _body(arguments: Mapping[str, Any], depth: int) -> list[str]:
    indent = "  " * depth
    lines = [
        f"{indent}{identifier(key)} = {_value(value, depth)}"
        for key, value in arguments.items()
        if key != "blocks" and value is not None
    ]
    for name, inner in arguments.get("blocks", ()):
        lines += [f"{indent}{identifier(name)} {{", *_body(inner, depth + 1), f"{indent}}}"]
    return lines


def _value(value: Any, depth: int) -> str:
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, Mapping):
        inner = "  " * (depth + 1)
        pairs: Mapping[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        rows = [f"{inner}{_text(str(key))} = {_value(each, depth + 1)}" for key, each in pairs.items()]
        return "\n".join(["{", *rows, "  " * depth + "}"]) if rows else "{}"
    if isinstance(value, list | tuple):
        items: Sequence[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return "[" + ", ".join(_value(each, depth) for each in items) + "]"
    if isinstance(value, str):
        return _text(value)
    return json.dumps(value)


def _text(value: str) -> str:
    """A quoted text in which nothing is computed."""
    quoted = _ESCAPED.sub(lambda found: _UNKNOWN.get(found[0], found[0]), json.dumps(value, ensure_ascii=False))
    return quoted.replace("${", "$${").replace("%{", "%%{")
