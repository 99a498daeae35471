"""From key paths to places: lines and columns in a TOML text."""

from functools import cached_property

from .finding import Aim
from .lines import Lines
from .model import Span
from .toml_index import Index, Stretch
from .words import KeyPath


class Places(Index):
    """The index of one document, asked by key path."""

    def __init__(self, text: str, document: str) -> None:
        r"""Index the text of a document; its line ends are ``\n``."""
        super().__init__(text)
        self.document = document

    @cached_property
    def lines(self) -> Lines:
        """The lines of the text."""
        return Lines(self.text, self.document)

    def span(self, path: KeyPath, aim: Aim) -> Span:
        """Return the place of what is at a path, or of the nearest thing around it."""
        for length in range(len(path), 0, -1):
            stretch = self._stretch(path[:length], aim)
            if stretch:
                return self.lines.span(*stretch)
            aim = Aim.TABLE
        return self.lines.span(*(self.definitions[0][1:] if self.definitions else (0, 0)))

    def _stretch(self, path: KeyPath, aim: Aim) -> Stretch | None:
        order = {
            Aim.KEY: (self.keys, self.values, self.headers),
            Aim.VALUE: (self.values, self.headers, self.keys),
            Aim.TABLE: (self.headers, self.keys, self.values),
        }
        return next((places[path] for places in order[aim] if path in places), None)
