"""Server certificates in IAM with the days of their own: moto's all expired in 2012."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography.x509 import load_pem_x509_certificate
from moto.iam.models import Certificate, IAMBackend, iam_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.state import CertificateDays

_PAGE: Final = 100
_SUCCESS: Final = 300


def upload(desk: Desk) -> Mapping[str, Any] | Answer:
    """Take a certificate that is one, and no second of the same name."""
    asked = desk.parameters()
    name = str(asked["ServerCertificateName"])
    if any(each.cert_name == name for each in _iam(desk).certificates.values()):
        raise ServiceError("EntityAlreadyExists", f"The Server Certificate with name {name} already exists.", 409)
    try:
        expires_at = load_pem_x509_certificate(str(asked["CertificateBody"]).encode()).not_valid_after_utc
    except ValueError as error:
        raise ServiceError("MalformedCertificate", "Unable to parse certificate.", 400) from error
    answer = desk.moto()
    if answer.status >= _SUCCESS:
        return answer
    desk.state.certificate_days[name] = CertificateDays(uploaded_at=desk.state.clock(), expires_at=expires_at)
    made = next(each for each in _entries(desk) if each["ServerCertificateName"] == name)
    return {"ServerCertificateMetadata": made}


def listed(desk: Desk) -> Mapping[str, Any]:
    """A page of the certificates under a path."""
    asked = desk.parameters()
    prefix = str(asked.get("PathPrefix") or "/")
    found = [each for each in _entries(desk) if each["Path"].startswith(prefix)]
    start, size = int(asked.get("Marker") or 0), int(asked.get("MaxItems") or _PAGE)
    page: dict[str, Any] = {
        "ServerCertificateMetadataList": found[start : start + size],
        "IsTruncated": start + size < len(found),
    }
    return {**page, "Marker": str(start + size)} if page["IsTruncated"] else page


def delete(desk: Desk) -> Answer:
    """Moto's answer; the days go with the certificate."""
    answer = desk.moto()
    if answer.status < _SUCCESS:
        desk.state.certificate_days.pop(str(desk.parameters()["ServerCertificateName"]), None)
    return answer


STAND_INS: Final[Mapping[str, StandIn]] = {
    "iam:DeleteServerCertificate": delete,
    "iam:ListServerCertificates": listed,
    "iam:UploadServerCertificate": upload,
}


def _iam(desk: Desk) -> IAMBackend:
    return iam_backends[desk.state.account_id][desk.state.partition]


def _entries(desk: Desk) -> Sequence[Mapping[str, Any]]:
    return [_entry(desk, key, each) for key, each in _iam(desk).certificates.items()]


def _entry(desk: Desk, key: str, certificate: Certificate) -> Mapping[str, Any]:
    days = desk.state.certificate_days[certificate.cert_name]
    return {
        "ServerCertificateName": certificate.cert_name,
        "Path": certificate.path,
        "Arn": certificate.arn,
        "ServerCertificateId": f"ASCA{key.upper()}",
        "UploadDate": days.uploaded_at,
        "Expiration": days.expires_at,
    }
