"""sakimori 防人 defends an AWS account: what is wrong, what to do, and the way back."""

__version__ = "0.1.0"
