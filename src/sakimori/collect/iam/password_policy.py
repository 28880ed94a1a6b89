"""The rules for the passwords of IAM users."""

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import BOOLEAN, INTEGER, ITSELF, TEXT, call, col, table
from sakimori.model.words import Scope

# Where no policy is set AWS asks for 8 characters of any three of the four kinds, so that no
# single kind is required, and for no change, ever.
# Source: IAM User Guide, "Set an account password policy for IAM users", Default password policy.
_DEFAULT_LENGTH = 8

TABLE = table(
    "aws_iam_password_policy",
    "What IAM asks of the passwords of users, one row; where no policy is set, AWS's own defaults.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::::Account",
    rows=ITSELF,
    each=[call("iam:GetAccountPasswordPolicy", "PasswordPolicy", absent=("NoSuchEntity",))],
    columns=[
        col("arn", TEXT, "The account's root ARN.", root_arn),
        col("is_set", BOOLEAN, "The account has a policy of its own.",
            lambda record, _: "PasswordPolicy" in record, needs=["PasswordPolicy"]),
        col("minimum_length", INTEGER, "The fewest characters of a password.",
            "PasswordPolicy.MinimumPasswordLength", when_absent=_DEFAULT_LENGTH),
        col("require_uppercase", BOOLEAN, "A password needs an uppercase letter.",
            "PasswordPolicy.RequireUppercaseCharacters", when_absent=False),
        col("require_lowercase", BOOLEAN, "A password needs a lowercase letter.",
            "PasswordPolicy.RequireLowercaseCharacters", when_absent=False),
        col("require_numbers", BOOLEAN, "A password needs a digit.",
            "PasswordPolicy.RequireNumbers", when_absent=False),
        col("require_symbols", BOOLEAN, "A password needs a symbol.",
            "PasswordPolicy.RequireSymbols", when_absent=False),
        col("expires", BOOLEAN, "Passwords must be changed after some days.",
            "PasswordPolicy.ExpirePasswords", when_absent=False),
        col("max_age_days", INTEGER, "Days after which a password must be changed; 0 where it never must.",
            "PasswordPolicy.MaxPasswordAge", when_absent=0),
        col("reuse_prevention", INTEGER, "How many earlier passwords are refused; 0 where none is.",
            "PasswordPolicy.PasswordReusePrevention", when_absent=0),
        col("users_may_change", BOOLEAN, "Users may change their own password.",
            "PasswordPolicy.AllowUsersToChangePassword", when_absent=False),
    ],
)  # fmt: skip
