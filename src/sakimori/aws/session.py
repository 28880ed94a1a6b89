"""Finding credentials: the standard AWS chain, then a role if one is named."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from botocore import exceptions
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.session import Session

from sakimori.aws.access_errors import access_error
from sakimori.aws.classify import FAILURES
from sakimori.aws.data_files import data_loader
from sakimori.aws.open_session import OpenSession
from sakimori.aws.partitions import partition_of_region, partitions
from sakimori.aws.settings import DoorSettings
from sakimori.aws.transport import Transport, ca_bundle_of
from sakimori.model.arn import Arn
from sakimori.model.errors import AccessError, UsageError

AskToken = Callable[[str], str]
"""Asks the person for the six digits of the MFA device with this serial number or ARN."""

_PROMPT: Final = ("Enter MFA code for ", ": ")
_ROLE_PROVIDER: Final = "assume-role"
_STS_TRIES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role to take on. `session_name` is what the account's CloudTrail shows of us."""

    arn: str
    external_id: str = ""
    mfa_serial: str = ""
    session_name: str = "sakimori"
    duration_seconds: int = 3600


def open_session(
    *,
    profile: str = "",
    region: str = "",
    settings: DoorSettings | None = None,
    ask_token: AskToken | None = None,
    environment: Mapping[str, str] = os.environ,
) -> OpenSession:
    """The session of `profile`, or of what the environment, the files, SSO or the machine's role give.

    Everything is fetched now, so that what is wrong shows now: AccessError names the next
    command. A profile's own role and MFA device work as in the AWS CLI; without
    `ask_token` a needed MFA code is an AccessError. Credentials that expire are renewed
    while a run goes on.
    """
    limits = settings or DoorSettings()
    session = Session(profile=profile or None)
    session.register_component("data_loader", data_loader())
    try:
        found_region = region or session.get_config_variable("region") or environment.get("AWS_REGION", "")
        session.set_config_variable("region", found_region or partition_of_region("").global_region)
        transport = Transport(ca_bundle=ca_bundle_of(session.get_config_variable("ca_bundle")), settings=limits)
        session.register("before-send", transport.send)
        _ask_with(session, ask_token)
        credentials = session.get_credentials()
        if credentials is not None:
            credentials.get_frozen_credentials()
        name = session.profile or ""
    except FAILURES as error:
        wanted = profile or environment.get("AWS_PROFILE", "")
        raise access_error(error, profile=wanted, known_profiles=_profiles(session)) from error
    if credentials is None:
        raise AccessError("aws.no_credentials", profile=name or "default")
    return OpenSession(
        create_client=session.create_client, credentials=session.get_credentials, region=found_region,
        profile=name, transport=transport, botocore=session,
    )  # fmt: skip


def assume_role(
    base: OpenSession, role: Role, *, settings: DoorSettings | None = None, ask_token: AskToken | None = None
) -> OpenSession:
    """A session with the role's credentials, fetched with those of `base` and renewed while a run goes on.

    Taken from one `base`, the roles of many accounts share its connections and ask once
    for what `base` needed. AccessError if AWS does not let `base` take on the role.
    """
    partition = _partition_of_role(role.arn)
    region = base.region if partition_of_region(base.region).id == partition else ""
    limits = settings or DoorSettings()
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=partial(
            base.create_client,
            region_name=region or partitions()[partition].global_region,
            endpoint_url=limits.endpoint_url or None,
            config=Config(
                connect_timeout=limits.connect_timeout_seconds,
                read_timeout=limits.read_timeout_seconds,
                retries={"mode": "standard", "total_max_attempts": _STS_TRIES},
            ),
        ),
        source_credentials=base.credentials(),
        role_arn=role.arn,
        extra_args=_arguments(role),
        mfa_prompter=_prompter(ask_token),
    )
    credentials = DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method=_ROLE_PROVIDER)
    session = Session()
    session.register_component("data_loader", data_loader())
    session.register_component("credential_provider", CredentialResolver(providers=[_Given(credentials)]))
    if base.transport is not None:
        session.register("before-send", base.transport.send)
    try:
        credentials.get_frozen_credentials()
    except FAILURES as error:
        raise access_error(error, profile=base.profile, role=role.arn) from error
    return OpenSession(
        create_client=session.create_client, credentials=lambda: credentials, region=region,
        profile=base.profile, transport=base.transport, botocore=session if base.transport else None,
    )  # fmt: skip


class _Given(CredentialProvider):
    """A chain of one: the role's credentials."""

    METHOD = "sakimori-role"

    def __init__(self, credentials: DeferredRefreshableCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Any:
        return self._credentials


def _arguments(role: Role) -> dict[str, Any]:
    arguments: dict[str, Any] = {"RoleSessionName": role.session_name, "DurationSeconds": role.duration_seconds}
    if role.external_id:
        arguments["ExternalId"] = role.external_id
    if role.mfa_serial:
        arguments["SerialNumber"] = role.mfa_serial
    return arguments


def _partition_of_role(arn: str) -> str:
    try:
        parsed = Arn.parse(arn)
    except ValueError as error:
        raise UsageError("aws.not_a_role", role=arn) from error
    if parsed.service != "iam" or not parsed.resource.startswith("role/") or parsed.partition not in partitions():
        raise UsageError("aws.not_a_role", role=arn)
    return parsed.partition


def _ask_with(session: Session, ask_token: AskToken | None) -> None:
    """Makes the profile's own MFA question ours: botocore would ask in English on the terminal."""
    provider = session.get_component("credential_provider").get_provider(_ROLE_PROVIDER)
    provider._prompter = _prompter(ask_token)  # noqa: SLF001 - botocore has no public way; a test holds it


def _prompter(ask_token: AskToken | None) -> Callable[[str], str]:
    def ask(prompt: str) -> str:
        serial = prompt.removeprefix(_PROMPT[0]).removesuffix(_PROMPT[1])
        if ask_token is None:
            raise AccessError("aws.mfa_needed", serial=serial)
        return ask_token(serial).strip()

    return ask


def _profiles(session: Session) -> tuple[str, ...]:
    try:
        return tuple(sorted(session.available_profiles))
    except exceptions.BotoCoreError:
        return ()
