"""One harmless question with a pair that has leaked: who is this? It needs no permission, and changes nothing.

Source: AWS STS API reference, GetCallerIdentity: "No permissions are required to perform this operation".
"""

from dataclasses import dataclass, field

from botocore.config import Config
from botocore.session import Session

from sakimori.aws.classify import FAILURES, refusal_of
from sakimori.aws.data_files import data_loader
from sakimori.aws.partitions import partition_of_region
from sakimori.aws.settings import DoorSettings
from sakimori.aws.transport import Transport, ca_bundle_of
from sakimori.model.words import GapKind

OPERATION = "sts:GetCallerIdentity"
_INVALID = frozenset(
    {"InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidAccessKeyId", "ExpiredToken", "ExpiredTokenException"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakedPair:
    """A key id and its secret; the secret is in no repr."""

    key_id: str
    secret: str = field(repr=False)


def who_is(pair: LeakedPair, *, region: str = "", settings: DoorSettings | None = None) -> str | None:
    """The ARN that works with this pair; None where AWS does not accept it. Refusal where AWS did not say."""
    limits = settings or DoorSettings()
    session = Session()
    session.register_component("data_loader", data_loader())
    session.set_credentials(pair.key_id, pair.secret)
    transport = Transport(ca_bundle=ca_bundle_of(session.get_config_variable("ca_bundle")), settings=limits)
    try:
        session.register("before-send", transport.send)
        client = session.create_client(
            "sts", region_name=region or partition_of_region("").global_region, endpoint_url=limits.endpoint_url or None,
            config=Config(connect_timeout=limits.connect_timeout_seconds, read_timeout=limits.read_timeout_seconds,
                          retries={"mode": "standard", "total_max_attempts": 2}),
        )  # fmt: skip
        return str(client.get_caller_identity()["Arn"])
    except FAILURES as error:
        refusal = refusal_of(OPERATION, error)
        if refusal.code in _INVALID and refusal.kind is GapKind.CREDENTIALS:
            return None
        raise refusal from error
    finally:
        transport.close()
