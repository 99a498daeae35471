"""A recipe in the making: its sections, and one word for each field."""

from typing import Any

from ...diagnostics import Finding, KeyPath, codes, value_text
from ...diagnostics.catalogue import diagnose
from ...diagnostics.pointers import pointer
from ...job import Job
from .keys import KEYS
from .values import SECTIONS, Noted, Recipe, Refused, Set
from .world import World


def shown(value: Any) -> str:
    """Return a value of a payload in short; JSON has one that TOML does not."""
    return "null" if value is None else value_text(value)


def _by_table(word: Set | Noted | Refused) -> tuple[str, ...]:
    return word.pointer.rpartition("/")


class Draft:
    """A recipe in the making. A refusal of a field stands, and else its last word."""

    def __init__(self, job: Job, world: World) -> None:
        self.job, self.world = job, world
        self.method: str | None = None
        self.evaluated: str | None = None
        self.sections: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
        self._words: dict[KeyPath, Set | Noted] = {}
        self._refused: dict[KeyPath, Refused] = {}

    def put(self, section: str, **settings: Any) -> None:
        """Put settings into a section; they replace those of the same names."""
        self.sections[section].update(settings)

    def set(self, path: KeyPath, name: str, value: Any, *, reason: str | None = None) -> None:
        """Put a setting, such as ``trainer.max_steps``, and say that a field became it."""
        section, setting = name.split(".", 1)
        self.put(section, **{setting: value})
        self.say(path, name, value, reason=reason)

    def say(self, path: KeyPath, name: str, value: Any, *, reason: str | None = None) -> None:
        """Say that a field, where it is there, became a setting that has been put."""
        if self.job.get(path) is not None:
            field = pointer(path)
            self._words[path] = Set(field, name, value, reason or KEYS[path].words)

    def note(self, path: KeyPath, reason: str) -> None:
        """Say what is done instead of what a field says, or where it is absent."""
        self._words[path] = Noted(pointer(path), reason)

    def note_written(self, path: KeyPath, reason: str) -> None:
        """Note a field if it is there."""
        if self.job.get(path) is not None:
            self.note(path, reason)

    def refuse(self, finding: Finding) -> None:
        """Refuse a field, in the words of the catalogue."""
        if finding.path not in self._refused:
            found = diagnose(finding, "")
            reason = f"{found.message}; {found.hint}" if found.hint else found.message
            field = pointer(finding.path)
            self._refused[finding.path] = Refused(field, reason, finding.code)

    def refuse_value(self, path: KeyPath, why: str) -> None:
        """Refuse the value of a field that nothing trains."""
        words = {"name": str(path[-1]), "value": shown(self.job.get(path)), "why": why}
        self.refuse(Finding(codes.NOT_TRAINABLE, path, words))

    def has_word(self, path: KeyPath) -> bool:
        """Whether something has been said of a field."""
        return path in self._words or path in self._refused

    def done(self) -> Recipe:
        """Return the recipe."""
        words = [word for path, word in self._words.items() if path not in self._refused]
        words.sort(key=_by_table)
        filled: dict[str, Any] = {name: values or None for name, values in self.sections.items()}
        return Recipe(
            method=self.method,
            world=self.world,
            **filled,
            evaluated=self.evaluated,
            set=tuple(word for word in words if isinstance(word, Set)),
            noted=tuple(word for word in words if isinstance(word, Noted)),
            refused=tuple(sorted(self._refused.values(), key=_by_table)),
        )
