"""Environments of Lambda functions, and the code that is deployed."""

from collections.abc import Iterator

from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Context, Record
from sakimori.collect.lambda_.function import LIST
from sakimori.collect.secret_places.place import Place, Reach, Sampled, Text, lines_of
from sakimori.model.words import GapKind

_GET = "lambda:GetFunction"


def _arn(record: Record, _context: Context) -> str:
    return str(record["FunctionArn"])


def _environment(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    environment = record.get("Environment") or {}
    if environment.get("Error"):
        code = str(environment["Error"].get("ErrorCode", ""))
        raise Refusal(
            call="lambda:ListFunctions", kind=GapKind.DENIED, code=code, message="the environment is not decrypted"
        )
    yield from lines_of("environment", (environment.get("Variables") or {}).items())


def _code(record: Record, _context: Context, reach: Reach) -> Iterator[Text | Sampled]:
    """The zip itself: the look that is taken opens it. An image lies in ECR and is looked at there."""
    if record.get("PackageType", "Zip") != "Zip":
        return
    if int(record.get("CodeSize") or 0) > reach.most_bytes:
        yield Sampled()
        return
    location = str((reach.call(_GET, FunctionName=record["FunctionArn"]).get("Code") or {}).get("Location", ""))
    yield Text(name="code.zip", data=reach.fetched(_GET, location, reach.most_bytes))


PLACES = (
    Place(id="lambda-environment", resource_type="AWS::Lambda::Function", rows=(LIST,), arn=_arn, texts=_environment),
    Place(id="lambda-code", resource_type="AWS::Lambda::Function", rows=(LIST,), arn=_arn, texts=_code, asks=(_GET,)),
)
