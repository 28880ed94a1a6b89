"""Whom the company lets in from outside: policies of resources and grants, some as they should be, some that nobody remembers."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO

_PARTNER: Final = "444455556666"


def seed(seeding: Seeding) -> None:
    """Each stands on something that is there already; a stream, a vault and an access point are new."""
    _stores(seeding)
    _streams(seeding)
    _vaults(seeding)
    _ways_in(seeding)
    _made_things(seeding)
    _issued_and_streamed(seeding)
    _ram(seeding)


def _document(principal: object, action: object, resource: object = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _account(number: str) -> Mapping[str, str]:
    return {"AWS": f"arn:aws:iam::{number}:root"}


def _stores(seeding: Seeding) -> None:
    dynamodb = seeding.client("dynamodb", TOKYO)
    table = dynamodb.describe_table(TableName="awase-customers")["Table"]["TableArn"]
    dynamodb.put_resource_policy(ResourceArn=table, Policy=_document(_account(_PARTNER), "dynamodb:GetItem", table))
    file_system = seeding.names["efs.shared"]
    mount = _document({"AWS": "*"}, "elasticfilesystem:ClientMount", file_system)
    seeding.client("efs", TOKYO).put_file_system_policy(FileSystemId=file_system.rpartition("/")[2], Policy=mount)
    domain = f"arn:aws:es:{TOKYO}:{seeding.state.account_id}:domain/awase-logs"
    seeding.client("opensearch", TOKYO).update_domain_config(
        DomainName="awase-logs", AccessPolicies=_document({"AWS": "*"}, "es:*", f"{domain}/*")
    )
    everyone = _document(_account(_PARTNER), "glue:GetTable", f"arn:aws:glue:{TOKYO}:{seeding.state.account_id}:*")
    seeding.client("glue", TOKYO).put_resource_policy(PolicyInJson=everyone)


def _streams(seeding: Seeding) -> None:
    kinesis = seeding.client("kinesis", TOKYO)
    kinesis.create_stream(StreamName="awase-orders", ShardCount=1)
    stream = f"arn:aws:kinesis:{TOKYO}:{seeding.state.account_id}:stream/awase-orders"
    inside = _document(_account(seeding.state.account_id), "kinesis:PutRecord", stream)
    kinesis.put_resource_policy(ResourceARN=stream, Policy=inside)
    logs = seeding.client("logs", TOKYO)
    role = f"arn:aws:iam::{seeding.state.account_id}:role/app-web"
    logs.put_destination(destinationName="awase-central", targetArn=stream, roleArn=role)
    destination = f"arn:aws:logs:{TOKYO}:{seeding.state.account_id}:destination:awase-central"
    policy = _document({"AWS": _PARTNER}, "logs:PutSubscriptionFilter", destination)
    logs.put_destination_policy(destinationName="awase-central", accessPolicy=policy)


def _vaults(seeding: Seeding) -> None:
    backup = seeding.client("backup", TOKYO)
    into = _document(
        "*", "backup:CopyIntoBackupVault", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-awase00000"}}
    )
    backup.put_backup_vault_access_policy(BackupVaultName="awase-vault", Policy=into)
    glacier = seeding.client("glacier", TOKYO)
    glacier.create_vault(accountId="-", vaultName="awase-archive")
    vault = f"arn:aws:glacier:{TOKYO}:{seeding.state.account_id}:vaults/awase-archive"
    reading = _document(_account(_PARTNER), "glacier:InitiateJob", vault)
    glacier.set_vault_access_policy(accountId="-", vaultName="awase-archive", policy={"Policy": reading})


def _ways_in(seeding: Seeding) -> None:
    apigateway = seeding.client("apigateway", TOKYO)
    api = apigateway.get_rest_apis()["items"][0]["id"]
    where = f"arn:aws:execute-api:{TOKYO}:{seeding.state.account_id}:{api}/*"
    office = _document("*", "execute-api:Invoke", where, Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    change = {"op": "replace", "path": "/policy", "value": office}
    apigateway.update_rest_api(restApiId=api, patchOperations=[change])
    seeding.client("kms", TOKYO).create_grant(
        KeyId=seeding.names["key.data"],
        GranteePrincipal=f"arn:aws:iam::{_PARTNER}:role/reports",
        Operations=["Decrypt"],
    )
    _access_point(seeding)


def _access_point(seeding: Seeding) -> None:
    """A way into a bucket for the partner; the bucket's own policy does not let them in."""
    s3control = seeding.client("s3control", TOKYO)
    bucket = seeding.client("s3", TOKYO).list_buckets()["Buckets"][0]["Name"]
    point = s3control.create_access_point(AccountId=seeding.state.account_id, Name="partner", Bucket=bucket)[
        "AccessPointArn"
    ]
    policy = _document(_account(_PARTNER), "s3:GetObject", f"{point}/object/*")
    s3control.put_access_point_policy(AccountId=seeding.state.account_id, Name="partner", Policy=policy)


def _made_things(seeding: Seeding) -> None:
    """What the company makes and passes on: a layer for everyone, packages and mail for the partner, certificates for nobody."""
    own = seeding.state.account_id
    layer = {"LayerName": "awase-common", "Content": {"ZipFile": b"PK\x05\x06" + bytes(18)}}
    aws_lambda = seeding.client("lambda", TOKYO)
    version = aws_lambda.publish_layer_version(**layer)["Version"]
    aws_lambda.add_layer_version_permission(
        LayerName="awase-common",
        VersionNumber=version,
        StatementId="all",
        Action="lambda:GetLayerVersion",
        Principal="*",
    )
    artifacts = seeding.client("codeartifact", TOKYO)
    domain = artifacts.create_domain(domain="awase")["domain"]["arn"]
    inside = _document(_account(own), "codeartifact:CreateRepository", domain)
    artifacts.put_domain_permissions_policy(domain="awase", policyDocument=inside)
    artifacts.create_repository(domain="awase", repository="shared")
    reading = _document(_account(_PARTNER), "codeartifact:ReadFromRepository")
    artifacts.put_repository_permissions_policy(domain="awase", repository="shared", policyDocument=reading)
    mail = seeding.client("sesv2", TOKYO)
    mail.create_email_identity(EmailIdentity="awase.example")
    identity = f"arn:aws:ses:{TOKYO}:{own}:identity/awase.example"
    sending = _document(_account(_PARTNER), "ses:SendEmail", identity)
    mail.create_email_identity_policy(EmailIdentity="awase.example", PolicyName="partner", Policy=sending)


def _issued_and_streamed(seeding: Seeding) -> None:
    """The account alone may use the certificate authority; the partner may connect to the cluster from its own network."""
    authorities = seeding.client("acm-pca", TOKYO)
    names = {
        "KeyAlgorithm": "EC_prime256v1",
        "SigningAlgorithm": "SHA256WITHECDSA",
        "Subject": {"CommonName": "awase.example"},
    }
    made = authorities.create_certificate_authority(
        CertificateAuthorityConfiguration=names, CertificateAuthorityType="ROOT"
    )
    authority = made["CertificateAuthorityArn"]
    request = authorities.get_certificate_authority_csr(CertificateAuthorityArn=authority)["Csr"]
    issued = authorities.issue_certificate(
        CertificateAuthorityArn=authority, Csr=request.encode(), SigningAlgorithm="SHA256WITHECDSA",
        TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1", Validity={"Type": "YEARS", "Value": 10},
    )["CertificateArn"]  # fmt: skip
    own = authorities.get_certificate(CertificateAuthorityArn=authority, CertificateArn=issued)["Certificate"]
    authorities.import_certificate_authority_certificate(CertificateAuthorityArn=authority, Certificate=own.encode())
    issuing = _document(_account(seeding.state.account_id), "acm-pca:IssueCertificate", authority)
    authorities.put_policy(ResourceArn=authority, Policy=issuing)
    kafka = seeding.client("kafka", TOKYO)
    subnets = [each["SubnetId"] for each in seeding.client("ec2", TOKYO).describe_subnets()["Subnets"][:2]]
    brokers = {"ClientSubnets": subnets, "InstanceType": "kafka.t3.small"}
    provisioned = {"BrokerNodeGroupInfo": brokers, "KafkaVersion": "3.9.x", "NumberOfBrokerNodes": 2}
    cluster = kafka.create_cluster_v2(ClusterName="awase-events", Provisioned=provisioned)["ClusterArn"]
    connecting = _document(_account(_PARTNER), "kafka:CreateVpcConnection", cluster)
    kafka.put_cluster_policy(ClusterArn=cluster, Policy=connecting)


def _ram(seeding: Seeding) -> None:
    """A subnet for the partner, from the time when both worked in one network."""
    subnet = seeding.client("ec2", TOKYO).describe_subnets()["Subnets"][0]["SubnetArn"]
    seeding.client("ram", TOKYO).create_resource_share(
        name="awase-partner", resourceArns=[subnet], principals=[_PARTNER]
    )
