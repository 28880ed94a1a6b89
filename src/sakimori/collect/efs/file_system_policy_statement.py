"""Statements of the policies of EFS file systems."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.efs.file_system import LIST, arn
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, context: Context) -> Iterator[Record | Malformed]:
    if "Policy" in record:
        yield from statement_rows(arn(record, context), record["Policy"])


TABLE = table(
    "aws_efs_file_system_policy_statement",
    "Statements of the policies of EFS file systems.",
    key="id",
    parent="file_system_arn",
    parent_key=arn,
    scope=Scope.REGION,
    resource_type="AWS::EFS::FileSystem",
    rows=LIST,
    each=[
        call("efs:DescribeFileSystemPolicy", "Policy", with_={"FileSystemId": "FileSystemId"}, absent=("PolicyNotFound",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("file_system_arn", "file system"),
)  # fmt: skip
