"""A text of which only a part is in memory: read on as it is needed, with its columns."""

import codecs
import json
from collections.abc import Iterator
from typing import Final

from .json_mistakes import NotJson, not_json

LOOKAHEAD: Final = 16
"""Characters that are looked at together: a pair of escapes has twelve."""


class Mistake(Exception):  # noqa: N818 - what is wrong, not that something failed
    """The text is not JSON."""

    def __init__(self, what: NotJson) -> None:
        """Keep what is wrong."""
        super().__init__(what.words)
        self.what = what


class Window:
    """A place in a text, and the part of the text around it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """Begin at the start of a text in UTF-8.

        Attributes:
            characters: how many were decoded so far.

        """
        self._pieces = pieces
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._text = ""
        self._at = 0
        self._ended = False
        self.characters = 0

    @property
    def column(self) -> int:
        """The 1-based column of the current place."""
        return self.characters - len(self._text) + self._at + 1

    def _more(self) -> bool:
        """Drop what is done and read on; False at the end.

        Raises:
            UnicodeDecodeError: the text is not UTF-8.

        """
        if self._ended:
            return False
        piece = next(self._pieces, None)
        self._ended = piece is None
        text = self._decode(piece or b"", self._ended)
        self.characters += len(text)
        self._text = self._text[self._at :] + text
        self._at = 0
        return True

    def _see(self) -> None:
        """Have enough of the text in memory to look at a token, if there is enough."""
        while len(self._text) - self._at < LOOKAHEAD and self._more():
            pass

    def mistake(self, message: str, at: int | None = None) -> Mistake:
        """Return a mistake, in the words of the standard library's."""
        place = self._at if at is None else at
        what = not_json(self._text, json.JSONDecodeError(message, self._text, place))
        before = self.characters - len(self._text)
        return Mistake(NotJson(what.column + before, what.words, what.hint, what.cut))
