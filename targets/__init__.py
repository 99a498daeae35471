"""Export a job to other systems' formats and import it back: each leaf is carried over or reported.

Pure: a payload in, a text out; a text in, the fields of a payload out. Whatever is lost becomes a
finding.
A target is a folder with a ``target.json``, whose routes ``writing`` and ``reading`` follow.

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
