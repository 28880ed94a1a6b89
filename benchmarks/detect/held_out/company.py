"""The company: a shop on the web with four accounts, its people, partners, addresses and names of things."""

import random
from dataclasses import dataclass
from typing import Final

import clock
from record import Caller, console_user, hexadecimal, session, user

PAYER: Final = "410300000011"  # management account: billing, Identity Center, the organisation
SHOP: Final = "410300000022"  # production
STAGING: Final = "410300000033"
DATA: Final = "410300000044"  # analytics, logs and copies
ACCOUNTS: Final = (PAYER, SHOP, STAGING, DATA)
MSP: Final = "580900000055"
CSPM: Final = "690700000066"
ORGANISATION: Final = "o-hx4example"
DR: Final = "ap-northeast-3"

NETWORKS: Final = (  # network, country, ASN, name
    ("192.0.2.0/28", "JP", 64500, "Hinode Shoten Tokyo office"),
    ("192.0.2.16/28", "JP", 64500, "Hinode Shoten Osaka warehouse"),
    ("192.0.2.32/28", "JP", 64501, "Example Data Centre Tokyo"),
    ("192.0.2.48/28", "JP", 64502, "Example Fibre Japan"),
    ("192.0.2.64/28", "JP", 64503, "Example Mobile Japan"),
    ("192.0.2.80/28", "JP", 16509, "Amazon Tokyo, gateways of production"),
    ("192.0.2.96/28", "JP", 16509, "Amazon Tokyo, gateways of staging and data"),
    ("192.0.2.112/28", "JP", 64504, "Example MSP operations centre"),
    ("192.0.2.128/28", "VN", 64505, "Example Software Saigon"),
    ("192.0.2.144/28", "VN", 64506, "Example Fibre Vietnam"),
    ("198.51.100.0/28", "US", 64507, "Terraform Cloud example egress"),
    ("198.51.100.16/28", "US", 16509, "Amazon Virginia, the CSPM vendor's egress"),
    ("198.51.100.32/28", "NL", 64520, "Example Hosting Amsterdam"),
    ("198.51.100.48/28", "TW", 64508, "Example Hotel Taipei"),
    ("198.51.100.64/28", "DE", 64521, "Example Exit Relays"),
    ("198.51.100.80/28", "JP", 64522, "Example VPS Osaka"),
    ("198.51.100.96/28", "SG", 64523, "Example Cloud Singapore"),
    ("198.51.100.112/28", "US", 64524, "Example Residential Proxies"),
    ("198.51.100.128/28", "RO", 64525, "Example Servers Bucharest"),
    ("203.0.113.0/28", "BR", 64526, "Example Telecom Brasil"),
    ("203.0.113.16/28", "KR", 64527, "Example IDC Seoul"),
    ("203.0.113.32/28", "GB", 64528, "Example VPN London"),
    ("203.0.113.48/28", "JP", 64502, "Example Fibre Japan"),
    ("203.0.113.64/28", "ID", 64529, "Example Jakarta broadband"),
    ("203.0.113.80/28", "US", 64530, "Example VPN Dallas"),
    ("203.0.113.96/28", "HK", 64531, "Example Hosting Hong Kong"),
)

FIREFOX: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
CHROME: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
MAC: Final = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Safari/537.36"
)
CLI: Final = "aws-cli/2.31.5 md/awscrt#0.27.6 ua/2.1 os/windows#10 md/arch#amd64 lang/python#3.13.7 md/prompt#off"
CLI_MAC: Final = "aws-cli/2.30.2 md/awscrt#0.27.6 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.7 md/prompt#off"
CLI_LINUX: Final = "aws-cli/1.42.7 Python/3.9.23 Linux/5.14.0 botocore/1.40.7"
TERRAFORM: Final = (
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io) terraform-provider-aws/6.14.1 "
    "(+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.0 ua/2.1 os/linux lang/go#1.24.6"
)
BOTO: Final = "Boto3/1.40.38 md/Botocore#1.40.38 ua/2.1 os/linux#6.1.150 md/arch#x86_64 lang/python#3.12.11"
JAVA: Final = "aws-sdk-java/2.33.9 md/io#async md/http#NettyNio ua/2.1 os/Linux#6.1.150 lang/java#21.0.8"
GO: Final = "aws-sdk-go-v2/1.39.2 ua/2.1 os/linux lang/go#1.24.7 md/GOOS#linux md/GOARCH#arm64"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the console and the command line."""

    name: str
    account: str
    office: str
    home: str
    browser: str = CHROME
    cli: str = ""
    duties: tuple[str, ...] = ()
    permission_set: str = ""
    shift: int = 0
    since: int = 0
    until: int = clock.DAYS

    def address(self, day: int) -> str:
        """In the office three days a week, at home on the others, as each has arranged it."""
        at_home = not self.home or random.Random(f"{self.name}{day}").random() < 0.6
        return self.office if at_home else self.home

    def key(self, day: int) -> Caller:
        return Caller(user(self.account, self.name), self.account, self.address(day), self.cli or CLI)

    def console(self, day: int, when: float) -> Caller:
        """Signed in since that moment."""
        agent, ip = self.browser, self.address(day)
        if self.permission_set:
            role = f"AWSReservedSSO_{self.permission_set}_{hexadecimal(self.permission_set, 16)}"
            path = "aws-reserved/sso.amazonaws.com/ap-northeast-1/"
            identity = session(self.account, role, f"{self.name}@hinode.example", when, path=path)
        else:
            identity = console_user(self.account, self.name, when)
        return Caller(identity, self.account, ip, agent, console=True)


ADMINS: Final = (
    Person("tanaka.k", SHOP, "192.0.2.3", "192.0.2.50", MAC, CLI_MAC, ("network", "compute", "iam", "billing")),
    Person("suzuki.m", SHOP, "192.0.2.3", "192.0.2.53", CHROME, CLI, ("network", "compute", "iam", "database")),
    Person("ogawa.d", PAYER, "192.0.2.3", "192.0.2.57", MAC, CLI_MAC, ("iam", "billing", "org"), "Administrator"),
)
STAFF: Final = (
    Person("sato.y", SHOP, "192.0.2.3", "192.0.2.51", MAC, CLI_MAC, ("compute", "logs", "serverless")),
    Person("watanabe.h", SHOP, "192.0.2.3", "192.0.2.66", CHROME, CLI, ("logs", "database", "containers")),
    Person("kato.e", STAGING, "192.0.2.3", "192.0.2.52", MAC, CLI_MAC, ("compute", "logs", "containers")),
    Person("yamamoto.r", SHOP, "192.0.2.19", "", FIREFOX, "", ("support", "storage")),
    Person("kobayashi.t", SHOP, "192.0.2.3", "192.0.2.67", CHROME, "", ("storage", "billing")),
    Person("mori.s", SHOP, "192.0.2.3", "192.0.2.58", CHROME, CLI, ("logs", "database", "storage"), until=18),
    Person("hayashi.n", SHOP, "192.0.2.3", "192.0.2.60", MAC, CLI_MAC, ("logs", "compute"), since=9),
    Person("ito.a", DATA, "192.0.2.3", "192.0.2.55", CHROME, CLI, ("analytics", "storage"), "Analyst"),
    Person("okada.j", DATA, "192.0.2.3", "203.0.113.50", MAC, "", ("analytics",), "Analyst"),
    Person("fujita.c", SHOP, "192.0.2.3", "192.0.2.59", CHROME, CLI, ("compute", "logs", "containers"), "PowerUser"),
)
CONTRACTORS: Final = (
    Person("ext-nguyen", STAGING, "192.0.2.130", "192.0.2.146", CHROME, CLI, ("containers", "logs"), shift=2),
    Person("ext-tran", STAGING, "192.0.2.130", "192.0.2.149", FIREFOX, CLI, ("compute", "logs", "database"), shift=2),
    Person("ext-pham", SHOP, "192.0.2.130", "", CHROME, CLI, ("logs", "containers"), shift=2),
)
PEOPLE: Final = {person.name: person for person in (*ADMINS, *STAFF, *CONTRACTORS)}

ROLE_OF_PROVIDER: Final = {
    "terraform": f"arn:aws:iam::{SHOP}:oidc-provider/app.terraform.io",
    "eks": f"arn:aws:iam::{SHOP}:oidc-provider/oidc.eks.ap-northeast-1.amazonaws.com/id/{hexadecimal('eks', 32).upper()}",
}
BUCKETS: Final = {
    "images": "hinode-shop-images",
    "orders": "hinode-shop-orders-export",
    "customers": "hinode-data-customers",
    "lake": "hinode-data-lake",
    "logs": "hinode-org-trail-logs",
    "state": "hinode-tfstate",
    "artifacts": "hinode-jenkins-artifacts",
    "athena": "hinode-athena-results",
}
DATABASES: Final = ("shop-aurora", "shop-aurora-reporting", "member-db")
SECRETS: Final = ("prod/cart/db", "prod/order/db", "prod/payment/gateway", "prod/mail/smtp", "prod/member/db")
FUNCTIONS: Final = ("order-webhook", "image-resize", "stock-sync", "mail-bounce", "coupon-issue", "point-expire")


def instance(name: str) -> str:
    return f"i-0{hexadecimal(name, 16)}"


def secret_arn(name: str) -> str:
    return f"arn:aws:secretsmanager:ap-northeast-1:{SHOP}:secret:{name}-{hexadecimal(name, 6)}"


def kms_arn(account: str, name: str) -> str:
    digits = hexadecimal(f"kms {account} {name}", 32)
    key = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return f"arn:aws:kms:ap-northeast-1:{account}:key/{key}"
