"""The kind of program behind a user agent. The caller writes the user agent, so it proves nothing; most do not hide."""

import re
from functools import lru_cache
from typing import Final

from sakimori.analysis.facts.event_parts import text_in
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.model.verdict import Text

_LONGEST: Final = 2_000

# The first that is found decides; the operating system of attackers counts before the SDK that runs on it.
_ATTACK: Final = (
    ("kali", r"(?:^|[/\-+. ])kali(?:\d|\b)"),
    ("parrot", r"\bparrot(?:sec|os)?\b|[\d.]+parrot"),
    ("pentoo", r"pentoo"),
    ("blackarch", r"blackarch"),
    ("pacu", r"\bpacu\b"),
    ("cloudfox", r"cloudfox"),
    ("stratus-red-team", r"stratus-red-team"),
    ("scoutsuite", r"scout ?suite"),
    ("prowler", r"\bprowler"),
    ("cloudsploit", r"cloudsploit"),
    ("trufflehog", r"trufflehog"),
    ("gitleaks", r"gitleaks"),
    ("aws-nuke", r"aws-nuke"),
    ("cloud-nuke", r"cloud-nuke"),
    ("enumerate-iam", r"enumerate-iam"),
    ("s3scanner", r"s3scanner|bucket_finder|cloud_enum"),
    ("sqlmap", r"sqlmap|nikto|nuclei|masscan"),
)
_CLIENTS: Final = (
    ("s3browser", r"s3 ?browser"),
    ("cyberduck", r"cyberduck|mountain ?duck"),
    ("winscp", r"winscp"),
    ("filezilla", r"filezilla"),
    ("rclone", r"rclone"),
    ("s3cmd", r"s3cmd"),
    ("cloudberry", r"cloudberry|msp360"),
    ("cloudshell", r"exec-env/cloudshell"),
    ("console", r"console\.(?:\w+\.)*amazonaws\.com|signin\.amazonaws\.com|s3console|awsconsole"),
    ("cloudformation", r"cloudformation\.amazonaws\.com"),
    ("service", r"^\[?aws-internal/|\.amazonaws\.com(?:\.cn)?\Z|^aws internal"),
    ("terraform", r"terraform|hashicorp|opentofu"),
    ("pulumi", r"pulumi"),
    ("cdk", r"\baws-?cdk|cdk/"),
    ("ansible", r"ansible"),
    ("sam", r"aws-?sam"),
    ("serverless", r"serverless"),
    ("packer", r"packer"),
    ("eksctl", r"eksctl"),
    ("steampipe", r"steampipe"),
    ("custodian", r"cloud-custodian|c7n"),
    ("tools-powershell", r"aws ?tools ?(?:for)? ?(?:windows)? ?powershell|awspowershell"),
    ("cli", r"^\[?aws-cli"),
    ("boto3", r"^\[?boto3"),
    ("botocore", r"^\[?(?:aio)?botocore"),
    ("boto", r"^\[?boto/"),
    ("sdk-java", r"aws-sdk-java"),
    ("sdk-go", r"aws-sdk-go"),
    ("sdk-js", r"aws-sdk-(?:js|nodejs)"),
    ("sdk-php", r"aws-sdk-php"),
    ("sdk-ruby", r"aws-sdk-ruby"),
    ("sdk-dotnet", r"aws-sdk-(?:dotnet|net)"),
    ("sdk-rust", r"aws-sdk-rust"),
    ("sdk-cpp", r"aws-sdk-cpp"),
    ("sdk-swift", r"aws-sdk-(?:swift|ios)|aws-sdk-kotlin|aws-sdk-android"),
    ("curl", r"^\[?(?:curl|wget)/"),
    ("python", r"^\[?(?:python-requests|python-urllib|python-httpx|aiohttp)"),
    ("go", r"^\[?go-http-client"),
    ("postman", r"postman|insomnia"),
    ("browser", r"^\[?mozilla/"),
)


# One pattern for all would let the leftmost match win, not the first of the table.
_ATTACKS: Final = tuple((kind, re.compile(pattern).search) for kind, pattern in _ATTACK)
_KINDS: Final = tuple((kind, re.compile(pattern).search) for kind, pattern in (*_ATTACK, *_CLIENTS))


@lru_cache(maxsize=4096)
def kind_of_agent(agent: str) -> str:
    """A word of the tables above; `other` for an agent of none of them, "" for none at all."""
    text = agent[:_LONGEST].lower()
    if not text:
        return ""
    return next((kind for kind, search in _KINDS if search(text)), "other")


@lru_cache(maxsize=4096)
def attack_tool_in(agent: str) -> str:
    """The tool or system of attackers that an agent names; "" where it names none."""
    text = agent[:_LONGEST].lower()
    return next((kind for kind, search in _ATTACKS if search(text)), "")


def _kind(event: Event, _: Surroundings) -> str | None:
    return kind_of_agent(text_in(event.get("userAgent"))) or None


def _attack_tool(event: Event, _: Surroundings) -> str:
    return attack_tool_in(text_in(event.get("userAgent")))


FACTS: Final = (
    Fact(
        name="fact.user_agent_kind",
        type=FactType.TEXT,
        sentence=Text(
            en="The kind of program that the user agent names: console, cli, boto3, terraform, kali and others.",
            ja="ユーザーエージェントから分かるプログラムの種類です（console、cli、boto3、terraform、kali など）。",
        ),
        reads=("userAgent",),
        of=_kind,
    ),
    Fact(
        name="fact.attack_tool",
        type=FactType.TEXT,
        sentence=Text(
            en="The attack or audit tool, or the attackers' operating system, that the user agent names; empty if none.",
            ja="ユーザーエージェントに現れる攻撃・監査ツールまたは攻撃用 OS の名前です。なければ空です。",
        ),
        reads=("userAgent",),
        of=_attack_tool,
    ),
)
