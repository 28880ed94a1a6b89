"""Secrets of AWS in the forms that AWS gives them; each maker yields what lies together.

Forms: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (ids), …/id_credentials_bedrock.html,
https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html (0x04 and an HMAC in base64: 44 letters, the first is B),
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html, …/RESTAuthentication.html (version 2),
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html (sign-in),
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html, and the caches that the AWS CLI writes.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

from making import ALNUM, BASE32, BASE64, DIGITS, LOWER, URL64, Maker, Planted, a_line_of, jwt, pem, rsa_key

ID, SECRET, SESSION = "aws-access-key-id", "aws-secret-access-key", "aws-session-token"
REGIONS: Final = ("ap-northeast-1", "ap-northeast-3", "us-east-1", "eu-west-1", "us-west-2")


def key_id(make: Maker, kind: str = "AKIA") -> str:
    return kind + make.of(BASE32, 16)


def secret_key(make: Maker) -> str:
    """40 letters of base 64, with at least one that no name has."""
    made = make.of(BASE64, 38)
    return made[:11] + make.one_of("+/") + made[11:] + make.one_of(ALNUM)


def session_token(make: Maker) -> str:
    """As STS gives them today: a protobuf whose first bytes say `origin` and a Region."""
    return base64.b64encode(b"!\n\torigin_ec\x10" + make.bytes(make.random.randint(360, 520))).decode()


def pair(make: Maker) -> Planted:
    key, secret = key_id(make), secret_key(make)
    names = make.one_of(
        (
            ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
            ("aws_access_key_id", "aws_secret_access_key"),
            ("accessKeyId", "secretAccessKey"),
            ("s3_access_key", "s3_secret_key"),
            ("AwsAccessKey", "AwsSecretKey"),
        )
    )
    return Planted(secrets=((ID, key), (SECRET, secret)), pairs=((names[0], key), (names[1], secret)))


def temporary(make: Maker) -> Planted:
    key, secret, token = key_id(make, "ASIA"), secret_key(make), session_token(make)
    return Planted(
        secrets=(("aws-temporary-key-id", key), ("aws-temporary-secret-key", secret), (SESSION, token)),
        pairs=(("AWS_ACCESS_KEY_ID", key), ("AWS_SECRET_ACCESS_KEY", secret), ("AWS_SESSION_TOKEN", token)),
    )


def lone_secret(make: Maker) -> Planted:
    secret = secret_key(make)
    name = make.one_of(("aws_secret_access_key", "AWS_SECRET_KEY", "awsSecretAccessKey", "S3_SECRET_ACCESS_KEY"))
    return Planted(secrets=(("aws-secret-without-id", secret),), pairs=((name, secret),))


def lone_session(make: Maker) -> Planted:
    token = session_token(make)
    return Planted(secrets=((SESSION, token),), pairs=((make.one_of(("aws_session_token", "SessionToken")), token),))


def mws(make: Maker) -> Planted:
    token = "amzn.mws." + make.uuid()
    return Planted(secrets=(("aws-mws-token", token),), pairs=(("MWS_AUTH_TOKEN", token),))


def bedrock_long(make: Maker) -> Planted:
    inner = f"BedrockAPIKey-{make.of(LOWER + DIGITS, 4)}-at-{make.account()}:".encode()
    token = "ABSK" + base64.b64encode(inner + make.b64(42).encode()).decode()
    return Planted(secrets=(("aws-bedrock-long", token),), pairs=(("AWS_BEARER_TOKEN_BEDROCK", token),))


def bedrock_short(make: Maker) -> Planted:
    key, region = key_id(make, "ASIA"), make.one_of(REGIONS)
    query = (
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={key}%2F20260{make.random.randint(1, 9)}17%2F{region}%2Fbedrock%2Faws4_request"
        f"&X-Amz-Date=20260217T010203Z&X-Amz-Expires=43200&X-Amz-Security-Token={quote(session_token(make), safe='')}"
        f"&X-Amz-Signature={make.hex(64)}&X-Amz-SignedHeaders=host&Version=1"
    )
    token = "bedrock-api-key-" + base64.b64encode(query.encode()).decode()
    return Planted(secrets=(("aws-bedrock-short", token),), pairs=(("AWS_BEARER_TOKEN_BEDROCK", token),), also=(key,))


def presigned_v4(make: Maker) -> Planted:
    key, region, signature = key_id(make, make.one_of(("AKIA", "ASIA"))), make.one_of(REGIONS), make.hex(64)
    url = (
        f"https://backup-{make.of(LOWER, 6)}.s3.{region}.amazonaws.com/dump/{make.of(LOWER, 8)}.sql.gz"
        f"?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={key}%2F20260301%2F{region}%2Fs3%2Faws4_request"
        f"&X-Amz-Date=20260301T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}"
    )
    return Planted(secrets=(("aws-presigned-v4", signature),), pairs=(("download_url", url),), also=(key,))


def presigned_v2(make: Maker) -> Planted:
    key, signature = key_id(make), quote(make.b64(20), safe="")
    url = (
        f"https://s3.amazonaws.com/release-{make.of(LOWER, 6)}/build.zip"
        f"?AWSAccessKeyId={key}&Expires=1893456000&Signature={signature}"
    )
    return Planted(secrets=(("aws-presigned-v2", signature),), pairs=(("artifact_url", url),), also=(key,))


def sso_cache(make: Maker) -> Planted:
    access, refresh = ("ao" + each + "AAAA" + make.of(URL64, 230) for each in "ar")
    cache = {
        "startUrl": f"https://d-{make.hex(10)}.awsapps.com/start",
        "region": make.one_of(REGIONS),
        "accessToken": f"{access}:{make.b64(72)}",
        "expiresAt": "2026-03-01T12:00:00Z",
        "clientId": make.url64(25),
        "clientSecret": jwt(make, "sso-oidc"),
        "registrationExpiresAt": "2026-05-30T12:00:00Z",
        "refreshToken": f"{refresh}:{make.b64(72)}",
    }
    return Planted(
        secrets=(("aws-sso-access-token", access), ("aws-sso-refresh-token", refresh)),
        block=json.dumps(cache, indent=make.one_of((None, 2))) + "\n",
        file=f".aws/sso/cache/{make.hex(40)}.json",
        also=(cache["clientSecret"], cache["clientId"]),
    )


def credentials_file(make: Maker) -> Planted:
    key, secret = key_id(make), secret_key(make)
    other, token = secret_key(make), session_token(make)
    temporary_id = key_id(make, "ASIA")
    text = (
        f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n\n[deploy-{make.of(LOWER, 4)}]\n"
        f"aws_access_key_id={temporary_id}\naws_secret_access_key={other}\naws_session_token={token}\nregion=us-east-1\n"
    )
    kind = "aws-credentials-file"
    return Planted(
        secrets=((kind, secret), (kind, other), (kind, token)),
        block=text,
        file=".aws/credentials",
        also=(key, temporary_id),
    )


def credentials_csv(make: Maker) -> Planted:
    key, secret = key_id(make), secret_key(make)
    if make.random.random() < 0.5:
        text = f"Access key ID,Secret access key\n{key},{secret}\n"
        return Planted(
            secrets=(("aws-console-csv", secret),),
            block=text,
            file=f"ops-{make.of(LOWER, 5)}_accessKeys.csv",
            also=(key,),
        )
    password = make.password(14)
    text = (
        "User name,Password,Access key ID,Secret access key,Console login link\n"
        f"{make.of(LOWER, 7)},{password},{key},{secret},https://{make.account()}.signin.aws.amazon.com/console\n"
    )
    return Planted(
        secrets=(("aws-console-csv", secret), ("aws-console-password", password)),
        block=text,
        file="new_user_credentials.csv",
        also=(key,),
    )


def codecommit(make: Maker) -> Planted:
    user, password = f"{make.of(LOWER, 6)}-at-{make.account()}", make.b64(32)
    if make.random.random() < 0.5:
        pairs = (("CODECOMMIT_USERNAME", user), ("CODECOMMIT_PASSWORD", password))
        return Planted(secrets=(("aws-codecommit-password", password),), pairs=pairs, also=(user,))
    url = f"https://{user}:{quote(password, safe='')}@git-codecommit.{make.one_of(REGIONS)}.amazonaws.com"
    return Planted(
        secrets=(("aws-codecommit-password", quote(password, safe="")),),
        block=url + "\n",
        file=".git-credentials",
        also=(user,),
    )


def ses_smtp(make: Maker) -> Planted:
    key, password = key_id(make), base64.b64encode(b"\x04" + make.bytes(32)).decode()
    host = f"email-smtp.{make.one_of(REGIONS)}.amazonaws.com"
    pairs = (("SMTP_HOST", host), ("SMTP_USERNAME", key), ("SMTP_PASSWORD", password))
    return Planted(secrets=(("aws-ses-smtp-password", password),), pairs=pairs, also=(key,))


def appsync(make: Maker) -> Planted:
    token = "da2-" + make.of(LOWER + DIGITS, 26)
    name = make.one_of(("aws_appsync_apiKey", "APPSYNC_API_KEY", "graphqlKey"))
    return Planted(secrets=(("aws-appsync-key", token),), pairs=((name, token),))


def ecr_login(make: Maker) -> Planted:
    token = base64.b64encode(b"AWS:" + base64.b64encode(b'{"payload":"' + make.b64(1100).encode() + b'"}')).decode()
    host = f"{make.account()}.dkr.ecr.{make.one_of(REGIONS)}.amazonaws.com"
    return Planted(
        secrets=(("aws-ecr-login", token),),
        block=json.dumps({"auths": {host: {"auth": token}}}, indent=2) + "\n",
        file=".docker/config.json",
    )


def console_sign_in(make: Maker) -> Planted:
    token = make.url64(440)
    url = (
        "https://signin.aws.amazon.com/federation?Action=login&Issuer=ops.internal"
        f"&Destination=https%3A%2F%2Fconsole.aws.amazon.com%2F&SigninToken={token}"
    )
    return Planted(secrets=(("aws-console-sign-in", token),), pairs=(("console_link", url),))


def cognito(make: Maker) -> Planted:
    client, secret = make.of(LOWER + DIGITS, 26), make.of(LOWER + DIGITS, make.one_of((51, 52)))
    pairs = (("COGNITO_CLIENT_ID", client), ("COGNITO_CLIENT_SECRET", secret))
    return Planted(secrets=(("aws-cognito-client-secret", secret),), pairs=pairs, also=(client,))


def iot_certificate(make: Maker) -> Planted:
    key = pem("RSA PRIVATE KEY", rsa_key(make))
    return Planted(
        secrets=(("aws-iot-private-key", a_line_of(key)),), block=key, file=f"certs/{make.hex(10)}-private.pem.key"
    )


def gateway_key(make: Maker) -> Planted:
    key = make.of(ALNUM, 40)
    return Planted(secrets=(("aws-api-gateway-key", key),), pairs=((make.one_of(("x-api-key", "X_API_KEY")), key),))


def cli_cache(make: Maker) -> Planted:
    key, secret, token = key_id(make, "ASIA"), secret_key(make), session_token(make)
    inner = {"AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": token, "Expiration": "2026-03-01T00:00:00Z"}
    return Planted(
        secrets=(("aws-cli-cache", secret), (SESSION, token)),
        block=json.dumps({"ProviderType": "assume-role", "Credentials": inner}) + "\n",
        file=f".aws/cli/cache/{make.hex(40)}.json",
        also=(key,),
    )


KINDS: Final[Mapping[str, Callable[[Maker], Planted]]] = {
    each.__name__: each
    for each in (
        pair, temporary, lone_secret, lone_session, mws, bedrock_long, bedrock_short, presigned_v4, presigned_v2,
        sso_cache, credentials_file, credentials_csv, codecommit, ses_smtp, appsync, ecr_login, console_sign_in,
        cognito, iot_certificate, gateway_key, cli_cache,
    )
}  # fmt: skip
