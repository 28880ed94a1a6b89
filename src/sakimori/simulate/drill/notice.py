"""The mail by which a drill begins: what AWS writes when a key was found in public, in our own words and from a made-up address."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime


def notice(account: str, user: str, key_id: str, at: datetime) -> bytes:
    """The mail as a file (.eml), sent at `at`."""
    mail = EmailMessage()
    mail["From"] = "Amazon Web Services <no-reply-aws@amazon.com>"
    mail["To"] = "owner@example.com"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<drill-{key_id.lower()}@amazon.com>"
    mail["Subject"] = f"ACTION REQUIRED: Your AWS Access Key is Exposed for AWS Account {account}"
    mail.set_content(
        f"This is a drill of sakimori. Nothing of it is real.\n\n"
        f"The access key {key_id}, which belongs to the IAM user {user} of AWS account {account}, was found in a public "
        f"repository. Somebody may use it.\n"
        f"Deactivate the key, look for what was made with it, and answer us.\n"
    )
    return mail.as_bytes()
