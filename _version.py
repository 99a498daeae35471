"""The version, stated here alone: the build, ``--version`` and the User-Agent read it."""

__version__ = "0.2.0"
