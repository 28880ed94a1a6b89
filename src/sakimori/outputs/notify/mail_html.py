"""A message as an HTML mail: one table with the colour of its severity, nothing loaded from anywhere."""

from typing import Final

from markupsafe import Markup

from sakimori.outputs.notify import text_form
from sakimori.outputs.notify.message import Message

# Mail programs drop style sheets, so that each element carries its own. Text and ground are both given, and both
# schemes declared: a program that darkens mail then darkens both, or neither.
_PAGE: Final = Markup("""\
<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark"><title>{title}</title></head>
<body style="margin:0;padding:16px;background-color:#ffffff;color:#16191f">
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;max-width:720px">
<tr><td style="width:6px;background-color:{colour}"></td>
<td style="padding:4px 16px;font-family:'Hiragino Sans','Noto Sans JP',Meiryo,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.6;color:#16191f;overflow-wrap:anywhere">
{body}
</td></tr></table></body></html>
""")
_HEADLINE: Final = Markup('<p style="margin:0;font-size:18px;font-weight:bold">{}</p>')
_PLACE: Final = Markup('<p style="margin:0 0 12px;color:#545b64">{}</p>')
_LINE: Final = Markup('<p style="margin:0 0 4px">{}</p>')
_LIST: Final = Markup(
    '<p style="margin:12px 0 0;font-weight:bold">{}</p>\n<ol style="margin:0;padding-left:24px">\n{}\n</ol>'
)
_STEP: Final = Markup("<li>{}</li>")
_COMMAND: Final = Markup(
    '<li>{}<br><code style="font-family:Menlo,Consolas,monospace;font-size:14px;background-color:#f2f3f3;'
    'color:#16191f;padding:2px 4px">{}</code></li>'
)
_DUE: Final = Markup('<p style="margin:12px 0 0;font-weight:bold">{}</p>')
_FOOTER: Final = Markup('<p style="margin:16px 0 0;font-size:13px;color:#545b64">{}</p>')
_BREAK: Final = Markup("\n")


def mail_html(message: Message) -> str:
    """The page; every text in it is escaped."""
    return str(
        _PAGE.format(
            language=message.language,
            title=text_form.title(message),
            colour=text_form.colour_of(message),
            body=_BREAK.join(_body(message)),
        )
    )


def _body(message: Message) -> list[Markup]:
    parts = [_HEADLINE.format(text_form.headline(message))]
    if place := text_form.place(message):
        parts.append(_PLACE.format(place))
    parts += [_LINE.format(line) for line in text_form.lines(message)]
    if message.steps:
        parts.append(_LIST.format(text_form.now(message), _BREAK.join(_steps(message))))
    if due := text_form.due(message):
        parts.append(_DUE.format(due))
    parts += [_LINE.format(entry) for entry in text_form.entries(message)]
    if footer := text_form.footer(message):
        parts.append(_FOOTER.format(footer))
    return parts


def _steps(message: Message) -> list[Markup]:
    return [
        _COMMAND.format(step.text, step.command) if step.command else _STEP.format(step.text)
        for step in text_form.steps(message)
    ]
