"""The embedded backend: the learning API on this machine, for evaluation and tests.

It accepts payloads and datasets over HTTP and takes jobs through their states. It is independent of
TOML and the compiler, and requires the extra ``sftc[backend]``.
"""
