"""What is called without a client of botocore's must be, to the letter, what that client sends."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, UnknownServiceError
from botocore.model import OperationModel
from botocore.session import Session
from botocore.utils import percent_encode
from hypothesis import given
from hypothesis import strategies as st

from sakimori.aws.clients import Clients
from sakimori.aws.data_files import data_loader
from sakimori.aws.direct.signature import Key, Purpose, Unsigned, sign
from sakimori.aws.open_session import OpenSession
from sakimori.aws.partitions import partitions
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.aws.statistics import Ledger
from sakimori.collect.catalogue import declarations

SECRET = "fake-" + "secret"
NOW = datetime(2026, 11, 28, 12, 34, 56)  # noqa: DTZ001 - botocore signs by a moment without a zone
DECLARED = sorted({each for one in declarations().values() for each in one.operations if ":" in each})
SERVICES = sorted({each.partition(":")[0] for each in DECLARED})
OF_ONE_TRY = {"amz-sdk-invocation-id", "amz-sdk-request", "Authorization", "User-Agent"}


class Wire:
    """Keeps what is sent, and answers alike each time."""

    def __init__(self, status: int = 200, body: bytes = b"") -> None:
        self.sent: list[AWSPreparedRequest] = []
        self._status, self._body = status, body

    def send(self, request: AWSPreparedRequest, **_event: object) -> AWSResponse:
        self.sent.append(request)
        response = AWSResponse(
            str(request.url), self._status, {"Content-Type": "text/plain", "x-amzn-RequestId": "r"}, None
        )
        response._content = self._body
        return response

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: NOW)
    monkeypatch.setattr("sakimori.aws.direct.service.get_current_datetime", lambda: NOW)


def clients_of(wire: Wire, *, endpoint_url: str = "") -> Clients:
    made = Session()
    made.register_component("data_loader", data_loader())
    made.set_credentials("AKIAFAKEFAKEFAKEFAKE", SECRET, "fake-token")
    made.register("before-send", wire.send)
    opened = OpenSession(
        create_client=made.create_client, credentials=made.get_credentials, transport=wire, botocore=made,  # type: ignore[arg-type]
    )  # fmt: skip
    settings = DoorSettings(endpoint_url=endpoint_url)
    return Clients(opened, partition=partitions()["aws"], settings=settings, clock=Clock(), ledger=Ledger())


def value_of(shape: Any, depth: int = 0) -> Any:
    """Something that the shape allows, with what has to be escaped in it."""
    kind = shape.type_name
    if kind == "structure":
        wanted = shape.members if depth == 0 else {name: shape.members[name] for name in shape.required_members}
        return {name: value_of(member, depth + 1) for name, member in wanted.items() if depth < 4}
    if kind == "list":
        return [value_of(shape.member, depth + 1)] * max(1, shape.metadata.get("min", 1)) if depth < 4 else []
    if kind == "map":
        return {value_of(shape.key, depth + 1): value_of(shape.value, depth + 1)} if depth < 4 else {}
    if kind == "string":
        return (shape.enum[0] if shape.enum else "a b/ü+*&=~'%c").ljust(shape.metadata.get("min", 0), "x")
    if kind in {"integer", "long", "float", "double", "bigdecimal", "biginteger"}:
        return max(1, shape.metadata.get("min", 1))
    return {"boolean": True, "timestamp": datetime(2026, 1, 2, tzinfo=UTC), "blob": b"\x00bytes"}[kind]


def parameters_of(operation: OperationModel) -> dict[str, Any]:
    shape: Any = operation.input_shape
    return value_of(shape) if shape is not None else {}


def told(request: AWSPreparedRequest) -> tuple[Any, ...]:
    def text(value: Any) -> str:
        return value.decode() if isinstance(value, bytes) else str(value)

    headers = {name.lower(): text(value) for name, value in request.headers.items() if name not in OF_ONE_TRY}
    body = request.body.encode() if isinstance(request.body, str) else request.body
    return request.method, request.url, body or b"", headers


def compared(clients: Clients, wire: Wire, operation: str, region: str) -> bool:
    """Whether there is a direct way; then both ways have been gone, and sent the same."""
    service, _, name = operation.partition(":")
    direct = clients.direct(operation, region)
    model: Any = clients.model(service)
    if direct is None or name not in model.operation_names:
        return False
    parameters = parameters_of(model.operation_model(name))
    wire.sent.clear()
    outcomes = []
    client = clients.of(service, region)
    with clients.within(region):
        for way in (lambda: client._make_api_call(name, parameters), lambda: direct(parameters)):
            try:
                outcomes.append(way())
            except Exception as error:  # noqa: BLE001 - whatever it is, both ways must meet the same
                outcomes.append((isinstance(error, ClientError), getattr(error, "response", str(error))))
    assert without_tries(outcomes[0]) == without_tries(outcomes[1]), operation
    if wire.sent:
        theirs, ours = wire.sent
        assert told(theirs) == told(ours), operation
        assert ours.headers["Authorization"] == signed_by_botocore(ours), operation
    return True


def without_tries(outcome: Any) -> Any:
    answer = outcome[1] if isinstance(outcome, tuple) else outcome
    if isinstance(answer, dict):
        for name in ("RetryAttempts", "MaxAttemptsReached"):
            answer.get("ResponseMetadata", {}).pop(name, None)
    return outcome


def signed_by_botocore(request: AWSPreparedRequest) -> str:
    """The signature that botocore gives the same request, whose own says Region and service."""
    scope = request.headers["Authorization"].partition("Credential=")[2].partition(",")[0].split("/")
    again = {name: value for name, value in request.headers.items() if name not in {"Authorization", "Content-Length"}}
    asked = AWSRequest(request.method, request.url, again, request.body or b"")
    SigV4Auth(Credentials("AKIAFAKEFAKEFAKEFAKE", SECRET, "fake-token"), scope[3], scope[2]).add_auth(asked)
    return asked.headers["Authorization"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("region", "endpoint_url"),
    [("us-east-1", ""), ("ap-northeast-1", ""), ("cn-north-1", ""), ("us-gov-west-1", ""), ("eu-west-1", "http://127.0.0.1:1/x")],
)  # fmt: skip
def test_every_operation_of_the_tables_is_sent_as_botocore_sends_it(region: str, endpoint_url: str) -> None:
    wire = Wire()
    clients = clients_of(wire, endpoint_url=endpoint_url)
    direct = [each for each in DECLARED if compared(clients, wire, each, region)]
    assert len(direct) > len(DECLARED) * 0.7
    assert {"ec2:DescribeInstances", "iam:GetAccountAuthorizationDetails", "kms:ListKeys"} <= set(direct)


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICES)
def test_every_reading_operation_of_a_service_is_sent_as_botocore_sends_it(service: str) -> None:
    wire = Wire()
    clients = clients_of(wire)
    model: Any = clients.model(service)
    for name in model.operation_names:
        compared(clients, wire, f"{service}:{name}", "ap-southeast-2")


ERRORS = {
    "kms:ListKeys": b'{"__type": "com.amazonaws.kms#KMSInternalException", "message": "why"}',
    "lambda:ListFunctions": b'{"Type": "User", "message": "why"}',
    "iam:ListUsers": b"<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>why</Message></Error></ErrorResponse>",
    "ec2:DescribeVpcs": b"<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>",
    "route53:ListHostedZones": b"<html>proxy</html>",
    "cloudwatch:DescribeAlarms": b"\xff not an answer",
}


@pytest.mark.parametrize("operation", ERRORS)
@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.slow
def test_an_error_is_the_same_by_either_way(operation: str, status: int) -> None:
    wire = Wire(status, ERRORS[operation])
    assert compared(clients_of(wire), wire, operation, "us-west-2")


@pytest.mark.slow
def test_what_botocore_makes_of_an_answer_is_made_of_it_here_too() -> None:
    body = (
        b"<GetRolePolicyResponse><GetRolePolicyResult><RoleName>r</RoleName><PolicyName>p</PolicyName>"
        b"<PolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</PolicyDocument></GetRolePolicyResult>"
        b"</GetRolePolicyResponse>"
    )
    clients = clients_of(Wire(200, body))
    direct = clients.direct("iam:GetRolePolicy", "us-east-1")
    assert direct is not None
    assert direct({"RoleName": "r", "PolicyName": "p"})["PolicyDocument"] == {"Version": "2012-10-17"}
    zone = Wire(200, b"<GetHostedZoneResponse><HostedZone><Id>/hostedzone/Z1</Id></HostedZone></GetHostedZoneResponse>")
    direct = clients_of(zone).direct("route53:GetHostedZone", "us-east-1")
    assert direct is not None
    direct({"Id": "/hostedzone/Z1"})
    assert str(zone.sent[0].url).endswith("/hostedzone/Z1")
    assert "hostedzone/hostedzone" not in str(zone.sent[0].url)


@pytest.mark.parametrize("operation", ["iam:CreateUser", "iam:DeleteAccessKey", "s3:ListBuckets", "sts:GetCallerIdentity",
    "s3control:GetPublicAccessBlock", "ec2:NoSuchOperation", "nosuchservice:ListThings"])  # fmt: skip
def test_what_changes_something_or_needs_more_than_its_model_is_botocores(operation: str) -> None:
    assert clients_of(Wire()).direct(operation, "us-east-1") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_USE_DUALSTACK_ENDPOINT", "true"), ("AWS_ENDPOINT_URL_KMS", "http://x"),
     ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"), ("AWS_AUTH_SCHEME_PREFERENCE", "sigv4a")],
)  # fmt: skip
def test_a_session_that_is_set_up_unusually_is_botocores(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clients_of(Wire()).direct("kms:ListKeys", "us-east-1")
    monkeypatch.setenv(name, value)
    assert clients_of(Wire()).direct("kms:ListKeys", "us-east-1") is None


def test_a_profile_that_is_not_there_is_left_to_botocore_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-this")
    assert clients_of(Wire()).direct("kms:ListKeys", "us-east-1") is None


def test_a_service_without_rules_of_endpoints_is_botocores_and_pages_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    loader = data_loader()
    original = loader.load_service_model

    def without_rules(service: str, kind: str, *rest: Any) -> Any:
        if (service, kind) == ("kms", "endpoint-rule-set-1"):
            raise UnknownServiceError(service_name=service, known_service_names="")
        return original(service, kind, *rest)

    monkeypatch.setattr(loader, "load_service_model", without_rules)
    clients = clients_of(Wire())
    assert clients.direct("kms:ListKeys", "us-east-1") is None
    assert clients.model("kms").service_name == "kms"


PARTS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="?#[]@\\"), max_size=12)


@given(
    path=st.lists(PARTS, max_size=4), query=st.lists(st.tuples(PARTS, PARTS), max_size=4), body=st.binary(max_size=40),
    headers=st.dictionaries(st.from_regex(r"X-[A-Za-z]{1,6}", fullmatch=True), st.text("ab  c;,", max_size=9), max_size=3),
    token=st.sampled_from(["", "fake-token"]), host=st.sampled_from(["Host.example", "h:443", "127.0.0.1:8080", "[::1]:5"]),
)  # fmt: skip
def test_a_signature_is_the_one_that_botocore_gives(
    *, path: list[str], query: list[tuple[str, str]], body: bytes, headers: Mapping[str, str], token: str, host: str
) -> None:
    url = f"https://{host}/{'/'.join(map(percent_encode, path))}"
    url += f"?{'&'.join(f'{percent_encode(name)}={percent_encode(value)}' for name, value in query)}" if query else ""
    ours = sign(
        Unsigned(method="POST", url=url, headers=headers, body=body),
        Key(access_key="AKIAFAKEFAKEFAKEFAKE", secret_key=SECRET, token=token),
        Purpose(region="us-east-1", service="service"), NOW,
    )  # fmt: skip
    theirs = AWSRequest("POST", url, dict(headers), body)
    SigV4Auth(Credentials("AKIAFAKEFAKEFAKEFAKE", SECRET, token or None), "service", "us-east-1").add_auth(theirs)
    assert ours["Authorization"] == theirs.headers["Authorization"]
