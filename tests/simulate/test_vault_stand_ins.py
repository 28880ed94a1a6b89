"""Analyzers, server certificates, KMS keys and secrets behave as AWS's do."""

from datetime import timedelta
from typing import Any

import pytest

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy.access import _certificate
from sakimori.simulate.server import SimulatedAccount

TOKYO = "ap-northeast-1"
FAKE = "not-a-secret"


@pytest.mark.slow
def test_an_analyzer_belongs_to_a_region_and_there_is_one_of_a_type(account: SimulatedAccount, refusal_of: Any) -> None:
    client = account.client("accessanalyzer")
    assert client.list_analyzers()["analyzers"] == []
    arn = client.create_analyzer(analyzerName="external", type="ACCOUNT")["arn"]
    assert arn == f"arn:aws:access-analyzer:us-east-1:{account.account_id}:analyzer/external"
    client.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS")
    found = [(each["name"], each["status"]) for each in client.list_analyzers()["analyzers"]]
    assert found == [("external", "ACTIVE"), ("unused", "ACTIVE")]
    assert [each["name"] for each in client.list_analyzers(type="ACCOUNT")["analyzers"]] == ["external"]
    pages = client.get_paginator("list_analyzers").paginate(PaginationConfig={"PageSize": 1})
    assert [len(page["analyzers"]) for page in pages] == [1, 1]
    assert account.client("accessanalyzer", region=TOKYO).list_analyzers()["analyzers"] == []
    taken = {"analyzerName": "external", "type": "ACCOUNT_INTERNAL_ACCESS"}
    assert refusal_of(client.create_analyzer, **taken)[::2] == ("ConflictException", 409)
    second = {"analyzerName": "again", "type": "ACCOUNT"}
    assert refusal_of(client.create_analyzer, **second)[::2] == ("ServiceQuotaExceededException", 402)
    whole = {"analyzerName": "all", "type": "ORGANIZATION"}
    assert refusal_of(client.create_analyzer, **whole)[0] == "ValidationException"
    client.delete_analyzer(analyzerName="external")
    assert refusal_of(client.get_analyzer, analyzerName="external")[::2] == ("ResourceNotFoundException", 404)
    assert client.get_analyzer(analyzerName="unused")["analyzer"]["type"] == "ACCOUNT_UNUSED_ACCESS"


def test_a_server_certificate_has_its_own_days(account: SimulatedAccount, refusal_of: Any) -> None:
    now = account.state.clock()
    with Seeding(endpoint_url="", credentials=account.credentials(), state=account.state, as_of=now) as seeding:
        body, key = _certificate(seeding)
    iam = account.client("iam")
    given = {"ServerCertificateName": "shop", "CertificateBody": body, "PrivateKey": key}
    made = iam.upload_server_certificate(**given, Path="/cloudfront/")["ServerCertificateMetadata"]
    assert made["Expiration"] - now < timedelta(days=366)
    (listed,) = iam.list_server_certificates()["ServerCertificateMetadataList"]
    assert listed == made
    assert iam.list_server_certificates(PathPrefix="/elb/")["ServerCertificateMetadataList"] == []
    assert refusal_of(iam.upload_server_certificate, **given)[::2] == ("EntityAlreadyExists", 409)
    broken = {**given, "ServerCertificateName": "www", "CertificateBody": "no certificate"}
    assert refusal_of(iam.upload_server_certificate, **broken)[::2] == ("MalformedCertificate", 400)
    iam.delete_server_certificate(ServerCertificateName="shop")
    assert iam.list_server_certificates()["ServerCertificateMetadataList"] == []


def test_acm_shows_elliptic_keys_only_to_whoever_asks_for_them(account: SimulatedAccount) -> None:
    now = account.state.clock()
    with Seeding(endpoint_url="", credentials=account.credentials(), state=account.state, as_of=now) as seeding:
        body, key = _certificate(seeding)
    acm = account.client("acm")
    arn = acm.import_certificate(Certificate=body.encode(), PrivateKey=key.encode())["CertificateArn"]
    assert acm.list_certificates()["CertificateSummaryList"] == []
    (found,) = acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})["CertificateSummaryList"]
    assert (found["CertificateArn"], found["KeyAlgorithm"], found["Status"]) == (arn, "EC_prime256v1", "ISSUED")


def test_kms_rotates_only_what_it_can_rotate(account: SimulatedAccount, refusal_of: Any) -> None:
    kms = account.client("kms")
    key = kms.create_key()["KeyMetadata"]
    assert (key["KeyUsage"], key["MultiRegion"], key["KeyState"]) == ("ENCRYPT_DECRYPT", False, "Enabled")
    name = key["KeyId"]
    assert kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=name)
    assert kms.get_key_rotation_status(KeyId=key["Arn"])["KeyRotationEnabled"] is True
    hmac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    imported = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
    assert (imported["KeyState"], imported["Enabled"]) == ("PendingImport", False)
    for each in (hmac, imported["KeyId"]):
        assert refusal_of(kms.get_key_rotation_status, KeyId=each)[0] == "UnsupportedOperationException"
        assert refusal_of(kms.enable_key_rotation, KeyId=each)[0] == "UnsupportedOperationException"
    kms.disable_key(KeyId=name)
    assert kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"] is True
    assert refusal_of(kms.disable_key_rotation, KeyId=name)[0] == "DisabledException"
    kms.schedule_key_deletion(KeyId=name, PendingWindowInDays=7)
    assert kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"] is False
    assert refusal_of(kms.enable_key_rotation, KeyId=name)[0] == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=name)
    assert kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"] is True


def test_a_key_that_a_service_made_is_managed_by_aws(account: SimulatedAccount) -> None:
    ec2 = account.client("ec2")
    ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, Encrypted=True)
    kms = account.client("kms")
    managers = [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"]["KeyManager"] for each in kms.list_keys()["Keys"]]
    assert managers == ["AWS"]


def test_symmetric_keys_still_encrypt_and_asymmetric_ones_still_sign(account: SimulatedAccount) -> None:
    kms = account.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"words")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"words"
    pair = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    asked = {"KeyId": pair, "Message": b"words", "SigningAlgorithm": "ECDSA_SHA_256"}
    assert kms.verify(**asked, Signature=kms.sign(**asked)["Signature"])["SignatureValid"] is True


def test_a_secret_remembers_the_day_of_its_last_reading(account: SimulatedAccount, refusal_of: Any) -> None:
    client = account.client("secretsmanager")
    arn = client.create_secret(Name="db", SecretString=FAKE)["ARN"]
    assert "LastAccessedDate" not in client.list_secrets()["SecretList"][0]
    client.get_secret_value(SecretId="db")
    read_at = client.list_secrets()["SecretList"][0]["LastAccessedDate"]
    midnight = account.state.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    assert read_at == midnight
    assert account.state.secret_read_at.keys() == {arn}
    assert refusal_of(client.get_secret_value, SecretId="none")[0] == "ResourceNotFoundException"


def test_the_versions_of_a_secret_have_their_own_days(account: SimulatedAccount, refusal_of: Any) -> None:
    client = account.client("secretsmanager")
    arn = client.create_secret(Name="db", SecretString=FAKE)["ARN"]
    client.put_secret_value(SecretId="db", SecretString=f"{FAKE}-2")
    answer = client.list_secret_version_ids(SecretId="db")
    assert (answer["ARN"], answer["Name"]) == (arn, "db")
    stages = [each["VersionStages"] for each in answer["Versions"]]
    assert sorted(stages) == [["AWSCURRENT"], ["AWSPREVIOUS"]]
    ages = [account.state.clock() - each["CreatedDate"] for each in answer["Versions"]]
    assert all(timedelta(seconds=-1) < age < timedelta(minutes=5) for age in ages)
    assert refusal_of(client.list_secret_version_ids, SecretId="none")[0] == "ResourceNotFoundException"
