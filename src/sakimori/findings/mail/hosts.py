"""Hosts and mail domains: those of AWS, those that strangers rent from AWS, and those that imitate it.

Links: AWS's pages stand under aws.amazon.com and repost.aws. Names such as *.s3.amazonaws.com, *.execute-api…, *.awsapps.com,
*.cloudfront.net and *.awstrack.me belong to whichever customer made them, and so prove nothing.
Senders: health@aws.com and no-reply-aws@amazon.com (AWS Health User Guide, "Manage AWS Health notifications in AWS User
Notifications"), no-reply@sns.amazonaws.com (Amazon SNS), budgets@costalerts.amazonaws.com (AWS Budgets), no-reply@signin.aws and
no-reply@login.awsapps.com (sign-in and IAM Identity Center), …@support.aws.com (Trust and Safety). Every customer can send in the
name of amazonses.com and of a WorkMail domain under awsapps.com: these are no sender's proof.
"""

import ipaddress
import re
import unicodedata
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit


class Host(StrEnum):
    """Whose a host is."""

    AWS = "aws"
    RENTED = "rented"
    """Of AWS, with the content of a customer."""
    LOOKALIKE = "lookalike"
    """Made to be taken for AWS's."""
    ADDRESS = "address"
    """A bare IP address."""
    FOREIGN = "foreign"


class Voice(StrEnum):
    """Who speaks from a mail domain."""

    AWS = "aws"
    RELAY = "relay"
    """AWS delivers what a customer wrote: topics of SNS, names of budgets."""
    AMAZON = "amazon"
    """Amazon's, but none that is known to send AWS's mails."""
    LOOKALIKE = "lookalike"
    FOREIGN = "foreign"


_AWS_HOSTS: Final = ("aws.amazon.com", "repost.aws", "signin.aws")
_AWS_EXACT: Final = frozenset(
    {"amazon.com", "www.amazon.com", "amazon.co.jp", "www.amazon.co.jp", "amazonaws.cn", "www.amazonaws.cn"}
)
_SNS: Final = re.compile(r"sns\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com(?:\.cn)?")
_RENTED: Final = ("amazonaws.com", "amazonaws.com.cn", "awsapps.com", "cloudfront.net", "awstrack.me", "on.aws", "amplifyapp.com", "amazoncognito.com", "elasticbeanstalk.com", "awsglobalaccelerator.com", "amazonses.com", "api.aws")  # fmt: skip
_SENDERS: Final = frozenset({"amazonaws.com", "signin.aws", "login.awsapps.com"})
_SENDING: Final = ("amazon.com", "amazon.co.jp", "aws.com")
"""With all that stands below: nobody but Amazon has names there."""
_RELAYS: Final = frozenset({"sns.amazonaws.com", "costalerts.amazonaws.com", "ses.amazonaws.com"})
_STRANGERS: Final = re.compile(r"(?:^|\.)(?:compute(?:-1)?|elb|s3[\w.-]*)\.(?:[\w-]+\.)*amazonaws\.com$")
_IMITATED: Final = re.compile(
    r"(?<![a-z0-9])a[wv]{1,2}s(?![a-z0-9])|amazon|amaz0n|arnazon|amazom|anazon|amzon|awsamazon|amazonaws|awsconsole|awssupport|awssecurity"
)
_LETTERS: Final = str.maketrans("аеорсухіјѕԁɡνωі0", "aeopcyxijsdgvwio")
"""Cyrillic and Greek letters, and a digit, that look like Latin ones."""
_SECOND: Final = frozenset({"co", "ne", "or", "ac", "go", "gr", "ad", "ed", "lg", "com", "net", "org", "gov", "edu"})


_BRANDS: Final = (".aws", ".amazon")
"""Top-level domains in which nobody but Amazon registers names; on.aws and api.aws hold what customers run."""
_EVENTS: Final = ("awsstatic.com", "aws-experience.com", "awsevents.com")
_SHOPS: Final = frozenset(f"amazon.{each}" for each in (
    "de", "fr", "it", "es", "nl", "se", "pl", "ca", "in", "sg", "ae", "sa", "eg", "ie", "cn", "co.uk", "co.za", "com.au", "com.be", "com.br",
    "com.mx", "com.tr",
))  # fmt: skip
"""Amazon's shops: no senders of AWS, and no forgers."""


def host_of(url: str) -> str:
    """The host of an address in lower case, "" where it has none; not the user name that may stand before it."""
    try:
        found = urlsplit(url.strip().replace("\\", "/")).hostname or ""
    except ValueError:
        return ""
    return found.rstrip(".").lower()


def judge_host(host: str) -> Host:
    """Whose the host of a link is.

    >>> [str(judge_host(each)) for each in ("console.aws.amazon.com", "aws.amazon.com.evil.example", "b.s3.amazonaws.com")]
    ['aws', 'lookalike', 'rented']
    """
    if _is_address(host):
        return Host.ADDRESS
    if host in _AWS_EXACT or _SNS.fullmatch(host) or is_within(host, *_AWS_HOSTS):
        return Host.AWS
    if is_within(host, *_RENTED):
        return Host.RENTED
    if host.endswith(_BRANDS) or is_within(host, *_EVENTS):
        return Host.AWS
    if is_within(host, *_SHOPS):
        return Host.FOREIGN
    return Host.LOOKALIKE if is_imitation(host) else Host.FOREIGN


def judge_sender(domain: str) -> Voice:
    """Who speaks from a mail domain."""
    if domain in _RELAYS:
        return Voice.RELAY
    if domain in _SENDERS or is_within(domain, *_SENDING):
        return Voice.AWS
    if _STRANGERS.search(domain) or is_within(domain, *(each for each in _RENTED if not each.startswith("amazonaws"))):
        return Voice.FOREIGN
    if is_within(domain, "amazonaws.com", *_SHOPS) or domain.endswith(_BRANDS):
        return Voice.AMAZON
    return Voice.LOOKALIKE if is_imitation(domain) else Voice.FOREIGN


def is_imitation(host: str) -> bool:
    """Whether a name that is not Amazon's is written so that it is taken for AWS's: `aws-amazon.com`, `amazon.com.evil.example`.

    >>> is_imitation("xn--mazon-3ve.com"), is_imitation("laws.example")
    (True, False)
    """
    plain = _unicode(host).translate(_LETTERS)
    plain = "".join(each for each in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(each))
    return bool(_IMITATED.search(plain))


def is_within(host: str, *domains: str) -> bool:
    """Whether the host is one of these domains or below one."""
    return any(host == each or host.endswith(f".{each}") for each in domains)


def organisation(host: str) -> str:
    """The part of a name that somebody registered: `example.co.jp` of `mx1.mail.example.co.jp`."""
    labels = host.strip(".").lower().split(".")
    long = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND  # noqa: PLR2004 - labels, letters of a country
    return ".".join(labels[-3:] if long else labels[-2:])


def _unicode(host: str) -> str:
    labels: list[str] = []
    for label in host.lower()[:253].split("."):
        try:
            labels.append(label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label)
        except (UnicodeError, ValueError, OverflowError):
            labels.append(label)
    return ".".join(labels)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(re.fullmatch(r"\d{8,10}|0x[0-9a-f]{1,8}", host))
    return True
