"""``python -m sftc``."""

from .cli import main

main()
