"""What looks like a secret and is none: examples, placeholders, references, hashes, identifiers, public halves of keys.

A near miss is put into the same surroundings as secrets are, under a name that may alarm. Where people could quarrel over
it (a test key of Stripe, a bcrypt hash, a public key of Firebase), it is not among them.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Final

from filler import camel, lines, noun, path
from making import ALNUM, BASE32, BASE64, DIGITS, LOWER, UPPER, Maker, Planted, pem

Miss = Callable[[Maker], Planted]


def _assigned(names: tuple[str, ...], value: Callable[[Maker], str]) -> Callable[[str], Miss]:
    def of_kind(kind: str) -> Miss:
        def planted(make: Maker) -> Planted:
            made = value(make)
            return Planted(secrets=((kind, made),), pairs=((make.one_of(names), made),))

        return planted

    return of_kind


def _block(file: str, made: Callable[[Maker], tuple[str, str]]) -> Callable[[str], Miss]:
    """A text of its own; `made` gives the string that must not alarm and the text around it."""

    def of_kind(kind: str) -> Miss:
        def planted(make: Maker) -> Planted:
            string, text = made(make)
            return Planted(secrets=((kind, string),), block=text, file=file.format(make.of(LOWER, 5)))

        return planted

    return of_kind


def _in(text: str, string: Callable[[Maker], str]) -> Callable[[Maker], tuple[str, str]]:
    def made(make: Maker) -> tuple[str, str]:
        value = string(make)
        return value, text.replace("@", value)

    return made


_KEYS: Final = ("api_key", "SECRET_KEY", "client_secret", "AUTH_TOKEN", "db_password", "aws_secret_access_key")
_PLACEHOLDERS: Final = (
    "<your-api-key>", "YOUR_API_KEY_HERE", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "changeme", "********", "REPLACE_ME",
    "your-secret-key-goes-here", "TODO-set-in-console", "<アクセスキーを入力>", "0000000000000000000000000000000000000000",
    "insert_token_here", "[REDACTED]", "dummy-password", "abcdefghijklmnopqrstuvwxyz123456",
)  # fmt: skip
_REFERENCES: Final = (
    "${DB_PASSWORD}", "$(cat /run/secrets/token)", "{{ secrets.DEPLOY_TOKEN }}", "${{ secrets.AWS_SECRET_ACCESS_KEY }}",
    "!Ref DatabasePassword", "ssm:/shop/prod/db/password", "vault:secret/data/shop#api_key", "%env(" + "APP_SECRET)%",
    "{{resolve:secretsmanager:shop/prod/db:SecretString:password}}", "op://prod/database/password", "$API_TOKEN",
)  # fmt: skip
_CODE: Final = (
    "password = getpass.getpass('Password: ')\n", "token = response.json()['access_token']\n",
    "const apiKey = process.env.PAYMENT_API_KEY;\n", "secret_key = settings.SECRET_KEY_FROM_VAULT\n",
    'this.clientSecret = configuration.getRequired("oauth.client-secret");\n', "api_key=os.environ['SHOP_API_KEY']\n",
    "val authToken: String = intent.getStringExtra(EXTRA_AUTH_TOKEN)\n", "if (password !== passwordConfirmation) { return }\n",
    'TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"\n', 'SECRET_NAME = "shop/prod/database/credentials"\n',
    'String PASSWORD_FIELD = "com.shop.account.form.PasswordField";\n', "auth_token: getattr(request, 'auth_token_header')\n",
    'resetPasswordUrl: "/account/password/reset/confirmation"\n', 'csrfTokenHeaderName = "X-XSRF-TOKEN-HEADER"\n',
)  # fmt: skip
_WORDS_JA: Final = (
    "パスワード：（別途連絡）\n", "パスワードを忘れた場合は管理者に連絡してください。\n", "秘密鍵は金庫に保管しています。\n",
    "パスワードは英数字記号を含む 12 文字以上としてください。\n", "認証情報の有効期限は 90 日です。\n",
    "| パスワード | 申請後に通知 |\n", "アクセスキー: 発行手続き中\n", "シークレットキー：＜ここに入力＞\n",
)  # fmt: skip
_BARE_WORDS: Final = (
    "パスワード WordPress5.9 での再発行手順\n", "# パスワード Policy2024\n", "PW: 別途メールで連絡します。\n", "テスト結果 PASS: 128 FAIL: 0\n",
    "PASS=$(cat /run/secrets/pw)\n", "PW: (8-characters-or-more)\n", "パスワード change-policy-v2.pdf を参照\n", "pass: test_login_page[chrome-120]\n",
    "PASS: ok-2024-11-01T09:30:00\n", "  pass = context.build2(request1)\n", "BY PASS: route-64512\n", "pw: ${{ secrets.PW2 }}\n",
)  # fmt: skip


def _example_key(make: Maker) -> Planted:
    """AWS's own examples, put together here: <https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds.html>."""
    key = make.one_of(("AKIA" + "IOSFODNN7EXAMPLE", "AKIA" + "I44QH8DHBEXAMPLE"))
    parts = make.one_of((("wJalrXUtnFEMI", "K7MDENG", "bPxRfiCY"), ("je7MtGbClwBF", "2Zp9Utk", "h3yCo8nvb")))
    secret = "/".join(parts) + "EXAMPLEKEY"
    pairs = (("aws_access_key_id", key), ("aws_secret_access_key", secret))
    return Planted(secrets=(("example-aws-key", key), ("example-aws-key", secret)), pairs=pairs)


def _example_jwt(make: Maker) -> Planted:
    """The token that jwt.io shows to everybody."""
    head, body = '{"alg":"HS256","typ":"JWT"}', '{"sub":"1234567890","name":"John Doe","iat":1516239022}'
    coded = [base64.urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in (head, body)]
    token = ".".join((*coded, "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"))
    return Planted(secrets=(("example-jwt", token),), pairs=((make.one_of(("token", "example_token")), token),))


def _placeholder_url(make: Maker) -> Planted:
    password = make.one_of(("password", "<password>", "${DB_PASSWORD}", "user-password", "PASSWORD", "xxxx", "$PASS"))
    url = f"postgresql://{make.one_of(('user', '<user>', 'postgres'))}:{password}@{make.one_of(('localhost', 'host', 'db'))}:5432/shop"
    return Planted(secrets=(("placeholder-in-url", url),), pairs=(("DATABASE_URL", url),))


def _certificate(make: Maker) -> tuple[str, str]:
    text = pem("CERTIFICATE", b"\x30\x82\x03\x10" + make.bytes(780))
    return text.splitlines()[4], text


def _public_pem(make: Maker) -> tuple[str, str]:
    text = pem("PUBLIC KEY", b"\x30\x82\x01\x22" + make.bytes(290))
    return text.splitlines()[2], text


def _image(make: Maker) -> tuple[str, str]:
    coded = base64.b64encode(b"\x89PNG\r\n\x1a\n" + make.bytes(1500)).decode()
    return coded, f'.logo {{ background: url("data:image/png;base64,{coded}"); }}\n'


def _id_inside_base64(make: Maker) -> tuple[str, str]:
    """Letters that happen to spell a key id in the middle of something longer."""
    inside = "AKIA" + make.of(BASE32, 16)
    line = make.of(BASE64, 28) + "q" + inside + "k" + make.of(BASE64, 26)
    return inside, f"const wasm = '{line}';\n"


def _lock_entry(make: Maker) -> tuple[str, str]:
    text = '{\n  "lockfileVersion": 3,\n  "packages": {\n' + lines(make, "lock", 12) + '    "": {}\n  }\n}\n'
    return text.split('"sha512-')[1].split('"')[0], text


def _go_sum(make: Maker) -> tuple[str, str]:
    hashes = [make.b64(32) for _ in range(20)]
    return hashes[3], "".join(f"github.com/shop/{noun(make)} v1.{at}.0 h1:{each}\n" for at, each in enumerate(hashes))


def _pip_hashes(make: Maker) -> tuple[str, str]:
    told = [make.hex(64) for _ in range(12)]
    return told[2], "".join(f"{noun(make)}=={at}.0 \\\n    --hash=sha256:{each}\n" for at, each in enumerate(told))


def _minified(make: Maker) -> tuple[str, str]:
    word = f"{camel(make)}{camel(make).title()}TokenKey"
    return word, lines(
        make, "minified", 20
    ) + f'var e={{tokenKey:"{word}",pass{"word"}:"{noun(make)}-password"}};' + lines(make, "minified", 20)


def _translations(make: Maker) -> tuple[str, str]:
    word = make.one_of(
        ("Enter your current password", "Reset-" + "password-link-sent", "パスワードを" + "入力してください")
    )
    return word, json.dumps(
        {"password": word, "api_key": "API key", "secret": "シークレット"}, ensure_ascii=False, indent=2
    ) + "\n"


def _source_map(make: Maker) -> tuple[str, str]:
    mappings = ";".join("".join(make.of(BASE64, 4) + "," for _ in range(6)) for _ in range(90))
    return mappings, json.dumps({"version": 3, "sources": ["app.ts"], "names": [], "mappings": mappings})


def _said(sentences: tuple[str, ...]) -> Callable[[Maker], tuple[str, str]]:
    def made(make: Maker) -> tuple[str, str]:
        said = make.one_of(sentences)
        return said.strip(), said

    return made


_KINDS: Final[Mapping[str, Callable[[str], Miss]]] = {
    "placeholder": _assigned(_KEYS, lambda make: make.one_of(_PLACEHOLDERS)),
    "reference": _assigned(_KEYS, lambda make: make.one_of(_REFERENCES)),
    "secret-arn": _assigned(("secret_arn", "db_secret"), lambda make: f"arn:aws:secretsmanager:ap-northeast-1:{make.account()}:secret:shop/{noun(make)}-{make.of(ALNUM, 6)}"),
    "sha-1": _assigned(("commit", "revision", "GIT_SHA", "source_version"), lambda make: make.hex(40)),
    "sha-256": _assigned(("checksum", "sha256", "source_code_hash", "image_digest"), lambda make: make.hex(64)),
    "md5-etag": _assigned(("etag", "content_md5", "cache_key"), lambda make: make.hex(32)),
    "uuid": _assigned(("tenant_id", "request_id", "client_id", "subscription_key_id"), lambda make: make.uuid()),
    "key-arn": _assigned(("kms_key_id", "KmsKeyArn"), lambda make: f"arn:aws:kms:us-east-1:{make.account()}:key/{make.uuid()}"),
    "iam-unique-id": _assigned(("role_id", "aws_user_id"), lambda make: make.one_of(("AROA", "AIDA", "AGPA")) + make.of(BASE32, 17)),
    "resource-id": _assigned(("security_group", "ami", "secret_subnet"), lambda make: make.one_of(("sg-", "ami-", "subnet-")) + make.hex(17)),
    "user-pool": _assigned(("user_pool_id",), lambda make: "ap-northeast-1_" + make.of(ALNUM, 9)),
    "publishable-key": _assigned(("stripePublishableKey",), lambda make: f"pk_{'live'}_51{make.of(ALNUM, 97)}"),
    "public-ssh-key": _assigned(("ssh_public_key", "deploy_key"), lambda make: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + make.of(BASE64, 43) + " ops@shop"),
    "trace-id": _assigned(("traceparent", "x-amzn-trace-id"), lambda make: make.one_of((f"00-{make.hex(32)}-{make.hex(16)}-01", f"Root=1-{make.hex(8)}-{make.hex(24)}"))),
    "serial": _assigned(("serial_number", "certificate_serial", "ssl_fingerprint"), lambda make: ":".join(make.hex(2) for _ in range(20))),
    "path": _assigned(("key_file", "secret_path", "token_file"), lambda make: f"/etc/{path(make)}/{noun(make)}/credentials.json"),
    "object-key": _assigned(("s3_key", "backup_key", "primary_key"), lambda make: f"exports/2026/02/{noun(make)}/part-{make.of(DIGITS, 5)}-{make.uuid()}.parquet"),
    "function-name": _assigned(("token_provider", "password_encoder", "auth"), lambda make: f"internal.shop.security.{camel(make).title()}Provider"),
    "image-digest": _assigned(("image", "IMAGE"), lambda make: f"registry.shop.internal/web@sha256:{make.hex(64)}"),
    "pinned-action": _block("ci/{0}.yml", _in("steps:\n  - uses: actions/checkout@@ # v4\n", lambda make: make.hex(40))),
    "code-without-secret": _block("src/auth/{0}.py", _said(_CODE)),
    "japanese-words": _block("docs/{0}.md", _said(_WORDS_JA)),
    "bare-words": _block("docs/{0}.txt", _said(_BARE_WORDS)),
    "certificate": _block("certs/{0}.crt", _certificate),
    "public-pem": _block("certs/{0}.pub.pem", _public_pem),
    "image": _block("web/{0}.css", _image),
    "id-inside-base64": _block("web/{0}.js", _id_inside_base64),
    "npm-lock": _block("web/{0}/package-lock.json", _lock_entry),
    "go-sum": _block("svc/{0}/go.sum", _go_sum),
    "pip-hashes": _block("svc/{0}/requirements.lock", _pip_hashes),
    "minified": _block("web/static/{0}.min.js", _minified),
    "translations": _block("web/i18n/{0}.json", _translations),
    "source-map": _block("web/static/{0}.js.map", _source_map),
    "known-hosts": _block(".ssh/{0}/known_hosts", _in("git.shop.internal ssh-rsa @\n", lambda make: "AAAAB3NzaC1yc2EAAAADAQABAAABAQ" + make.of(BASE64, 342))),
    "docker-history": _block("docs/{0}.txt", _in("Digest: sha256:@\nStatus: Downloaded newer image\n", lambda make: make.hex(64))),
    "product-code": _block("data/{0}.csv", _in("sku,token,count\n@,basic,4\n", lambda make: f"{make.of(UPPER + DIGITS, 5)}-{make.of(UPPER + DIGITS, 5)}-{make.of(UPPER + DIGITS, 5)}")),
}  # fmt: skip
KINDS: Final[Mapping[str, Miss]] = {
    **{name: of_kind(name) for name, of_kind in _KINDS.items()},
    "example-aws-key": _example_key, "example-jwt": _example_jwt, "placeholder-in-url": _placeholder_url,
}  # fmt: skip
