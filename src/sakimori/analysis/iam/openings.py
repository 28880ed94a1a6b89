"""What lets others into an account's resources beside policies, as a snapshot holds it: sharing, ACLs, and ways behind which a bucket stands.

Sources: EC2 User Guide, "Share an Amazon EBS snapshot" and "Block public access for snapshots" (block-all-sharing makes shared ones
private); "Share an AMI"; RDS User Guide, "Sharing a DB snapshot"; AWS RAM API Reference, "ResourceShareAssociation"; S3 User Guide, "Access control list (ACL) overview" and
"Configuring IAM policies for using access points".
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

from sakimori.analysis.iam.access_points import AccessPoint, access_points_of
from sakimori.analysis.iam.read_tables import ACCESS_POINTS, OPENING_TABLES, RESOURCE_POLICIES
from sakimori.collect.catalogue import collected
from sakimori.collect.policy_reach import account_in
from sakimori.lake.facts import Facts
from sakimori.lake.table_rows import Row, TableRows
from sakimori.model.words import GLOBAL

ANYONE: Final = "*"
_NO_SHARING: Final = "block-all-sharing"
# By table: what those may do with whom the thing is shared, and how the last part of its ARN begins.
_SHARED: Final[Mapping[str, tuple[str, str]]] = {
    "aws_ec2_snapshot_sharing": ("ec2:CreateVolume", "ec2"),
    "aws_ec2_image_sharing": ("ec2:RunInstances", "ec2"),
    "aws_rds_snapshot": ("rds:RestoreDBInstanceFromDBSnapshot", "rds"),
    "aws_rds_cluster_snapshot": ("rds:RestoreDBClusterFromSnapshot", "rds"),
}

# What is not yet, or no more. A state that is not named here, or not told, may let somebody in.
_NOT_IN_FORCE: Final = frozenset({"FAILED", "DISASSOCIATED", "SUSPENDED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What is shared and with whom: `*`, accounts, ARNs of organizations. `grantees` None: not known.

    `action` is what they then may do, of a snapshot or an image; "" for what is shared by AWS RAM, whose shares `names` tells.
    """

    resource: str
    action: str
    grantees: tuple[str, ...] | None
    is_encrypted: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acl:
    """A bucket's ACL, without what it grants to the owner: (grantee, permission). None in place of what is not known."""

    bucket: str
    grants: tuple[tuple[str, str], ...] | None
    is_disabled: bool | None
    ignores_public: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """`restricted`: ARNs of buckets and access points whose public policies S3 restricts to the account.

    `unread`: by service, the Regions where policies, sharing or ACLs were asked for and could not be read.
    """

    shares: tuple[Share, ...] = ()
    acls: tuple[Acl, ...] = ()
    access_points: Mapping[str, AccessPoint] = field(default_factory=dict[str, AccessPoint])
    restricted: frozenset[str] = frozenset()
    unread: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


NO_OPENINGS: Final = Openings()


def openings_of(facts: Facts, account: str) -> Openings:
    """Those of one account of the snapshot."""
    with closing(TableRows(facts)) as rows:
        return _FromFacts(facts, account, rows).read()


@dataclass(frozen=True, slots=True)
class _FromFacts:
    facts: Facts
    account: str
    rows: TableRows

    def read(self) -> Openings:
        whole = next(iter(self._of("aws_s3_account")), None)
        return Openings(
            shares=tuple(self._shares()),
            acls=tuple(self._acls(whole)),
            access_points=access_points_of(self._of(ACCESS_POINTS)),
            restricted=frozenset(self._restricted(whole)),
            unread=self._unread(),
        )

    def _of(self, name: str) -> Iterator[Row]:
        return (row for row in self.rows.of(collected()[name]) if row["account_id"] == self.account)

    def _shares(self) -> Iterator[Share]:
        shut = {row["region"] for row in self._of("aws_ec2_region") if row["snapshot_public_sharing"] == _NO_SHARING}
        for table, (action, _) in _SHARED.items():
            for row in self._of(table):
                is_shut = table == "aws_ec2_snapshot_sharing" and row["region"] in shut
                yield Share(
                    resource=str(row["arn"]),
                    action=action,
                    grantees=self._grantees(row, is_shut=is_shut),
                    is_encrypted=bool(row.get("is_encrypted")),
                )

        yield from self._ram_shares()

    def _ram_shares(self) -> Iterator[Share]:
        """By resource, all with whom the account's resource shares share it, itself left out."""
        with_whom: dict[str, set[str]] = {}
        for row in self._of("aws_ram_share_principal"):
            if row["status"] not in _NOT_IN_FORCE and not self._is_own(str(row["principal"])):
                with_whom.setdefault(str(row["share_arn"]), set()).add(str(row["principal"]))
        shares: dict[str, list[Row]] = {}
        for row in self._of("aws_ram_share_resource"):
            if row["status"] not in _NOT_IN_FORCE and row["resource_arn"] and with_whom.get(str(row["share_arn"])):
                shares.setdefault(str(row["resource_arn"]), []).append(row)
        for resource, rows in shares.items():
            yield Share(
                resource=resource,
                action="",
                grantees=tuple(sorted({name for row in rows for name in with_whom[str(row["share_arn"])]})),
                names=tuple(sorted({str(row["share_name"] or row["share_arn"]) for row in rows})),
            )

    def _is_own(self, principal: str) -> bool:
        return principal == self.account or (
            account_in(principal) == self.account and ":organizations:" not in principal
        )

    def _grantees(self, row: Row, *, is_shut: bool) -> tuple[str, ...] | None:
        named = [
            row["shared_account_ids"],
            *([row["shared_organization_arns"]] if "shared_organization_arns" in row else []),
        ]
        if row["is_public"] is None or None in named:
            return None
        others = [each.strip() for text in named for each in str(text).split(",")]
        public = [ANYONE] if row["is_public"] and not is_shut else []
        return (*public, *sorted({each for each in others if each and each != self.account}))

    def _acls(self, whole: Row | None) -> Iterator[Acl]:
        grants: dict[str, list[Row]] = {}
        for row in self._of("aws_s3_bucket_acl_grant"):
            grants.setdefault(str(row["bucket_arn"]), []).append(row)
        for bucket in self._of("aws_s3_bucket"):
            arn = str(bucket["arn"])
            own = _flag(bucket["ignore_public_acls"])
            everywhere = None if whole is None else _flag(whole["ignore_public_acls"])
            yield Acl(
                bucket=arn,
                # An ACL that grants nothing to anybody has been read too, but cannot be told from one that was not.
                grants=_granted(grants[arn]) if arn in grants else None,
                is_disabled=_flag(bucket["acls_are_disabled"]),
                ignores_public=True if own or everywhere else None if own is None or everywhere is None else False,
            )

    def _restricted(self, whole: Row | None) -> Iterator[str]:
        is_everywhere = bool(whole and whole["restrict_public_buckets"])
        for name in ("aws_s3_bucket", "aws_s3_access_point"):
            yield from (str(row["arn"]) for row in self._of(name) if is_everywhere or row["restrict_public_buckets"])

    def _unread(self) -> Mapping[str, tuple[str, ...]]:
        services = {name: each.service for name, each in RESOURCE_POLICIES.items()}
        services |= {name: service for name, (_, service) in _SHARED.items()} | {"aws_s3_bucket": "s3"}
        services |= dict.fromkeys(("aws_ram_share_principal", "aws_ram_share_resource"), "ram")
        found: dict[str, set[str]] = {}
        for (table, account, region), unit in self.facts.units.items():
            if account == self.account and table in services and not unit.is_read:
                found.setdefault(services[table], set()).add("" if region == GLOBAL else region)
        return {service: tuple(sorted(regions)) for service, regions in sorted(found.items())}


def _granted(rows: list[Row]) -> tuple[tuple[str, str], ...] | None:
    if any(row["is_owner"] is None for row in rows):
        return None
    return tuple((str(row["grantee"]), str(row["permission"])) for row in rows if not row["is_owner"])


def _flag(value: object) -> bool | None:
    return None if value is None else bool(value)


__all__ = ["ANYONE", "NO_OPENINGS", "OPENING_TABLES", "Acl", "Openings", "Share", "openings_of"]
