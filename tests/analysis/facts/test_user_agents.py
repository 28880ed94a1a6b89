import pytest
from tests.analysis.facts.events import call, told

CASES = [
    ("aws-cli/2.15.0 Python/3.11.6 Linux/6.5.0-kali3-amd64 exe/x86_64", "kali", "kali"),
    ("Boto3/1.26.5 Python/3.11.2 Linux/6.0.0-12parrot1-amd64 Botocore/1.29.5", "parrot", "parrot"),
    ("aws-cli/1.16 Python/3.6.5 Linux/4.17.0-pentoo", "pentoo", "pentoo"),
    ("stratus-red-team_68ca6964-e6f1-41c8-ac76-892de844939d", "stratus-red-team", "stratus-red-team"),
    ("Boto3/1.9 Botocore/1.12 Pacu/1.0", "pacu", "pacu"),
    ("Boto3/1.34 Botocore/1.34 Prowler/3.11", "prowler", "prowler"),
    ("aws-nuke/2.0", "aws-nuke", "aws-nuke"),
    ("TruffleHog", "trufflehog", "trufflehog"),
    ("[S3 Browser/10.8.1 (https://s3browser.com)]", "s3browser", ""),
    ("WinSCP/6.1", "winscp", ""),
    ("[aws-cli/2.15.0 Python/3.11.6 Linux/6.5 exe/x86_64.ubuntu.22 command/s3.ls]", "cli", ""),
    ("aws-cli/2.1 Python/3.8 exec-env/CloudShell", "cloudshell", ""),
    ("Boto3/1.40.0 md/Botocore#1.40.0", "boto3", ""),
    ("Botocore/1.29", "botocore", ""),
    ("APN/1.0 HashiCorp/1.0 Terraform/1.3.7 terraform-provider-aws/5.57.0 aws-sdk-go-v2/1.30.1", "terraform", ""),
    ("aws-sdk-go-v2/1.30.1 os/linux", "sdk-go", ""),
    ("aws-sdk-java/2.20 Linux/5.10", "sdk-java", ""),
    ("cloudformation.amazonaws.com", "cloudformation", ""),
    ("autoscaling.amazonaws.com", "service", ""),
    ("AWS Internal", "service", ""),
    ("console.amazonaws.com", "console", ""),
    ("console.ec2.amazonaws.com", "console", ""),
    ("[S3Console/0.4, aws-internal/3 aws-sdk-java/1.11]", "console", ""),
    ("Mozilla/5.0 (Macintosh) Safari/605.1.15", "browser", ""),
    ("something else", "other", ""),
]  # fmt: skip


@pytest.mark.parametrize(("agent", "kind", "tool"), CASES)
def test_what_a_user_agent_names(agent: str, kind: str, tool: str) -> None:
    event = call("ListBuckets", userAgent=agent)
    assert (told("user_agent_kind", event), told("attack_tool", event)) == (kind, tool)


@pytest.mark.parametrize("agent", ["aws-cli/2.1 Linux/5.4 user/kalinka", "app/alkaline", "aws-cli/2.1 prowess"])
def test_a_word_that_contains_a_tools_name_is_no_tool(agent: str) -> None:
    assert told("attack_tool", call("ListBuckets", userAgent=agent)) == ""


def test_no_user_agent_is_no_known_kind() -> None:
    assert told("user_agent_kind", call("ListBuckets")) is None
