"""The version; the build, ``--version`` and the User-Agent read it from here."""

__version__ = "0.2.0"
