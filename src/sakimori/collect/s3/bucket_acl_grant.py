"""What the ACLs of buckets grant, the owner's own grant too."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Malformed, Record, call, col, table
from sakimori.collect.s3.bucket import LIST, arn, region
from sakimori.model.words import Scope


def _grants(record: Record, context: Context) -> Iterator[Record | Malformed]:
    bucket, acl = arn(record, context), record["Acl"]
    owner = (acl.get("Owner") or {}).get("ID")
    for each in acl.get("Grants") or ():
        grantee = each.get("Grantee") or {}
        name = grantee.get("URI") or grantee.get("ID") or grantee.get("EmailAddress")
        if not name or not each.get("Permission"):
            yield Malformed(parent=bucket, words="a grant without grantee or permission")
            continue
        kind = "group" if grantee.get("URI") else "user"
        is_owner = None if owner is None else name == owner
        yield {"bucket": bucket, "grantee": name, "kind": kind, "permission": each["Permission"], "is_owner": is_owner}


TABLE = table(
    "aws_s3_bucket_acl_grant",
    "What the ACLs of buckets grant to whom, the owner's own grant too.",
    key="id",
    parent="bucket_arn",
    parent_key=arn,
    scope=Scope.RESOURCE_REGION,
    resource_type="AWS::S3::Bucket",
    row_region=region,
    rows=LIST,
    each=[call("s3:GetBucketAcl", "@", name="Acl", with_={"Bucket": "Name"})],
    expand=_grants,
    expand_needs=["Acl"],
    columns=[
        col("id", TEXT, "The bucket's ARN, the grantee and the permission.",
            lambda row, _: f"{row['bucket']}>{row['grantee']}>{row['permission']}"),
        col("bucket_arn", TEXT, "The bucket.", "bucket"),
        col("grantee", TEXT, "A canonical user id, or the address of a group.", "grantee"),
        col("grantee_kind", TEXT, "user or group.", "kind"),
        col("permission", TEXT, "READ, WRITE, READ_ACP, WRITE_ACP or FULL_CONTROL.", "permission"),
        col("is_owner", BOOLEAN, "The grantee is the bucket's owner; NULL where AWS does not name the owner.", "is_owner"),
    ],
)  # fmt: skip
