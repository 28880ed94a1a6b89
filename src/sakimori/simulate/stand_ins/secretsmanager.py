"""What moto does not remember of secrets: the day each was last read, and when each version was made."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from moto.secretsmanager.models import SecretsManagerBackend, secretsmanager_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_SUCCESS: Final = 300


def value(desk: Desk) -> Answer:
    """Moto's answer; the reading is noted."""
    answer = desk.moto()
    if answer.status < _SUCCESS:
        arn = json.loads(answer.body)["ARN"]
        desk.state.secret_read_at[arn] = desk.state.clock()
    return answer


def secrets(desk: Desk) -> Answer:
    """Moto's page with the day of each secret's last reading, at midnight as AWS tells it."""
    answer = desk.moto()
    if answer.status >= _SUCCESS:
        return answer
    page = json.loads(answer.body)
    for entry in page.get("SecretList", ()):
        entry.pop("LastAccessedDate", None)
        if read_at := desk.state.secret_read_at.get(entry["ARN"]):
            midnight = read_at.replace(hour=0, minute=0, second=0, microsecond=0)
            entry["LastAccessedDate"] = midnight.timestamp()
    return Answer(status=answer.status, headers=answer.headers, body=json.dumps(page).encode())


def versions(desk: Desk) -> Mapping[str, Any]:
    """The secret's versions with their days; those without a label only where they are asked for."""
    asked = desk.parameters()
    known = _backend(desk).secrets
    if asked["SecretId"] not in known:
        raise ServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400)
    secret = known[asked["SecretId"]]
    shown = [
        {
            "VersionId": name,
            "VersionStages": version["version_stages"],
            "CreatedDate": datetime.fromtimestamp(version["createdate"], tz=UTC),
        }
        for name, version in secret.versions.items()
        if version["version_stages"] or asked.get("IncludeDeprecated")
    ]
    return {"ARN": secret.arn, "Name": secret.name, "Versions": shown}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "secretsmanager:GetSecretValue": value,
    "secretsmanager:ListSecretVersionIds": versions,
    "secretsmanager:ListSecrets": secrets,
}


def _backend(desk: Desk) -> SecretsManagerBackend:
    return secretsmanager_backends[desk.state.account_id][desk.call.region]
