"""What of an account may be reached from outside: each resource once, by all that lets others in: policy, grants, ACL, sharing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from sakimori.analysis.iam.access_points import AccessPoint
from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.answer import Decision, Policies, PolicyKind
from sakimori.analysis.iam.ask import ask
from sakimori.analysis.iam.context import context_of
from sakimori.analysis.iam.external import Around, ExternalAccess, Verdict, external_access
from sakimori.analysis.iam.openings import ANYONE, NO_OPENINGS, Acl, Openings, Share
from sakimori.analysis.iam.policy import FULL_ACCESS, Policy, policy_of
from sakimori.analysis.iam.principal import principal_of
from sakimori.analysis.iam.request import Request
from sakimori.analysis.iam.smt.actions import service_of
from sakimori.analysis.iam.smt.names import names_of
from sakimori.analysis.iam.smt.search import Witness
from sakimori.collect.policy_document import Document
from sakimori.texts.sentences import say_both

_AROUND: Final = Around()
_RULER: Final = policy_of("*", FULL_ACCESS)
_GROUPS: Final = "http://acs.amazonaws.com/groups/"
_LOG_DELIVERY: Final = f"{_GROUPS}s3/LogDelivery"
# What a permission of a bucket's ACL allows, and whether to the bucket or to its objects.
# Source: S3 User Guide, "Access control list (ACL) overview", mapping of ACL permissions and access policy permissions.
_BY_ACL: Final = {
    "READ": ("s3:ListBucket", ""),
    "WRITE": ("s3:PutObject", "/*"),
    "READ_ACP": ("s3:GetBucketAcl", ""),
    "WRITE_ACP": ("s3:PutBucketAcl", ""),
    "FULL_CONTROL": ("s3:ListBucket", ""),
}
_WORST_FIRST: Final = (Verdict.PUBLIC, Verdict.UNKNOWN, Verdict.CROSS_ACCOUNT, Verdict.CLOSED)


def all_external(
    account: IamAccount, around: Around = _AROUND, openings: Openings = NO_OPENINGS
) -> Iterator[ExternalAccess]:
    """Each resource that has a policy, an ACL or could be shared, each role by its trust, and what could not be read."""
    around = _around(account, around, openings)
    acls = {each.bucket: each for each in openings.acls}
    shares = {each.resource: each for each in openings.shares}
    for arn in sorted({*account.resource_policies, *acls}):
        found = _Resource(account, around, openings, acls.get(arn)).access(arn)
        # AWS RAM also shares what has a policy of its own.
        yield together([found, share_access(shares.pop(arn))]) if arn in shares else found
    for _, share in sorted(shares.items()):
        yield share_access(share)
    yield from (_role_access(account, role, around) for role in account.roles)
    yield from _unread(account, openings)


def count_of(account: IamAccount, openings: Openings = NO_OPENINGS) -> int:
    """How many `all_external` gives."""
    shared, acls = {each.resource for each in openings.shares}, {each.bucket for each in openings.acls}
    unread = sum(1 for _ in _unread(account, openings))
    return len({*account.resource_policies, *acls, *shared}) + len(account.roles) + unread


def share_access(share: Share) -> ExternalAccess:
    """By its list of those with whom it is shared."""
    if share.grantees is None:
        return _unknown(share.resource, "unread_share")
    if not share.grantees:
        return ExternalAccess(
            resource=share.resource, verdict=Verdict.CLOSED, why=(say_both("iam_external.closed_share"),)
        )
    why = [say_both("iam_external.encrypted")] if share.is_encrypted else []
    if ANYONE in share.grantees:
        stranger = f"arn:aws:iam::{names_of([]).stranger}:root"
        return ExternalAccess(
            resource=share.resource,
            verdict=Verdict.PUBLIC,
            principals=(ANYONE,),
            witness=Witness(principal=stranger, action=share.action, resource=share.resource, context={}),
            why=(say_both("iam_external.shared_public", action=share.action), *why),
        )
    accounts = [each for each in share.grantees if each.isdecimal()]
    if not share.action:
        return _shared_by_ram(share)
    # Of an organization's accounts none is known by its number.
    witness = _shared_with(share, accounts[0]) if accounts else None
    names = ", ".join(share.grantees[:10])
    told = say_both("iam_external.shared", names=names, count=len(share.grantees), action=share.action)
    return ExternalAccess(
        resource=share.resource,
        verdict=Verdict.CROSS_ACCOUNT,
        principals=share.grantees,
        witness=witness,
        why=(told, *why),
    )


def _shared_by_ram(share: Share) -> ExternalAccess:
    """What they then may do stands in a permission of AWS RAM, which is not read: no request is shown."""
    grantees = share.grantees or ()
    told = say_both(
        "iam_external.shared_by_ram",
        shares=", ".join(share.names[:10]),
        names=", ".join(grantees[:10]),
        count=len(grantees),
    )
    return ExternalAccess(resource=share.resource, verdict=Verdict.CROSS_ACCOUNT, principals=grantees, why=(told,))


def _shared_with(share: Share, account: str) -> Witness:
    return Witness(principal=f"arn:aws:iam::{account}:root", action=share.action, resource=share.resource, context={})


def together(found: Sequence[ExternalAccess]) -> ExternalAccess:
    """One resource, let in by several things: the worst verdict, with the reasons of all that are not closed."""
    worst = min(found, key=lambda each: _WORST_FIRST.index(each.verdict))
    telling = [each for each in found if each.verdict is not Verdict.CLOSED] or list(found)
    principals = {name for each in found for name in each.principals}
    witness = worst.witness or next((each.witness for each in found if each.witness), None)
    return ExternalAccess(
        resource=worst.resource,
        verdict=worst.verdict,
        principals=(ANYONE,) if worst.verdict is Verdict.PUBLIC else tuple(sorted(principals)),
        witness=witness,
        why=tuple(dict.fromkeys(why for each in telling for why in each.why)),
    )


def _with_doubt(found: ExternalAccess, why: str, *, may_be_public: bool) -> ExternalAccess:
    """The same beside something that nobody could read: a verdict stands that it could not make worse."""
    stands = found.verdict in ({Verdict.PUBLIC} if may_be_public else {Verdict.PUBLIC, Verdict.CROSS_ACCOUNT})
    reasons = found.why if found.verdict is not Verdict.CLOSED else ()
    verdict = found.verdict if stands else Verdict.UNKNOWN
    return replace(found, verdict=verdict, why=(*reasons, say_both(f"iam_external.{why}")))


def _around(account: IamAccount, around: Around, openings: Openings) -> Around:
    buckets = {each for each in account.resource_policies if service_of(each) == "s3" and "/" not in each}
    return replace(
        around,
        rcp=around.rcp or account.rcp,
        is_rcp_unread=around.is_rcp_unread or PolicyKind.RCP in account.unread_kinds,
        restricted=around.restricted | openings.restricted,
        owned=around.owned | buckets | account.buckets,
    )


def _role_access(account: IamAccount, role: Identity, around: Around) -> ExternalAccess:
    if role.trust is None:
        return _unknown(role.arn, "unread")
    # RCPs do not reach service-linked roles.
    return external_access(
        role.trust, role.arn, account.account, replace(around, rcp=None) if role.is_service_linked else around
    )


def _unread(account: IamAccount, openings: Openings) -> Iterator[ExternalAccess]:
    """Single resources whose policy could not be read, and whole services of Regions."""
    for arn in sorted(account.unread_resources):
        if arn.count(":") >= 5 and arn not in account.resource_policies:  # noqa: PLR2004 - an ARN
            yield _unknown(arn, "unread")
    for service, regions in openings.unread.items():
        where = f"arn:{account.partition}:{service}:*:{account.account}:*"
        named = ", ".join(each for each in regions if each) or "-"
        why = say_both("iam_external.unread_place", service=service, regions=named)
        yield ExternalAccess(resource=where, verdict=Verdict.UNKNOWN, why=(why,))


def _unknown(resource: str, why: str) -> ExternalAccess:
    return ExternalAccess(resource=resource, verdict=Verdict.UNKNOWN, why=(say_both(f"iam_external.{why}"),))


class _Resource:
    """One resource with all that bears on it."""

    def __init__(self, account: IamAccount, around: Around, openings: Openings, acl: Acl | None) -> None:
        self.account, self.around, self.openings, self.acl = account, around, openings, acl

    def access(self, arn: str) -> ExternalAccess:
        policy, found = self.account.resource_policies.get(arn), list[ExternalAccess]()
        if policy is not None:
            found.append(self._by_policy(arn, policy))
        elif arn in self.account.unread_resources:
            found.append(_unknown(arn, "unread"))
        if self.acl is not None:
            found.append(self._by_acl(self.acl, policy))
        whole = together(found)
        if self.acl is not None and self.acl.is_disabled is False:
            # Objects can have ACLs of their own, of which nobody can list those that do.
            whole = _with_doubt(whole, "acl_objects", may_be_public=self.acl.ignores_public is not True)
        if policy is not None and service_of(arn) == "kms" and self._may_have_grants(arn):
            return _with_doubt(whole, "grants_unread", may_be_public=False)
        return whole

    def _may_have_grants(self, key: str) -> bool:
        # Where nothing was read, of a file, that is no news of this key.
        return bool(self.account.read_places) and key not in self.account.keys_with_grants

    def _by_policy(self, arn: str, policy: Policy) -> ExternalAccess:
        is_restricted = self.around.restricts_public or arn in self.around.restricted
        found = external_access(policy, arn, self.account.account, replace(self.around, restricts_public=is_restricted))
        point = self.openings.access_points.get(arn)
        return found if point is None or found.verdict is Verdict.CLOSED else self._behind(found, arn, point)

    # -- the bucket behind an access point ----------------------------------------------------

    def _behind(self, found: ExternalAccess, arn: str, point: AccessPoint) -> ExternalAccess:
        """What the access point lets in, its bucket must let in too."""
        if point.bucket_account not in {"", self.account.account}:
            return replace(found, verdict=Verdict.UNKNOWN, why=(*found.why, say_both("iam_external.behind_elsewhere")))
        policy = self.account.resource_policies.get(point.bucket)
        if policy is None and not self._is_bucket_unread(point.bucket):
            why = say_both("iam_external.behind_closed", bucket=point.bucket)
            return ExternalAccess(resource=arn, verdict=Verdict.CLOSED, why=(why,))
        is_let = policy is not None and found.witness is not None and self._lets(policy, point, found.witness, arn)
        if not is_let:
            why = (*found.why, say_both("iam_external.behind_unsure", bucket=point.bucket))
            return replace(found, verdict=Verdict.UNKNOWN, why=why)
        if point.is_from_internet is not True:
            return replace(found, verdict=Verdict.UNKNOWN, why=(*found.why, say_both("iam_external.behind_vpc")))
        return replace(found, why=(*found.why, say_both("iam_external.behind_too", bucket=point.bucket)))

    def _is_bucket_unread(self, bucket: str) -> bool:
        unread = self.account.unread_resources
        return bucket in unread or "s3/" in unread or "s3/" not in self.account.read_places

    def _lets(self, policy: Policy, point: AccessPoint, witness: Witness, arn: str) -> bool:
        """Whether the bucket's policy allows the same request, which comes through the access point."""
        _, _, key = witness.resource.partition("/object/")
        told = {key: list(values) for key, values in witness.context.items()}
        through = {"s3:DataAccessPointArn": arn, "s3:DataAccessPointAccount": self.account.account}
        told = {key: value for key, value in told.items() if key.lower() not in {each.lower() for each in through}}
        request = Request(
            principal=principal_of(witness.principal),
            action=witness.action,
            resource=f"{point.bucket}/{key}" if key else point.bucket,
            context=context_of({**told, **through}),
            resource_account=self.account.account,
        )
        return ask(request, Policies(identity=(_RULER,), resource=policy)).decision is Decision.ALLOWED

    # -- ACLs -------------------------------------------------------------------------------------

    def _by_acl(self, acl: Acl, policy: Policy | None) -> ExternalAccess:
        if acl.is_disabled:
            return ExternalAccess(
                resource=acl.bucket, verdict=Verdict.CLOSED, why=(say_both("iam_external.acl_disabled"),)
            )
        if acl.is_disabled is None or acl.grants is None:
            return _unknown(acl.bucket, "acl_unread")
        nobody = ExternalAccess(resource=acl.bucket, verdict=Verdict.CLOSED, why=(say_both("iam_external.acl_nobody"),))
        return together(
            [*(self._by_grant(acl, policy, grantee, permission) for grantee, permission in acl.grants), nobody]
        )

    def _by_grant(self, acl: Acl, policy: Policy | None, grantee: str, permission: str) -> ExternalAccess:
        bucket = acl.bucket
        if grantee == _LOG_DELIVERY or permission not in _BY_ACL:
            return ExternalAccess(resource=bucket, verdict=Verdict.CLOSED, why=(say_both("iam_external.acl_nobody"),))
        action, under = _BY_ACL[permission]
        if not grantee.startswith(_GROUPS):
            return _acl_of_user(bucket, policy, grantee, action, under)
        if acl.ignores_public:
            return ExternalAccess(resource=bucket, verdict=Verdict.CLOSED, why=(say_both("iam_external.acl_ignored"),))
        found = external_access(
            _with_grant(policy, bucket, action, under),
            bucket,
            self.account.account,
            replace(self.around, restricts_public=False),
        )
        why = say_both("iam_external.acl_public", permission=permission, group=grantee.rpartition("/")[2])
        if acl.ignores_public is None:
            return replace(found, verdict=Verdict.UNKNOWN, why=(why, say_both("iam_external.acl_unread")))
        return replace(found, why=(why, *found.why)) if found.verdict is not Verdict.CLOSED else found


def _acl_of_user(bucket: str, policy: Policy | None, grantee: str, action: str, under: str) -> ExternalAccess:
    """Somebody who is known by a canonical id alone, which tells no account."""
    is_denied = policy is not None and bool(policy.denies)
    why = [say_both("iam_external.acl_user", name=grantee, action=action)]
    if is_denied:
        why.append(say_both("iam_external.acl_denials"))
    resource = f"{bucket}/example" if under else bucket
    return ExternalAccess(
        resource=bucket,
        verdict=Verdict.UNKNOWN if is_denied else Verdict.CROSS_ACCOUNT,
        principals=(grantee,),
        witness=None if is_denied else Witness(principal=grantee, action=action, resource=resource, context={}),
        why=tuple(why),
    )


def _with_grant(policy: Policy | None, bucket: str, action: str, under: str) -> Policy:
    """What the ACL allows to everyone, with what the policy denies."""
    allow = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": f"{bucket}{under}"}
    made = policy_of("ACL", {"Version": "2012-10-17", "Statement": [allow]}).document
    denies = [each.statement for each in policy.denies] if policy else []
    has_variables = policy.document.has_variables if policy else True
    return Policy(name="ACL", document=Document(statements=(*made.statements, *denies), has_variables=has_variables))
