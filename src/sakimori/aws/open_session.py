"""Credentials that were found, and what to make clients with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from botocore.client import BaseClient
from botocore.session import Session

from sakimori.aws.transport import Transport

if TYPE_CHECKING:
    # boto3 itself is only what a caller may hand in: our own sessions are botocore's.
    import boto3


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session of boto3 or botocore, seen alike.

    `create_client` takes a service and boto3's keywords; `credentials` gives botocore's
    Credentials or None. `region` is the configured one, or "". `profile` is its name, or "".
    """

    create_client: Callable[..., BaseClient]
    credentials: Callable[[], Any]
    region: str = ""
    profile: str = ""
    transport: Transport | None = None
    botocore: Session | None = None
    """A session of our own, in which everything is as botocore has it; None for one that was handed in."""

    @classmethod
    def of_boto3(cls, session: "boto3.Session") -> Self:
        """A session of the caller's own: used as it is, nothing in it is changed."""
        return cls(
            create_client=session.client,
            credentials=session.get_credentials,
            region=session.region_name or "",
            profile=session.profile_name or "",
        )
