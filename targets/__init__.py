"""The same job as other systems write it, and back: each leaf carried, or named.

Pure: a payload in, a text out; a text in, the fields of a payload out. What is lost is a finding.
A target is a folder with one file, ``target.json``; ``writing`` and ``reading`` walk its routes.

``names``      the targets there are
``emit``       a payload as a target writes it
``understand``  a target's text as fields of a payload
``recognised``  whose a text is
"""

from .emitting import Emitted, emit
from .target import Target, described, load, names
from .understanding import Understood, recognised, understand

__all__ = [
    "Emitted",
    "Target",
    "Understood",
    "described",
    "emit",
    "load",
    "names",
    "recognised",
    "understand",
]
