"""Tokens of other vendors, one row each: the kind, names it is assigned to, and how the vendor makes it.

Where a row has no prefix that tells, its name does. Forms were checked against the vendors' pages and the public rules of
several scanners: <https://docs.github.com/en/code-security/secret-scanning>, <https://docs.gitlab.com/security/tokens/>,
<https://api.slack.com/authentication/token-types>, <https://docs.stripe.com/keys>,
<https://developers.line.biz/en/reference/messaging-api/>, <https://developer.chatwork.com/docs>,
<https://developer.nulab.com/docs/backlog/auth/>, <https://pay.jp/docs/api/>.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Final

from making import ALNUM, DIGITS, HEX, LOWER, UPPER, URL64, Maker, Planted, checked, jwt

Row = tuple[str, tuple[str, ...], Callable[[Maker], str]]

_CODE: Final[tuple[Row, ...]] = (
    ("github-classic", ("GITHUB_TOKEN", "GH_PAT", "githubToken"), lambda make: checked(make, "ghp_")),
    ("github-oauth", ("GH_OAUTH_TOKEN", "oauth_token"), lambda make: checked(make, "gho_")),
    ("github-app", ("INSTALLATION_TOKEN",), lambda make: checked(make, make.one_of(("ghs_", "ghu_")))),
    ("github-refresh", ("GITHUB_REFRESH_TOKEN",), lambda make: checked(make, "ghr_", 70)),
    ("github-fine-grained", ("GITHUB_TOKEN",), lambda make: f"github_pat_{make.of(ALNUM, 22)}_{make.of(ALNUM, 59)}"),
    ("gitlab-personal", ("GITLAB_TOKEN", "CI_PUSH_TOKEN"), lambda make: "glpat-" + make.of(ALNUM, 20)),
    ("gitlab-runner", ("RUNNER_TOKEN",), lambda make: "glrt-" + make.of(ALNUM, 20)),
    ("gitlab-deploy", ("DEPLOY_TOKEN",), lambda make: "gldt-" + make.of(ALNUM, 20)),
    ("gitlab-trigger", ("PIPELINE_TRIGGER",), lambda make: "glptt-" + make.hex(40)),
    ("npm", ("NPM_TOKEN", "NODE_AUTH_TOKEN"), lambda make: checked(make, "npm_")),
    ("pypi", ("TWINE_PASSWORD", "PYPI_TOKEN"), lambda make: "pypi-" + _macaroon(make)),
    ("rubygems", ("GEM_HOST_API_KEY",), lambda make: "rubygems_" + make.hex(48)),
    ("docker-hub", ("DOCKERHUB_TOKEN", "REGISTRY_PASSWORD"), lambda make: "dckr_pat_" + make.of(URL64, 26) + "Z"),
    ("terraform-cloud", ("TF_TOKEN_app_terraform_io",), lambda make: f"{make.of(ALNUM, 14)}.atlasv1.{make.of(ALNUM, 67)}"),
    ("vault", ("VAULT_TOKEN",), lambda make: "hvs." + make.of(ALNUM, 92)),
    ("pulumi", ("PULUMI_ACCESS_TOKEN",), lambda make: "pul-" + make.hex(40)),
    ("snyk", ("SNYK_TOKEN",), lambda make: make.uuid()),
    ("sentry-org", ("SENTRY_AUTH_TOKEN",), lambda make: "sntryu_" + make.hex(64)),
    ("postman", ("POSTMAN_API_KEY",), lambda make: f"PMAK-{make.hex(24)}-{make.hex(34)}"),
    ("linear", ("LINEAR_API_KEY",), lambda make: "lin_api_" + make.of(ALNUM, 40)),
    ("atlassian", ("JIRA_API_TOKEN", "ATLASSIAN_TOKEN"), lambda make: f"ATATT3xFfGF0{make.of(URL64, 170)}={make.of(HEX, 8).upper()}"),
)  # fmt: skip

_CHAT: Final[tuple[Row, ...]] = (
    ("slack-bot", ("SLACK_BOT_TOKEN", "slack_token"), lambda make: f"xoxb-{_digits(make, 12)}-{_digits(make, 13)}-{make.of(ALNUM, 24)}"),
    ("slack-user", ("SLACK_USER_TOKEN",), lambda make: "-".join(("xoxp", *(_digits(make, 12) for _ in range(3)), make.hex(32)))),
    ("slack-app", ("SLACK_APP_TOKEN",), lambda make: f"xapp-1-A{make.of(UPPER + DIGITS, 10)}-{_digits(make, 13)}-{make.hex(64)}"),
    ("slack-webhook", ("SLACK_WEBHOOK_URL", "notify_url"), lambda make: "https://hooks.slack.com/services/" + _slack_path(make)),
    ("discord-bot", ("DISCORD_TOKEN",), lambda make: f"{_discord_id(make)}.{make.of(ALNUM, 6)}.{make.of(URL64, 38)}"),
    ("discord-webhook", ("DISCORD_WEBHOOK",), lambda make: f"https://discord.com/api/webhooks/{_digits(make, 18)}/{make.of(URL64, 68)}"),
    ("telegram-bot", ("TELEGRAM_BOT_TOKEN",), lambda make: f"{_digits(make, 10)}:AA{make.of(URL64, 32)}a"),
    ("line-channel-token", ("LINE_CHANNEL_ACCESS_TOKEN", "lineChannelAccessToken"), lambda make: make.b64(117) + "8/1O/w1cDnyilFU" + "="),
    ("line-channel-secret", ("LINE_CHANNEL_SECRET",), lambda make: make.hex(32)),
    ("line-notify", ("LINE_NOTIFY_TOKEN",), lambda make: make.of(ALNUM, 43)),
    ("chatwork", ("CHATWORK_API_TOKEN", "X-ChatWorkToken"), lambda make: make.hex(32)),
    ("backlog", ("BACKLOG_API_KEY",), lambda make: make.of(ALNUM, 64)),
    ("teams-webhook", ("TEAMS_WEBHOOK_URL",), lambda make: f"https://contoso.webhook.office.com/webhookb2/{make.uuid()}@{make.uuid()}/IncomingWebhook/{make.hex(32)}/{make.uuid()}"),
    ("twilio-key", ("TWILIO_API_KEY",), lambda make: "SK" + make.hex(32)),
    ("sendgrid", ("SENDGRID_API_KEY",), lambda make: f"SG.{make.of(URL64, 21)}a.{make.of(URL64, 42)}b"),
    ("mailgun", ("MAILGUN_API_KEY",), lambda make: "key-" + make.hex(32)),
    ("mailchimp", ("MAILCHIMP_API_KEY",), lambda make: f"{make.hex(32)}-us{make.random.randint(1, 21)}"),
    ("notion", ("NOTION_TOKEN",), lambda make: f"ntn_{_digits(make, 11)}{make.of(ALNUM, 35)}"),
    ("figma", ("FIGMA_TOKEN",), lambda make: f"figd_{make.of(URL64, 39)}a"),
    ("dropbox", ("DROPBOX_TOKEN",), lambda make: "sl." + make.of(URL64, 134) + "a"),
)  # fmt: skip

_MONEY_AND_MODELS: Final[tuple[Row, ...]] = (
    ("stripe-live", ("STRIPE_SECRET_KEY", "stripeApiKey"), lambda make: f"sk_{'live'}_51{make.of(ALNUM, make.one_of((22, 97)))}"),
    ("stripe-restricted", ("STRIPE_RESTRICTED_KEY",), lambda make: f"rk_{'live'}_51{make.of(ALNUM, 97)}"),
    ("stripe-webhook", ("STRIPE_WEBHOOK_SECRET",), lambda make: "whsec_" + make.of(ALNUM, 32)),
    ("payjp", ("PAYJP_SECRET_KEY",), lambda make: f"sk_{'live'}_{make.hex(64)}"),
    ("square", ("SQUARE_ACCESS_TOKEN",), lambda make: "EAAA" + make.of(URL64, 59) + "a"),
    ("shopify", ("SHOPIFY_ADMIN_TOKEN",), lambda make: "shpat_" + make.hex(32)),
    ("openai-project", ("OPENAI_API_KEY", "openai_api_key"), lambda make: f"sk-proj-{make.of(URL64, 74)}T3Blbk{'FJ'}{make.of(URL64, 73)}A"),
    ("openai-legacy", ("OPENAI_API_KEY",), lambda make: f"sk-{make.of(ALNUM, 20)}T3Blbk{'FJ'}{make.of(ALNUM, 20)}"),
    ("anthropic", ("ANTHROPIC_API_KEY",), lambda make: f"sk-ant-api03-{make.of(URL64, 93)}AA"),
    ("hugging-face", ("HF_TOKEN",), lambda make: "hf_" + make.of(UPPER + LOWER, 34)),
    ("replicate", ("REPLICATE_API_TOKEN",), lambda make: "r8_" + make.of(ALNUM, 37)),
    ("groq", ("GROQ_API_KEY",), lambda make: "gsk_" + make.of(ALNUM, 52)),
)  # fmt: skip

_CLOUDS: Final[tuple[Row, ...]] = (
    ("google-api-key", ("GOOGLE_MAPS_KEY", "googleApiKey"), lambda make: "AIza" + "Sy" + make.of(URL64, 32) + "a"),
    ("google-oauth-secret", ("GOOGLE_CLIENT_SECRET",), lambda make: "GOCSPX-" + make.of(URL64, 27) + "a"),
    ("google-refresh", ("GOOGLE_REFRESH_TOKEN",), lambda make: "1//0g" + make.of(URL64, 97) + "a"),
    ("azure-client-secret", ("AZURE_CLIENT_SECRET",), lambda make: f"{make.of(ALNUM, 3)}8Q~{make.of(ALNUM, 34)}"),
    ("azure-devops", ("AZURE_DEVOPS_PAT", "AZDO_PERSONAL_ACCESS_TOKEN"), lambda make: make.of(LOWER + "234567", 52)),
    ("cloudflare", ("CLOUDFLARE_API_TOKEN",), lambda make: make.of(URL64, 39) + "a"),
    ("digitalocean", ("DIGITALOCEAN_TOKEN",), lambda make: "dop_v1_" + make.hex(64)),
    ("heroku", ("HEROKU_API_KEY",), lambda make: "HRKU-AA" + make.of(ALNUM + "_-", 57) + "a"),
    ("databricks", ("DATABRICKS_TOKEN",), lambda make: "dapi" + make.hex(32)),
    ("datadog", ("DD_API_KEY", "datadog_api_key"), lambda make: make.hex(32)),
    ("new-relic", ("NEW_RELIC_API_KEY",), lambda make: "NRAK-" + make.of(UPPER + DIGITS, 27)),
    ("grafana-service", ("GRAFANA_TOKEN",), lambda make: f"glsa_{make.of(ALNUM, 32)}_{make.hex(8)}"),
    ("fastly", ("FASTLY_API_TOKEN",), lambda make: make.of(URL64, 31) + "a"),
    ("okta", ("OKTA_API_TOKEN",), lambda make: "00" + make.of(URL64, 39) + "a"),
    ("supabase", ("SUPABASE_ACCESS_TOKEN",), lambda make: "sbp_" + make.hex(40)),
    ("planetscale", ("PLANETSCALE_PASSWORD",), lambda make: "pscale_pw_" + make.of(URL64, 42) + "a"),
    ("netlify", ("NETLIFY_AUTH_TOKEN",), lambda make: "nfp_" + make.of(ALNUM, 36)),
    ("sakura-cloud", ("SAKURACLOUD_ACCESS_TOKEN_SECRET",), lambda make: make.of(ALNUM, 64)),
    ("onepassword-service", ("OP_SERVICE_ACCOUNT_TOKEN",), lambda make: "ops_" + base64.b64encode(b'{"signInAddress":"my.1password.com","secret":"' + make.b64(240).encode() + b'"}').decode().rstrip("=")),
    ("jwt", ("SERVICE_JWT", "id_token"), lambda make: jwt(make, "https://auth.shop.internal")),
    ("age", ("SOPS_AGE_KEY",), lambda make: "AGE-SECRET-KEY-1" + make.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
)  # fmt: skip


def _digits(make: Maker, length: int) -> str:
    return make.of("123456789", length)


def _slack_path(make: Maker) -> str:
    letters = UPPER + DIGITS
    return f"T{make.of(letters, 10)}/B{make.of(letters, 10)}/{make.of(ALNUM, 24)}"


def _discord_id(make: Maker) -> str:
    return base64.b64encode(_digits(make, 18).encode()).decode()


def _macaroon(make: Maker) -> str:
    """A version 2 macaroon whose location is pypi.org."""
    return base64.urlsafe_b64encode(b"\x02\x01\x08pypi.org\x02\x24" + make.bytes(140)).decode().rstrip("=")


def _maker(row: Row) -> Callable[[Maker], Planted]:
    kind, names, token = row

    def planted(make: Maker) -> Planted:
        value = token(make)
        return Planted(secrets=((kind, value),), pairs=((make.one_of(names), value),))

    return planted


KINDS: Final[Mapping[str, Callable[[Maker], Planted]]] = {
    row[0]: _maker(row) for row in (*_CODE, *_CHAT, *_MONEY_AND_MODELS, *_CLOUDS)
}
