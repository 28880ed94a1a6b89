"""What Amazon Inspector scans, Region by Region."""

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import BOOLEAN, ITSELF, TEXT, Context, Derive, Record, call, col, table
from sakimori.model.words import Scope


def _status(kind: str) -> str:
    return f"account.resourceState.{kind}.status"


def _scans(kind: str) -> Derive:
    def derive(record: Record, _context: Context) -> bool | None:
        found = record.get("account", {}).get("resourceState", {}).get(kind, {}).get("status")
        return None if found is None else found == "ENABLED"

    return derive


TABLE = table(
    "aws_inspector2_account",
    "What Amazon Inspector scans for this account, one row for each Region.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::::Account",
    rows=ITSELF,
    each=[call("inspector2:BatchGetAccountStatus", "accounts[0]", name="account")],
    columns=[
        col("arn", TEXT, "The account's root ARN; with `region` it names the account in this Region.", root_arn),
        col("status", TEXT, "ENABLED, DISABLED, SUSPENDED, or on the way to one of them.", "account.state.status"),
        col("ec2_status", TEXT, "The same of EC2 instances.", _status("ec2")),
        col("ecr_status", TEXT, "The same of container images in ECR.", _status("ecr")),
        col("lambda_status", TEXT, "The same of the packages that Lambda functions use.", _status("lambda")),
        col("lambda_code_status", TEXT, "The same of the code of Lambda functions.", _status("lambdaCode")),
        col("scans_ec2", BOOLEAN, "EC2 instances are scanned.", _scans("ec2"), needs=["account"]),
        col("scans_ecr", BOOLEAN, "Container images in ECR are scanned.", _scans("ecr"), needs=["account"]),
        col("scans_lambda", BOOLEAN, "The packages that Lambda functions use are scanned.",
            _scans("lambda"), needs=["account"]),
        col("scans_lambda_code", BOOLEAN, "The code of Lambda functions is scanned.",
            _scans("lambdaCode"), needs=["account"]),
    ],
)  # fmt: skip
