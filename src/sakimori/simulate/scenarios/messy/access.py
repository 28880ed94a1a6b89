"""Who else gets in: roles that trust too many, powers given by hand, an old certificate, one analyzer too few."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO, VIRGINIA
from sakimori.simulate.state import Analyzer

_FORMER_VENDOR: Final = "444444444444"
_GITHUB: Final = "token.actions.githubusercontent.com"
_ANYONE: Final = {"AWS": "*"}


def seed(seeding: Seeding) -> None:
    """Roles, attachments, server certificates and analyzers."""
    _role(seeding, "webhook-anyone", _ANYONE)
    _role(seeding, "group-reader", _ANYONE, {"StringEquals": {"aws:PrincipalOrgID": "o-awase12345"}})
    _role(seeding, "old-vendor", {"AWS": f"arn:aws:iam::{_FORMER_VENDOR}:root"})
    token = {f"{_GITHUB}:aud": "sts.amazonaws.com"}
    federated = {"Federated": f"arn:aws:iam::{seeding.state.account_id}:oidc-provider/{_GITHUB}"}
    _role(seeding, "github-any", federated, {"StringEquals": token})
    subject = {f"{_GITHUB}:sub": "repo:awase-shoji/web:ref:refs/heads/main"}
    _role(seeding, "github-web", federated, {"StringEquals": {**token, **subject}})
    iam = seeding.client("iam")
    iam.attach_user_policy(UserName="watanabe.sho", PolicyArn="arn:aws:iam::aws:policy/PowerUserAccess")
    iam.attach_group_policy(GroupName="developers", PolicyArn="arn:aws:iam::aws:policy/AWSCloudShellFullAccess")
    _certificates(seeding)
    _analyzer(seeding, TOKYO, "ACCOUNT")
    _analyzer(seeding, VIRGINIA, "ACCOUNT_UNUSED_ACCESS")
    _analyzer(seeding, IRELAND, "ACCOUNT", status="DISABLED")


def _analyzer(seeding: Seeding, region: str, kind: str, status: str = "ACTIVE") -> None:
    made_at = seeding.days_ago(300)
    analyzer = Analyzer(name=f"awase-{kind.lower()}", kind=kind, created_at=made_at, status=status)
    seeding.state.analyzers[region] = {analyzer.name: analyzer}


def _role(
    seeding: Seeding, name: str, principal: Mapping[str, str], condition: Mapping[str, Any] | None = None
) -> None:
    action = "sts:AssumeRoleWithWebIdentity" if "Federated" in principal else "sts:AssumeRole"
    trust = {"Effect": "Allow", "Principal": principal, "Action": action}
    statement = {**trust, "Condition": condition} if condition else trust
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    seeding.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)


def _certificates(seeding: Seeding) -> None:
    body, key = _certificate(seeding)
    for name in ("www-2019", "shop"):
        seeding.client("iam").upload_server_certificate(
            ServerCertificateName=name, CertificateBody=body, PrivateKey=key
        )
    acm = seeding.client("acm", TOKYO)
    for name, days in (("ending", 20), ("fresh", 300)):
        body, key = _certificate(seeding, days)
        made = acm.import_certificate(Certificate=body.encode(), PrivateKey=key.encode())
        seeding.names[f"certificate.{name}"] = made["CertificateArn"]
    known = seeding.state.certificate_days
    known["www-2019"] = replace(known["www-2019"], uploaded_at=seeding.days_ago(900), expires_at=seeding.days_ago(170))


def _certificate(seeding: Seeding, days: int = 365) -> tuple[str, str]:
    """A certificate of so many days, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "www.awase.example")])
    made = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=seeding.as_of,
        not_valid_after=seeding.days_ago(-days),
    ).sign(key, hashes.SHA256())
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), written.decode()
