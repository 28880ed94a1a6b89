"""What moto lacks of databases and storage is answered from state that calls change."""

from typing import Any

from sakimori.simulate.server import SimulatedAccount

_MASTER = {"MasterUsername": "a", "MasterUserPassword": "not-a-secret"}
_INSTANCE = {"DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20, **_MASTER}


def test_a_database_whose_maker_named_no_subnets_is_in_the_default_vpc(account: SimulatedAccount) -> None:
    rds = account.client("rds")
    rds.create_db_instance(DBInstanceIdentifier="d", Engine="mysql", **_INSTANCE)
    default = account.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
    assert rds.describe_db_instances()["DBInstances"][0]["DBSubnetGroup"]["VpcId"] == default["VpcId"]


def test_a_cluster_without_a_vpc_has_a_gateway_and_its_instances_no_subnets(
    account: SimulatedAccount, refusal_of: Any
) -> None:
    rds = account.client("rds")
    cluster = {"DBClusterIdentifier": "c", "Engine": "aurora-postgresql", "EnableVPCNetworking": False, **_MASTER}
    gateway = {"EnableInternetAccessGateway": True}
    assert refusal_of(rds.create_db_cluster, **cluster)[0] == "InvalidParameterCombination"
    with_vpc = {**cluster, **gateway, "EnableVPCNetworking": True}
    assert refusal_of(rds.create_db_cluster, **with_vpc)[0] == "InvalidParameterCombination"
    rds.create_db_cluster(**cluster, **gateway, EnableIAMDatabaseAuthentication=True)
    rds.create_db_instance(
        DBInstanceIdentifier="d", DBClusterIdentifier="c", Engine="aurora-postgresql", DBInstanceClass="db.t3.micro"
    )
    assert rds.describe_db_clusters()["DBClusters"][0]["InternetAccessGatewayEnabled"] is True
    assert "DBSubnetGroup" not in rds.describe_db_instances()["DBInstances"][0]


def test_an_encrypted_snapshot_is_shared_with_accounts_but_never_with_everyone(
    account: SimulatedAccount, refusal_of: Any
) -> None:
    rds = account.client("rds")
    rds.create_db_instance(DBInstanceIdentifier="d", Engine="mysql", StorageEncrypted=True, **_INSTANCE)
    rds.create_db_snapshot(DBSnapshotIdentifier="s", DBInstanceIdentifier="d")
    share = {"DBSnapshotIdentifier": "s", "AttributeName": "restore"}
    refused = refusal_of(rds.modify_db_snapshot_attribute, **share, ValuesToAdd=["all"])
    assert refused[0] == "InvalidParameterValue"
    rds.modify_db_snapshot_attribute(**share, ValuesToAdd=["111122223333"])
    found = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier="s")["DBSnapshotAttributesResult"]
    assert found["DBSnapshotAttributes"][0]["AttributeValues"] == ["111122223333"]


def test_redshifts_own_parameter_groups_cannot_be_changed_and_others_can(
    account: SimulatedAccount, refusal_of: Any
) -> None:
    redshift = account.client("redshift")
    wanted = {"Parameters": [{"ParameterName": "require_ssl", "ParameterValue": "true"}]}
    refused = refusal_of(redshift.modify_cluster_parameter_group, ParameterGroupName="default.redshift-1.0", **wanted)
    assert refused[0] == "InvalidClusterParameterGroupState"
    missing = refusal_of(redshift.describe_cluster_parameters, ParameterGroupName="none")
    assert missing[::2] == ("ClusterParameterGroupNotFound", 404)
    redshift.create_cluster_parameter_group(
        ParameterGroupName="own", ParameterGroupFamily="redshift-1.0", Description="own"
    )
    unknown = {"Parameters": [{"ParameterName": "no_such", "ParameterValue": "1"}]}
    refused = refusal_of(redshift.modify_cluster_parameter_group, ParameterGroupName="own", **unknown)
    assert refused[0] == "InvalidParameterValue"
    redshift.modify_cluster_parameter_group(ParameterGroupName="own", **wanted)
    [own] = redshift.describe_cluster_parameters(ParameterGroupName="own", Source="user")["Parameters"]
    assert (own["ParameterName"], own["ParameterValue"]) == ("require_ssl", "true")
    default = redshift.describe_cluster_parameters(ParameterGroupName="default.redshift-1.0")["Parameters"]
    assert {"ParameterName": "require_ssl", "ParameterValue": "false", "Source": "engine-default"} in default


def test_mfa_delete_is_the_root_users_alone(account: SimulatedAccount, refusal_of: Any) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="awase")
    assert "MFADelete" not in s3.get_bucket_versioning(Bucket="awase")
    wanted = {"VersioningConfiguration": {"Status": "Enabled", "MFADelete": "Enabled"}, "MFA": "device 123456"}
    assert refusal_of(s3.put_bucket_versioning, Bucket="awase", **wanted)[::2] == ("AccessDenied", 403)
    s3.put_bucket_versioning(Bucket="awase", VersioningConfiguration={"Status": "Enabled"})
    account.state.mfa_delete["awase"] = True
    found = s3.get_bucket_versioning(Bucket="awase")
    assert (found["Status"], found["MFADelete"]) == ("Enabled", "Enabled")
    suspended = {"VersioningConfiguration": {"Status": "Suspended"}}
    assert refusal_of(s3.put_bucket_versioning, Bucket="awase", **suspended)[0] == "AccessDenied"
    account.state.mfa_delete["awase"] = False
    assert s3.get_bucket_versioning(Bucket="awase")["MFADelete"] == "Disabled"


def test_a_new_bucket_refuses_acls_and_public_policies(account: SimulatedAccount, refusal_of: Any) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="awase")
    assert refusal_of(s3.put_bucket_acl, Bucket="awase", ACL="private")[0] == "AccessControlListNotSupported"
    s3.put_bucket_ownership_controls(
        Bucket="awase", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    assert refusal_of(s3.put_bucket_acl, Bucket="awase", ACL="public-read")[0] == "AccessDenied"
    read = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    public = {
        "Bucket": "awase",
        "Policy": '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}',
    }
    assert refusal_of(s3.put_bucket_policy, **public)[0] == "AccessDenied"
    s3.delete_public_access_block(Bucket="awase")
    s3.put_bucket_policy(**public)
    s3.put_bucket_acl(Bucket="awase", GrantRead=read)
    assert s3.get_bucket_policy_status(Bucket="awase")["PolicyStatus"]["IsPublic"] is True
    [grant] = s3.get_bucket_acl(Bucket="awase")["Grants"]
    assert (grant["Permission"], grant["Grantee"]["Type"]) == ("READ", "Group")


def test_what_is_assigned_to_a_backup_plan_is_listed_and_keeps_the_plan(
    account: SimulatedAccount, refusal_of: Any
) -> None:
    backup = account.client("backup")
    missing = refusal_of(backup.list_backup_selections, BackupPlanId="none")
    assert missing[::2] == ("ResourceNotFoundException", 400)
    backup.create_backup_vault(BackupVaultName="v")
    rules = [{"RuleName": "r", "TargetBackupVaultName": "v"}]
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": rules})["BackupPlanId"]
    assert backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"] == []
    wanted = {"SelectionName": "s", "IamRoleArn": "arn:aws:iam::123456789012:role/backup"}
    made = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=wanted)
    again = refusal_of(backup.create_backup_selection, BackupPlanId=plan, BackupSelection=wanted)
    assert again[0] == "AlreadyExistsException"
    [found] = backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    assert (found["SelectionId"], found["SelectionName"]) == (made["SelectionId"], "s")
    assert refusal_of(backup.delete_backup_plan, BackupPlanId=plan)[0] == "InvalidRequestException"
    backup.delete_backup_selection(BackupPlanId=plan, SelectionId=found["SelectionId"])
    backup.delete_backup_plan(BackupPlanId=plan)
    assert backup.list_backup_plans()["BackupPlansList"] == []


def test_a_domain_is_in_the_vpc_of_its_subnets(account: SimulatedAccount, refusal_of: Any) -> None:
    opensearch = account.client("opensearch")
    wrong = {"DomainName": "wrong", "VPCOptions": {"SubnetIds": ["subnet-0"]}}
    assert refusal_of(opensearch.create_domain, **wrong)[0] == "ValidationException"
    subnet = account.client("ec2").describe_subnets()["Subnets"][0]
    opensearch.create_domain(DomainName="inside", VPCOptions={"SubnetIds": [subnet["SubnetId"]]})
    opensearch.create_domain(DomainName="outside")
    inside, outside = opensearch.describe_domains(DomainNames=["inside", "outside"])["DomainStatusList"]
    assert inside["VPCOptions"]["VPCId"] == subnet["VpcId"]
    assert "VPCOptions" not in outside
