"""The embedded backend: the learning API on this machine, for trying and for tests.

It takes payloads and datasets over HTTP and walks jobs through their states. It knows nothing
of TOML and of the compiler, and needs the libraries of the extra ``sftc[backend]``.
"""
