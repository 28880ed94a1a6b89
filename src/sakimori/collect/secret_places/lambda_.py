"""Environments of Lambda functions, the code that is deployed, and the layers that functions share."""

from collections.abc import Iterator

from sakimori.aws.masking import mask
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Context, Record, call
from sakimori.collect.lambda_.function import LIST
from sakimori.collect.secret_places.place import Place, Reach, Sampled, Text, lines_of, of_part
from sakimori.model.words import GapKind

_GET = "lambda:GetFunction"
_VERSIONS = "lambda:ListLayerVersions"
_GET_LAYER = "lambda:GetLayerVersion"


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


def _code(record: Record, context: Context, reach: Reach) -> Iterator[Text | Sampled | Refusal]:
    """The zip itself: the look that is taken opens it. An image lies in ECR and is looked at there, if that is the account's own."""
    if record.get("PackageType", "Zip") != "Zip":
        code = reach.call(_GET, FunctionName=record["FunctionArn"]).get("Code") or {}
        image = str(code.get("ImageUri", ""))
        if not image.startswith(f"{context.account_id}."):
            yield Refusal(call=_GET, kind=GapKind.REFUSED, code="OtherRegistry", message=mask(image))
        return
    if int(record.get("CodeSize") or 0) > reach.most_bytes:
        yield Sampled()
        return
    location = str((reach.call(_GET, FunctionName=record["FunctionArn"]).get("Code") or {}).get("Location", ""))
    yield Text(name="code.zip", data=reach.fetched(_GET, location, reach.most_bytes))


def _layer_arn(record: Record, _context: Context) -> str:
    return str(record["LayerArn"])


def _layer(record: Record, _context: Context, reach: Reach) -> Iterator[Text | Sampled | Refusal]:
    """The zips of the account's own layer, the newest version first: a function may use any of them."""
    left, seen = reach.most_bytes, 0
    for page in reach.pages(_VERSIONS, LayerName=record["LayerArn"]):
        for version in page.get("LayerVersions") or ():
            number = int(version["Version"])
            seen += 1
            answer = reach.call(_GET_LAYER, LayerName=record["LayerArn"], VersionNumber=number)
            content = answer.get("Content") or {}
            size = max(0, int(content.get("CodeSize") or 0))
            if size > left:
                yield Sampled()
                return
            name = f"version {number}.zip"
            try:
                data = reach.fetched(_GET_LAYER, str(content.get("Location", "")), left)
            except Refusal as refusal:
                yield of_part(refusal, name)
                continue
            left -= len(data)
            yield Text(name=name, data=data)
    if not seen and record.get("LatestMatchingVersion"):
        yield Refusal(
            call=_VERSIONS, kind=GapKind.MALFORMED, code="NoVersion", message="a layer that is listed has versions"
        )


PLACES = (
    Place(id="lambda-environment", resource_type="AWS::Lambda::Function", rows=(LIST,), arn=_arn, texts=_environment),
    Place(id="lambda-code", resource_type="AWS::Lambda::Function", rows=(LIST,), arn=_arn, texts=_code, asks=(_GET,)),
    Place(id="lambda-layer", resource_type="AWS::Lambda::LayerVersion", rows=(call("lambda:ListLayers", "Layers"),), arn=_layer_arn,
          texts=_layer, asks=(_VERSIONS, _GET_LAYER)),
)  # fmt: skip
