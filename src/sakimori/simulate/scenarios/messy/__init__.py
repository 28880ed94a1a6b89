"""The parts of the messy company's account."""

from typing import Final

TOKYO: Final = "ap-northeast-1"
VIRGINIA: Final = "us-east-1"
IRELAND: Final = "eu-west-1"
