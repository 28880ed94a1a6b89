"""R33: where the secret of a new key goes, and nowhere else: Secrets Manager, the Parameter Store, or one private file.

In the two services it is JSON as the AWS CLI and the SDKs take it from a `credential_process`; in a file the profile `default`.
Sources: AWS CLI User Guide, "Sourcing credentials with an external process"; AWS SDKs and Tools Reference Guide, "Shared config
and credentials files"; botocore's models of secretsmanager (CreateSecret, PutSecretValue) and ssm (PutParameter).
"""

import json
import os
import re
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from sakimori.actions.respond.replace import replacement_parameter, replacement_secret
from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.model.errors import ActionError, UsageError
from sakimori.texts.language import clean

_SECRET: Final = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}\Z")
_PARAMETER: Final = re.compile(r"(/[A-Za-z0-9_.-]+){1,15}\Z|[A-Za-z0-9_.-]+\Z")
"""A name, or a path: one level with its slash is a whole name too. Source: Systems Manager User Guide, "Understanding parameter name
requirements and constraints"."""
_MOST_NAME: Final = 1_000
_PRIVATE: Final = 0o600
_LONGEST_READ: Final = 4_096
_DESCRIPTION: Final = "Access key of {user}, made for {case}"


class Target(StrEnum):
    """The kinds of destinations, as they are typed before the colon."""

    SECRET = "secretsmanager"  # noqa: S105 - the name of a service
    PARAMETER = "ssm"
    FILE = "file"


@dataclass(frozen=True, slots=True, repr=False)
class NewKey:
    """An access key in the moment in which its secret is known. It is never shown, logged or kept."""

    user: str
    id: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret."""
        return f"NewKey({self.user}, {self.id})"

    @property
    def as_json(self) -> str:
        """What a `credential_process` prints."""
        return json.dumps({"Version": 1, "AccessKeyId": self.id, "SecretAccessKey": self.secret})

    @property
    def as_profile(self) -> str:
        """The only profile of a credentials file."""
        return f"[default]\naws_access_key_id = {self.id}\naws_secret_access_key = {self.secret}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a secret goes. `region` is "" for a file, whose `name` is an absolute path."""

    target: Target
    name: str
    region: str = ""

    @property
    def text(self) -> str:
        """As it is typed."""
        return f"{self.target}:{self.name}"

    @property
    def step(self) -> Step | None:
        """The step that takes a delivery back; None for a file, which stays where it is with a key that works no longer."""
        return {
            Target.SECRET: replacement_secret.STEP,
            Target.PARAMETER: replacement_parameter.STEP,
            Target.FILE: None,
        }[self.target]

    @property
    def call(self) -> str:
        """The operation that delivers where something is there already; "" for a file."""
        return {Target.SECRET: replacement_secret.PUT, Target.PARAMETER: replacement_parameter.PUT, Target.FILE: ""}[
            self.target
        ]

    def at(self, site: Site) -> Site:
        """The place of its step in the account of `site`."""
        partition, account = site.account.partition, site.account.id
        kind = "secret:" if self.target is Target.SECRET else "parameter/"
        arn = f"arn:{partition}:{self.target}:{self.region}:{account}:{kind}{self.name.lstrip('/') if self.target is Target.PARAMETER else self.name}"  # fmt: skip
        return Site(door=site.door, region=self.region, resource=arn, wishes=site.wishes)


def parse_destination(text: str, region: str) -> Destination:
    """The destination `secretsmanager:NAME`, `ssm:NAME` or `file:PATH`; UsageError for any other text.

    `region` is where the two services are asked, "" where nobody said it.
    """
    kind, colon, name = text.partition(":")
    if not colon or kind not in set(Target):
        raise UsageError("respond_rotate.bad_to", to=clean(text))
    target = Target(kind)
    if target is Target.FILE:
        return Destination(target=target, name=str(Path(name).expanduser().absolute()))
    pattern = _SECRET if target is Target.SECRET else _PARAMETER
    if not pattern.match(name) or len(name) > _MOST_NAME:
        raise UsageError("respond_rotate.bad_name", to=clean(text))
    if not region:
        raise UsageError("respond_rotate.no_region", to=clean(text))
    return Destination(target=target, name=name, region=region)


def check_file(path: Path) -> None:
    """UsageError where the file is there already, or others may put files beside it."""
    descriptor = _opened_parent(path)
    try:
        if os.path.lexists(path):
            raise UsageError("respond_rotate.file_is_there", path=path)
    finally:
        os.close(descriptor)


def write_file(path: Path, key: NewKey) -> None:
    """Write a file that was not there and that only its owner may read; UsageError or ActionError where it cannot be."""
    parent = _opened_parent(path)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path.name, flags, _PRIVATE, dir_fd=parent)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, _PRIVATE)
            file.write(key.as_profile.encode())
            file.flush()
            os.fsync(descriptor)
        os.fsync(parent)
    except FileExistsError as error:
        raise UsageError("respond_rotate.file_is_there", path=path) from error
    except OSError as error:
        raise ActionError("respond_rotate.file_refused", path=path, reason=_reason(error)) from error
    finally:
        os.close(parent)


def drop_file(path: Path, key_ids: frozenset[str]) -> None:
    """Take away a file that holds one of these keys, which was written by a run that was stopped; any other stays."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    with os.fdopen(descriptor, "rb") as file:
        found = file.read(_LONGEST_READ).decode(errors="replace")
    # A file that was torn before a whole id stood in it is told as being there.
    if any(each in found for each in key_ids):
        path.unlink(missing_ok=True)


def deliver_to_service(destination: Destination, site: Site, key: NewKey, before: State) -> None:
    """Put the secret into its service; `before` is the state of the place. Refusal where AWS does not take it."""
    is_there = "gone" not in before
    text = _DESCRIPTION.format(user=key.user, case=site.wishes.case)
    if destination.target is Target.PARAMETER:
        named = {"Name": destination.name, "Value": key.as_json, "Type": "SecureString", "Description": text}
        site.call(replacement_parameter.PUT, **named, Overwrite=is_there)
    elif is_there or _restored(destination, site):
        site.call(replacement_secret.PUT, SecretId=destination.name, SecretString=key.as_json)
    else:
        named = {"Name": destination.name, "SecretString": key.as_json, "Description": text}
        site.call(replacement_secret.CREATE, **named)


def check_secret(destination: Destination, site: Site) -> None:
    """UsageError where the secret is about to be deleted and was not made for this case. Refusal where it cannot be read."""
    found = site.call(replacement_secret.DESCRIBE, (replacement_secret.ABSENT,), SecretId=destination.name) or {}
    if found.get("DeletedDate") and not str(found.get("Description", "")).endswith(f" {site.wishes.case}"):
        raise UsageError("respond_rotate.secret_is_going", name=destination.name)


def _restored(destination: Destination, site: Site) -> bool:
    """Whether a secret was about to be deleted, as one is that a stopped run wrote, and is there again."""
    found = site.call(replacement_secret.DESCRIBE, (replacement_secret.ABSENT,), SecretId=destination.name) or {}
    if found.get("DeletedDate"):
        site.call(replacement_secret.RESTORE, SecretId=destination.name)
    return bool(found.get("DeletedDate"))


def _opened_parent(path: Path) -> int:
    try:
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError("respond_rotate.no_directory", path=path.parent, reason=_reason(error)) from error
    if os.fstat(descriptor).st_mode & stat.S_IWOTH:
        os.close(descriptor)
        raise UsageError("respond_rotate.open_directory", path=path.parent)
    return descriptor


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
