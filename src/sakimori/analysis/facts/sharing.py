"""Facts of whom a resource is shared with. What is taken away is not shared.

A resource's policy that lets others in shares it as well; the trust policy of a role does not (`fact.trusts_external`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from sakimori.analysis.facts.access_lists import AUTHENTICATED, grantees_in
from sakimori.analysis.facts.callers import is_service_name
from sakimori.analysis.facts.documents import granting_statements
from sakimori.analysis.facts.event_parts import (
    lowered,
    mapping_in,
    members_of,
    pairs_in,
    part,
    request,
    text_at,
    text_in,
    texts_in,
)
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.analysis.facts.reach import EVERYONE, ORGANIZATION, Own, admitted, own_of, public
from sakimori.collect.policy_reach import account_in
from sakimori.model.verdict import Text

_Asked = Mapping[str, Any]
_MOST: Final = 500
_GRANTING: Final = ("createvolumepermission", "launchpermission", "loadpermission")


def _name_of(principal: str) -> str:
    """Account id, `all`, `organization:…`; "" for AWS services and for what names no account.

    Source: AWS Organizations User Guide: the ARN of an organization ends in `/o-…`, that of a unit in `/o-…/ou-…`.
    """
    text = principal.strip()
    if text.lower() in {"*", "all"}:
        return EVERYONE
    if is_service_name(text):
        return ""
    if ":organizations::" in text:
        return _organization(text.partition("/")[2])
    if text.startswith("o-"):
        return _organization(text)
    return account_in(text)


def _organization(path: str) -> str:
    return f"{ORGANIZATION}{path}" if path.startswith("o-") else ""


def _of_attribute(asked: _Asked) -> Iterator[str]:
    """ModifySnapshotAttribute, ModifyImageAttribute, ModifyFpgaImageAttribute: what stands under `add`.

    Source: recorded events (`createVolumePermission.add.items[].userId`, `launchPermission.add.items[].group`);
    EC2 API Reference, "LaunchPermission" for organizations. No record of an FPGA image was at hand: its form is taken
    to be that of EC2's other newer operations.
    """
    for name, value in pairs_in(dict(asked)):
        if name.lower() in _GRANTING:
            for member in members_of(lowered(value).get("add"))[:_MOST]:
                given = lowered(member)
                for key in ("userid", "group", "organizationarn", "organizationalunitarn"):
                    yield text_in(given.get(key))


def _of_values(*names: str) -> Callable[[_Asked], Iterator[str]]:
    """Principals that stand in lists or texts of these names (dots lead inward)."""
    paths = tuple(tuple(name.split(".")) for name in names)

    def read(asked: _Asked) -> Iterator[str]:
        for path in paths:
            yield from texts_in(part(asked, *path))[:_MOST]

    return read


def _of_function(asked: _Asked) -> Iterator[str]:
    """AddPermission of Lambda, EventBridge's PutPermission: a principal, perhaps kept to an organization or a source.

    Source: Lambda API Reference, "AddPermission" (principalOrgID, sourceArn, sourceAccount); recorded events.
    """
    principal = text_in(asked.get("principal"))
    if principal != "*":
        yield principal
        return
    condition = lowered(asked.get("condition"))
    organization = (
        text_in(asked.get("principalOrgID")) or text_in(asked.get("organizationId")) or text_in(condition.get("value"))
    )
    source = text_in(asked.get("sourceAccount")) or account_in(text_in(asked.get("sourceArn")))
    yield organization or source or principal


def _of_permission(asked: _Asked) -> Iterator[str]:
    """AddPermission bears one name in Lambda, SNS and SQS.

    Source: recorded events: CloudTrail writes AWSAccountId(s) as `aWSAccountId(s)`.
    """
    yield from _of_function(asked)
    given = lowered(asked)
    yield from texts_in(given.get("awsaccountid"))[:_MOST]
    yield from texts_in(given.get("awsaccountids"))[:_MOST]


def _of_endpoint_service(asked: _Asked) -> Iterator[str]:
    """ModifyVpcEndpointServicePermissions, whose request EC2 writes under a name of its own.

    No record was at hand: the form is that of EC2's other newer operations.
    """
    whole = lowered(asked.get("ModifyVpcEndpointServicePermissionsRequest")) or lowered(asked)
    for member in members_of(whole.get("addallowedprincipals"))[:_MOST]:
        yield text_at(member, "content") or text_in(member)


def _of_peering(asked: _Asked) -> Iterator[str]:
    yield text_at(asked, "peerOwnerId")
    yield text_at(asked, "CreateTransitGatewayPeeringAttachmentRequest", "PeerAccountId")


def _of_lake_formation(asked: _Asked) -> Iterator[str]:
    principal = text_at(asked, "principal", "dataLakePrincipalIdentifier")
    yield "" if principal == "IAM_ALLOWED_PRINCIPALS" else principal


def _of_portfolio(asked: _Asked) -> Iterator[str]:
    yield text_at(asked, "accountId")
    node = mapping_in(asked.get("organizationNode"))
    yield text_in(node.get("value")) if node.get("type") in ("ORGANIZATION", "ACCOUNT") else ""


_READERS: Final[Mapping[str, Callable[[_Asked], Iterator[str]]]] = {
    "ModifySnapshotAttribute": _of_attribute,
    "ModifyImageAttribute": _of_attribute,
    "ModifyFpgaImageAttribute": _of_attribute,
    "ModifyDBSnapshotAttribute": _of_values("valuesToAdd"),
    "ModifyDBClusterSnapshotAttribute": _of_values("valuesToAdd"),
    "ModifyDocumentPermission": _of_values("accountIdsToAdd"),
    "ModifyVpcEndpointServicePermissions": _of_endpoint_service,
    "AddPermission": _of_permission,
    "AddPermission20150331": _of_function,
    "AddPermission20150331v2": _of_function,
    "AddLayerVersionPermission20181031": _of_function,
    "PutPermission": _of_function,
    "CreateResourceShare": _of_values("principals"),
    "AssociateResourceShare": _of_values("principals"),
    "CreateGrant": _of_values("granteePrincipal"),
    "AuthorizeSnapshotAccess": _of_values("accountWithRestoreAccess"),
    "AuthorizeEndpointAccess": _of_values("account"),
    "AuthorizeDataShare": _of_values("consumerIdentifier"),
    "UpdateImagePermissions": _of_values("sharedAccountId"),
    "UpdateWorkspaceImagePermission": _of_values("sharedAccountId"),
    "ShareDirectory": _of_values("shareTarget.id"),
    "CreatePortfolioShare": _of_portfolio,
    "CreateVpcPeeringConnection": _of_peering,
    "CreateTransitGatewayPeeringAttachment": _of_peering,
    "GrantPermissions": _of_lake_formation,
}
_BY_ACCESS_LIST: Final = frozenset(
    {
        "PutBucketAcl", "PutObjectAcl", "CreateBucket", "PutObject", "CopyObject", "CreateMultipartUpload",
        "InitiateMultipartUpload",
    }
)  # fmt: skip


def _names(event: Event, own: Own) -> Iterator[str]:
    name = text_in(event.get("eventName"))
    if read := _READERS.get(name):
        yield from map(_name_of, read(request(event)))
    if name in _BY_ACCESS_LIST:
        yield from grantees_in(request(event))
    for statement in granting_statements(event).statements:
        yield from admitted(statement, own)


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _is_untold(event: Event, own: Own) -> bool:
    """Whether a policy cannot be read, or has a condition that may or may not keep everyone out."""
    found = granting_statements(event)
    return not found.is_whole or any(public(statement, own) is None for statement in found.statements)


def _shared_with(event: Event, surroundings: Surroundings) -> tuple[str, ...] | None:
    own = own_of(event, surroundings)
    found = _in_order(_names(event, own))
    return None if not found and _is_untold(event, own) else found


def _shared_outside(event: Event, surroundings: Surroundings) -> tuple[str, ...] | None:
    own = own_of(event, surroundings)
    found = tuple(name for name in _in_order(_names(event, own)) if not own.holds(name))
    return None if not found and _is_untold(event, own) else found


def _shared_publicly(event: Event, surroundings: Surroundings) -> bool | None:
    own = own_of(event, surroundings)
    found = not {EVERYONE, AUTHENTICATED}.isdisjoint(_names(event, own))
    return None if not found and _is_untold(event, own) else found


_READS: Final = ("eventName", "eventSource", "requestParameters", "recipientAccountId", "userIdentity")

FACTS: Final = (
    Fact(
        name="fact.shared_with",
        type=FactType.TEXTS,
        sentence=Text(
            en="Whom a resource is shared with: account ids, organization:o-…, authenticated (any AWS account), all.",
            ja="リソースの共有先です（アカウント ID、organization:o-…、authenticated（任意の AWS アカウント）、all）。",
        ),
        reads=_READS,
        of=_shared_with,
    ),
    Fact(
        name="fact.shared_outside",
        type=FactType.TEXTS,
        sentence=Text(
            en="The same without one's own accounts and organizations.",
            ja="リソースの共有先のうち、自組織のアカウントと組織を除いたものです。",
        ),
        reads=_READS,
        of=_shared_outside,
    ),
    Fact(
        name="fact.shared_publicly",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="A resource is shared with everyone, or with anyone who has an AWS account.",
            ja="リソースが全員、または AWS アカウントを持つ任意の利用者に共有されます。",
        ),
        reads=_READS,
        of=_shared_publicly,
    ),
)
