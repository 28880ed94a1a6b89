"""Texts of strangers on a terminal: names, addresses and log lines hold whatever their makers wanted."""


def printable(text: str) -> str:
    r"""The text without anything that would move the cursor, change colours or turn the direction of writing.

    >>> printable("a\x1b[31mb")
    'a�[31mb'
    """
    return "".join(letter if letter.isprintable() else "�" for letter in text)
