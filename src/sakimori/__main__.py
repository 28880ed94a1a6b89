"""`python -m sakimori`."""

from sakimori.cli.main import main

main()
