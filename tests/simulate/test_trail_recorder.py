"""Every call is an event: in the event history at once, and in the files of the trails that record it.

Slow: weeks of the company's trail are written.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sakimori.simulate.clients import client_of
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.identities import Credentials
from sakimori.simulate.server import SimulatedAccount

pytestmark = pytest.mark.slow

TOKYO = "ap-northeast-1"
BUCKET = "kiroku"
MAY_WRITE = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject"}


def told(account: SimulatedAccount, name: str, *, region: str = "us-east-1", **more: Any) -> dict[str, Any]:
    """The one event of that name."""
    found = events(
        account, region=region, LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}], **more
    )
    assert len(found) == 1, [each["eventName"] for each in found]
    return found[0]


def events(account: SimulatedAccount, *, region: str = "us-east-1", **asked: Any) -> list[dict[str, Any]]:
    pages = account.client("cloudtrail", region=region).get_paginator("lookup_events").paginate(**asked)
    return [json.loads(each["CloudTrailEvent"]) for page in pages for each in page["Events"]]


@pytest.fixture
def trail(account: SimulatedAccount) -> Callable[..., Any]:
    def make(name: str = "kiroku", bucket: str = BUCKET, *, region: str = "us-east-1", **more: Any) -> Any:
        s3 = account.client("s3")
        s3.create_bucket(Bucket=bucket)
        statement = {**MAY_WRITE, "Resource": f"arn:aws:s3:::{bucket}/*"}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        cloudtrail = account.client("cloudtrail", region=region)
        cloudtrail.create_trail(Name=name, S3BucketName=bucket, **{"IsMultiRegionTrail": True, **more})
        cloudtrail.start_logging(Name=name)
        return cloudtrail

    return make


def files(account: SimulatedAccount, bucket: str = BUCKET) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    s3 = account.client("s3")
    for each in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        body = s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
        yield each["Key"], json.loads(gzip.decompress(body))["Records"]


def names(account: SimulatedAccount, bucket: str = BUCKET) -> list[str]:
    return [each["eventName"] for _, records in files(account, bucket) for each in records]


# -- one event -------------------------------------------------------------------------


def test_an_event_says_who_did_what_from_where_with_what(account: SimulatedAccount) -> None:
    account.client("iam").create_user(UserName="eve")
    event = told(account, "CreateUser")
    assert next(iter(event)) == "eventVersion"
    assert event["userIdentity"] == {
        "type": "IAMUser",
        "principalId": event["userIdentity"]["principalId"],
        "arn": f"arn:aws:iam::{account.account_id}:user/owner",
        "accountId": account.account_id,
        "accessKeyId": account.credentials().access_key_id,
        "userName": "owner",
    }
    assert (event["eventSource"], event["awsRegion"]) == ("iam.amazonaws.com", "us-east-1")
    assert event["sourceIPAddress"] == "127.0.0.1"
    assert event["userAgent"].startswith("Boto3/")
    assert event["requestParameters"] == {"userName": "eve"}
    assert event["responseElements"]["user"]["arn"].endswith(":user/eve")
    assert (event["readOnly"], event["managementEvent"], event["eventCategory"]) == (False, True, "Management")
    assert event["recipientAccountId"] == account.account_id
    moment = datetime.fromisoformat(event["eventTime"])
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=5)  # noqa: TID251


def test_a_read_tells_no_result(account: SimulatedAccount) -> None:
    account.client("ec2").describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])
    event = told(account, "DescribeVpcs")
    assert event["readOnly"] is True
    assert event["responseElements"] is None
    filters = {"items": [{"name": "isDefault", "valueSet": {"items": [{"value": "true"}]}}]}
    assert event["requestParameters"] == {"filterSet": filters}


def test_ec2_tells_lists_as_sets_of_items(account: SimulatedAccount) -> None:
    ec2 = account.client("ec2")
    group = ec2.create_security_group(GroupName="g", Description="d")["GroupId"]
    ports = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=ports)
    event = told(account, "AuthorizeSecurityGroupIngress")
    [item] = event["requestParameters"]["ipPermissions"]["items"]
    assert item == {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}
    assert event["responseElements"]["_return"] is True


def test_s3_tells_bucket_sub_resource_and_policy(account: SimulatedAccount) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="b-1")
    policy = {"Version": "2012-10-17", "Statement": [{**MAY_WRITE, "Resource": "arn:aws:s3:::b-1/*"}]}
    s3.put_bucket_policy(Bucket="b-1", Policy=json.dumps(policy))
    parameters = told(account, "PutBucketPolicy")["requestParameters"]
    assert parameters["bucketName"] == "b-1"
    assert parameters["bucketPolicy"] == policy
    assert parameters["policy"] == ""


def test_lambda_and_s3_have_their_own_names_for_operations(account: SimulatedAccount) -> None:
    account.client("lambda").list_functions()
    account.client("s3").create_bucket(Bucket="b-1")
    account.client("s3").get_public_access_block(Bucket="b-1")
    found = {event["eventName"]: event["eventSource"] for event in events(account)}
    assert found["ListFunctions20150331"] == "lambda.amazonaws.com"
    assert found["GetBucketPublicAccessBlock"] == "s3.amazonaws.com"
    account.client("cloudwatch").describe_alarms()
    assert told(account, "DescribeAlarms")["eventSource"] == "monitoring.amazonaws.com"


def test_what_is_refused_is_told_with_the_code_as_cloudtrail_spells_it(account: SimulatedAccount) -> None:
    for service, call in (("iam", "list_users"), ("kms", "list_keys"), ("ec2", "describe_instances")):
        with pytest.raises(ClientError):
            getattr(account.client(service, "nobody"), call)()
    codes = {event["eventName"]: event["errorCode"] for event in events(account) if "errorCode" in event}
    assert codes == {
        "ListUsers": "AccessDenied",
        "ListKeys": "AccessDenied",
        "DescribeInstances": "Client.UnauthorizedOperation",
    }
    assert "is not authorized to perform: iam:ListUsers" in told(account, "ListUsers")["errorMessage"]


def test_a_session_is_told_with_its_role_and_by_whom_it_was_given_out(account: SimulatedAccount) -> None:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = account.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    account.client("iam").attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    given = account.client("sts").assume_role(RoleArn=role, RoleSessionName="night")["Credentials"]
    session = Credentials(
        access_key_id=given["AccessKeyId"],
        secret_access_key=given["SecretAccessKey"],
        session_token=given["SessionToken"],
    )
    client_of("ec2", TOKYO, account.endpoint_url, session).describe_vpcs()
    out = told(account, "AssumeRole")
    assert out["responseElements"]["credentials"]["accessKeyId"] == given["AccessKeyId"]
    assert given["SecretAccessKey"] not in json.dumps(out)
    who = told(account, "DescribeVpcs", region=TOKYO)["userIdentity"]
    assert (who["type"], who["accessKeyId"]) == ("AssumedRole", given["AccessKeyId"])
    assert who["arn"].endswith(":assumed-role/r/night")
    assert who["sessionContext"]["sessionIssuer"]["arn"] == role


def test_no_secret_stands_in_an_event(account: SimulatedAccount) -> None:
    secrets = [f"Hush-{number}-hush!" for number in range(7)]
    account.client("iam").create_user(UserName="eve")
    account.client("iam").create_login_profile(UserName="eve", Password=secrets[0])
    key = account.client("iam").create_access_key(UserName="eve")["AccessKey"]["SecretAccessKey"]
    account.client("secretsmanager").create_secret(Name="s", SecretString=secrets[1])
    account.client("ssm").put_parameter(Name="p", Value=secrets[2], Type="SecureString")
    account.client("rds").create_db_instance(
        DBInstanceIdentifier="d", Engine="mysql", DBInstanceClass="db.t3.micro", MasterUsername="m", AllocatedStorage=20,
        MasterUserPassword=secrets[3],
    )  # fmt: skip
    account.client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, UserData=secrets[4])
    made = account.client("ec2").create_key_pair(KeyName="k")["KeyMaterial"]
    account.client("kms").encrypt(
        KeyId=account.client("kms").create_key()["KeyMetadata"]["KeyId"], Plaintext=secrets[5].encode()
    )
    text = json.dumps(events(account))
    assert [secret for secret in (*secrets, key, made[30:80], secrets[4]) if secret in text] == []
    assert "hush" not in text.lower()
    assert told(account, "CreateDBInstance")["requestParameters"]["masterUserPassword"] == "****"
    assert told(account, "RunInstances")["requestParameters"]["userData"] == "<sensitiveDataRemoved>"


def test_a_key_that_nobody_has_makes_no_event(account: SimulatedAccount) -> None:
    stranger = Credentials(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="x" * 40)
    with pytest.raises(ClientError):
        client_of("sts", "us-east-1", account.endpoint_url, stranger).get_caller_identity()
    assert events(account) == []


# -- the event history -------------------------------------------------------------------


def test_the_history_comes_newest_first_fifty_a_page(account: SimulatedAccount) -> None:
    sts = account.client("sts")
    for _ in range(120):
        sts.get_caller_identity()
    pages = list(account.client("cloudtrail").get_paginator("lookup_events").paginate())
    assert [len(page["Events"]) for page in pages[:2]] == [50, 50]
    found = [each for page in pages for each in page["Events"]]
    assert len({each["EventId"] for each in found}) == len(found) >= 120
    times = [each["EventTime"] for each in found]
    assert times == sorted(times, reverse=True)


def test_each_region_has_a_history_of_its_own(account: SimulatedAccount) -> None:
    account.client("ec2", region=TOKYO).describe_vpcs()
    assert "DescribeVpcs" not in {event["eventName"] for event in events(account)}
    assert told(account, "DescribeVpcs", region=TOKYO)["awsRegion"] == TOKYO


def test_a_time_of_seconds_holds_both_its_ends(account: SimulatedAccount) -> None:
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    account.state.clock = lambda: at
    account.client("ec2").describe_vpcs()
    account.state.clock = lambda: at + timedelta(days=1)
    for since, until, count in ((0, 0, 1), (-1, -1, 0), (1, 1, 0), (-5, 0, 1), (0, 5, 1)):
        found = events(account, StartTime=at + timedelta(seconds=since), EndTime=at + timedelta(seconds=until))
        assert len(found) == count, (since, until)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("EventName", "CreateUser"),
        ("Username", "owner"),
        ("EventSource", "iam.amazonaws.com"),
        ("ReadOnly", "false"),
        ("ResourceName", "eve"),
        ("ResourceType", "AWS::IAM::User"),
    ],
)
def test_the_history_is_searched_by_one_attribute(account: SimulatedAccount, key: str, value: str) -> None:
    account.client("iam").create_user(UserName="eve")
    with pytest.raises(ClientError):
        account.client("ec2", "nobody").describe_vpcs()
    found = events(account, LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}])
    assert "CreateUser" in [event["eventName"] for event in found]
    assert "DescribeVpcs" not in [event["eventName"] for event in found]


def test_what_cannot_be_asked_is_refused(account: SimulatedAccount, refusal_of: Any) -> None:
    lookup = account.client("cloudtrail").lookup_events
    two = [{"AttributeKey": "EventName", "AttributeValue": "x"}, {"AttributeKey": "Username", "AttributeValue": "y"}]
    assert refusal_of(lookup, LookupAttributes=two)[0] == "InvalidLookupAttributesException"
    assert refusal_of(lookup, NextToken="nonsense")[0] == "InvalidNextTokenException"
    begin, end = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    assert refusal_of(lookup, StartTime=begin, EndTime=end)[0] == "InvalidTimeRangeException"
    for _ in range(60):
        account.client("sts").get_caller_identity()
    token = lookup()["NextToken"]
    assert refusal_of(lookup, NextToken=token, StartTime=end)[0] == "InvalidNextTokenException"


def test_the_history_can_be_throttled_as_on_aws(account: SimulatedAccount, refusal_of: Any) -> None:
    # One in a hundred seconds: of two in one, a third may pass where the machine is busy.
    account.faults.add(Fault(kind=Kind.THROTTLE, match="cloudtrail:LookupEvents", calls_per_second=0.01))
    lookup = account.client("cloudtrail").lookup_events
    lookup()
    assert refusal_of(lookup)[0] == "ThrottlingException"


def test_data_events_are_not_in_the_history(account: SimulatedAccount) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="b-1")
    s3.put_object(Bucket="b-1", Key="k", Body=b"x")
    s3.list_objects_v2(Bucket="b-1")
    assert [event["eventName"] for event in events(account)] == ["CreateBucket"]


# -- files of trails ----------------------------------------------------------------------


def test_a_trail_delivers_files_where_and_as_cloudtrail_does(account: SimulatedAccount, trail: Any) -> None:
    trail()
    account.client("ec2", region=TOKYO).describe_vpcs()
    found = dict(files(account))
    [key] = [key for key in found if TOKYO in key]
    now = datetime.now(UTC)  # noqa: TID251
    begin = f"AWSLogs/{account.account_id}/CloudTrail/{TOKYO}/{now:%Y}/"
    assert key.startswith(begin)
    assert key.rpartition("/")[2].startswith(f"{account.account_id}_CloudTrail_{TOKYO}_{now:%Y}")
    assert key.endswith(".json.gz")
    assert [event["eventName"] for event in found[key]] == ["DescribeVpcs"]
    assert found[key][0]["eventID"] == told(account, "DescribeVpcs", region=TOKYO)["eventID"]


def test_an_event_is_delivered_once(account: SimulatedAccount, trail: Any) -> None:
    trail()
    account.client("ec2").describe_vpcs()
    assert account.deliver() == 1
    assert account.deliver() == 0
    assert names(account).count("DescribeVpcs") == 1


def test_a_trail_tells_nothing_from_before_it_was_on_nor_from_after(account: SimulatedAccount, trail: Any) -> None:
    account.client("ec2").describe_vpcs()
    cloudtrail = trail()
    account.client("ec2").describe_subnets()
    cloudtrail.stop_logging(Name="kiroku")
    account.client("ec2").describe_instances()
    cloudtrail.start_logging(Name="kiroku")
    account.client("ec2").describe_volumes()
    found = names(account)
    assert "DescribeSubnets" in found
    assert "DescribeVolumes" in found
    assert not {"DescribeVpcs", "DescribeInstances"} & set(found)


def test_a_trail_of_one_region_tells_of_that_region(account: SimulatedAccount, trail: Any) -> None:
    trail(region=TOKYO, IsMultiRegionTrail=False)
    account.client("ec2", region=TOKYO).describe_vpcs()
    account.client("ec2").describe_vpcs()
    account.client("iam").list_users()
    assert {event["awsRegion"] for _, records in files(account) for event in records} == {TOKYO}


def test_a_trail_whose_bucket_is_closed_delivers_nothing(account: SimulatedAccount, trail: Any) -> None:
    trail()
    account.client("s3").delete_bucket_policy(Bucket=BUCKET)
    account.client("ec2").describe_vpcs()
    assert account.deliver() == 0
    assert names(account) == []


def test_selectors_say_what_a_trail_records(account: SimulatedAccount, trail: Any) -> None:
    cloudtrail = trail()
    account.client("s3").create_bucket(Bucket="watched")
    account.client("s3").create_bucket(Bucket="unwatched")
    writes = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}
    own = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::watched/"]}]
    cloudtrail.put_event_selectors(TrailName="kiroku", EventSelectors=[{**writes, "DataResources": own}])
    for bucket in ("watched", "unwatched"):
        account.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    account.client("s3").get_object(Bucket="watched", Key="k")["Body"].read()
    account.client("ec2").describe_vpcs()
    account.client("iam").create_user(UserName="eve")
    found = [event for _, records in files(account) for event in records]
    names_ = [event["eventName"] for event in found]
    assert names_.count("PutObject") == 1
    assert "CreateUser" in names_
    assert not {"GetObject", "DescribeVpcs"} & set(names_)
    [put] = [event for event in found if event["eventName"] == "PutObject"]
    assert put["requestParameters"]["key"] == "k"
    assert (put["managementEvent"], put["eventCategory"]) == (False, "Data")
    assert put["resources"][0] == {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::watched/k"}


def test_advanced_selectors_say_it_too(account: SimulatedAccount, trail: Any) -> None:
    cloudtrail = trail()
    fields = [
        {"Field": "eventCategory", "Equals": ["Management"]},
        {"Field": "readOnly", "Equals": ["true"]},
        {"Field": "eventSource", "NotEquals": ["ec2.amazonaws.com"]},
    ]
    cloudtrail.put_event_selectors(TrailName="kiroku", AdvancedEventSelectors=[{"FieldSelectors": fields}])
    account.client("ec2").describe_vpcs()
    account.client("iam").list_users()
    account.client("iam").create_user(UserName="eve")
    found = names(account)
    assert "ListUsers" in found
    assert not {"DescribeVpcs", "CreateUser"} & set(found[found.index("ListUsers") :])


# -- the company --------------------------------------------------------------------------


def test_the_companys_two_weeks_have_happened_and_its_building_has_not(messy: SimulatedAccount) -> None:
    tokyo, virginia = events(messy, region=TOKYO), events(messy)
    who = {event["userIdentity"].get("userName") for event in (*tokyo, *virginia)}
    assert {"sato.kenji", "suzuki.hanako", "ci-deploy", "backup-batch", "legacy-ftp"} <= who
    assert len(tokyo) > 150
    assert "CreateVpc" not in {event["eventName"] for event in tokyo}
    old = [event for event in tokyo if event["eventTime"] < f"{messy.state.clock() - timedelta(days=10):%Y-%m-%d}"]
    assert len(old) > 20
    assert len({event["eventID"] for event in (*tokyo, *virginia)}) == len(tokyo) + len(virginia)


def test_the_strangers_key_is_the_leaked_one(messy: SimulatedAccount) -> None:
    strange = [event for event in events(messy) if event["sourceIPAddress"] == "192.0.2.66"]
    [key] = {event["userIdentity"]["accessKeyId"] for event in strange}
    keys = messy.client("iam").list_access_keys(UserName="legacy-ftp")["AccessKeyMetadata"]
    assert key in {each["AccessKeyId"] for each in keys}
    assert {event.get("errorCode") for event in strange} >= {None, "AccessDenied"}


def test_only_trails_that_can_write_have_the_companys_weeks(messy: SimulatedAccount) -> None:
    account = messy.account_id
    assert len(names(messy, f"awase-trail-tokyo-{account}")) > 150
    assert names(messy, f"awase-trail-{account}") == []
    assert not any(event["readOnly"] for _, records in files(messy, f"awase-handson-{account}") for event in records)
