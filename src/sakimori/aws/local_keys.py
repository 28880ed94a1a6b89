"""Which access keys lie on this machine: in the environment and in the files of the AWS CLI. Ids alone, never a secret."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from botocore.exceptions import BotoCoreError
from botocore.session import Session

ENVIRONMENT: Final = ""
"""Stands for the environment among the names of profiles."""
_LONGEST_CHAIN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalKeys:
    """`by_profile` are access key ids; `sources` the profile whose credentials a profile's role is taken with."""

    by_profile: Mapping[str, str] = field(default_factory=dict[str, str])
    sources: Mapping[str, str] = field(default_factory=dict[str, str])

    def profiles_with(self, key_id: str) -> tuple[str, ...]:
        """The profiles that hold the key itself, "" for the environment."""
        return tuple(name for name, key in self.by_profile.items() if key == key_id)

    def behind(self, profile: str) -> frozenset[str]:
        """The keys with which a profile signs, its own and those of the profiles that its role is taken with."""
        found, name = set[str](), profile
        for _ in range(_LONGEST_CHAIN):
            if name in self.by_profile:
                found.add(self.by_profile[name])
            if name not in self.sources:
                break
            name = self.sources[name]
        return frozenset(found)


def local_keys(environment: Mapping[str, str] = os.environ) -> LocalKeys:
    """What the environment and the files hold; nothing of files that cannot be read."""
    keys, sources = dict[str, str](), dict[str, str]()
    if environment.get("AWS_ACCESS_KEY_ID"):
        keys[ENVIRONMENT] = environment["AWS_ACCESS_KEY_ID"]
    try:
        profiles = Session().full_config.get("profiles", {})
    except BotoCoreError:
        return LocalKeys(by_profile=keys)
    for name, told in profiles.items():
        if told.get("aws_access_key_id"):
            keys[name] = str(told["aws_access_key_id"])
        if told.get("source_profile"):
            sources[name] = str(told["source_profile"])
    return LocalKeys(by_profile=keys, sources=sources)
