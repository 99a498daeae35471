"""The commands, one module per subject; ``cli.py`` assembles them."""
