"""Systems Manager: parameters that are not encrypted, and the account's own documents.

A SecureString is where a secret belongs: its value is not asked for.
"""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Record, call
from sakimori.collect.secret_places.place import Place, Reach, Text, lines_of


def _arn(kind: str):  # noqa: ANN202 - a Derive
    def derive(record: Record, context: Context) -> str:
        name = str(record["Name"]).removeprefix("/")
        return f"arn:{context.partition}:ssm:{context.region}:{context.account_id}:{kind}/{name}"

    return derive


def _parameter(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    """Named by its last part, as a variable would be: what a value is called tells what it is."""
    value = (record.get("Parameter") or {}).get("Value") or ""
    yield from lines_of("value", [(str(record["Name"]).rpartition("/")[2], value)])


def _document(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    if record.get("Content"):
        yield Text(name="content", data=str(record["Content"]).encode())


PLACES = (
    Place(
        id="ssm-parameter", resource_type="AWS::SSM::Parameter", arn=_arn("parameter"), texts=_parameter, needs=("Parameter",),
        rows=(call("ssm:DescribeParameters", "Parameters", MaxResults=50,
                   ParameterFilters=[{"Key": "Type", "Option": "Equals", "Values": ["String", "StringList"]}]),),
        each=(call("ssm:GetParameter", "Parameter", with_={"Name": "Name"}, WithDecryption=False,
                   absent=("ParameterNotFound",)),),
    ),
    Place(
        id="ssm-document", resource_type="AWS::SSM::Document", arn=_arn("document"), texts=_document, needs=("Content",),
        rows=(call("ssm:ListDocuments", "DocumentIdentifiers", Filters=[{"Key": "Owner", "Values": ["Self"]}], MaxResults=50),),
        each=(call("ssm:GetDocument", "Content", with_={"Name": "Name"}, absent=("InvalidDocument",)),),
    ),
)  # fmt: skip
