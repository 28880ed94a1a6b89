"""The company's KMS keys and secrets: some kept well, some forgotten, one of each open to everybody."""

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend, secretsmanager_backends

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO

_SECRET: Final = "not-a-secret"  # noqa: S105 - not one


def seed(seeding: Seeding) -> None:
    """Keys and secrets; `names` gets `key.…` and `secret.…` with their ARNs."""
    _keys(seeding)
    _secrets(seeding)


def _keys(seeding: Seeding) -> None:
    kms = seeding.client("kms", TOKYO)
    data = _key(seeding, "data", Description="顧客データ")
    kms.enable_key_rotation(KeyId=data)
    _key(seeding, "archive", Description="古いバックアップ")
    _key(seeding, "token", Description="トークンの署名", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    _key(seeding, "imported", Description="=HYPERLINK(持ち込み)", Origin="EXTERNAL")
    doomed = _key(seeding, "doomed", Description="削除してよい?")
    kms.schedule_key_deletion(KeyId=doomed, PendingWindowInDays=7)
    anyone = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    _key(seeding, "open", Policy=_document(anyone))
    own = {"StringEquals": {"kms:CallerAccount": seeding.state.account_id}}
    _key(seeding, "shared-inside", Policy=_document({**anyone, "Condition": own}))


def _key(seeding: Seeding, name: str, **more: str) -> str:
    made = seeding.client("kms", TOKYO).create_key(**more)["KeyMetadata"]
    seeding.names[f"key.{name}"] = made["Arn"]
    return str(made["KeyId"])


def _secrets(seeding: Seeding) -> None:
    database = _secret(seeding, "prod/database", age=700, changed=12)
    # By hand, since moto would run the function that rotates in a container.
    database.rotation_requested = database.rotation_enabled = True
    database.auto_rotate_after_days = 30
    database.rotation_lambda_arn = f"arn:aws:lambda:{TOKYO}:{seeding.state.account_id}:function:rotate"
    database.last_rotation_date = int(seeding.days_ago(12).timestamp())
    smtp = _secret(seeding, "legacy/smtp", age=700, changed=700)
    _secret(seeding, "partner/api", age=20, changed=20)
    webhook = _secret(seeding, "webhook/token", age=400, changed=5)
    seeding.state.secret_read_at |= {
        database.arn: seeding.days_ago(0.2),
        smtp.arn: seeding.days_ago(200),
        webhook.arn: seeding.days_ago(1),
    }
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    ours = {**anyone, "Principal": {"AWS": f"arn:aws:iam::{seeding.state.account_id}:role/app-web"}}
    client = seeding.client("secretsmanager", TOKYO)
    client.put_resource_policy(SecretId="partner/api", ResourcePolicy=_document(anyone))
    client.put_resource_policy(SecretId="prod/database", ResourcePolicy=_document(ours))
    managed = _backend(seeding).create_managed_secret("appflow", "appflow!crm", secret_string=_SECRET)
    seeding.names["secret.appflow.crm"] = managed.arn


def _secret(seeding: Seeding, name: str, *, age: float, changed: float) -> FakeSecret:
    """Ages in days: of the secret, and of its value."""
    made = seeding.client("secretsmanager", TOKYO).create_secret(Name=name, SecretString=_SECRET)
    seeding.names[f"secret.{name.replace('/', '.')}"] = made["ARN"]
    secret: Any = _backend(seeding).secrets[name]  # never a replica here
    secret.created_date = int(seeding.days_ago(age).timestamp())
    for version in secret.versions.values():
        version["createdate"] = int(seeding.days_ago(changed).timestamp())
    return secret


def _backend(seeding: Seeding) -> SecretsManagerBackend:
    return secretsmanager_backends[seeding.state.account_id][TOKYO]


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
