"""Realistic datasets for the benchmark of ``sftc data``: seeded, so the same on every machine.

A pool of a few thousand rows is made with care and repeated with a running number in each row,
so that a gigabyte takes seconds to write and no two rows are the same.
"""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

_POOL: Final = 2_000
_WORDS: Final = """
the a of to and in is that it for on with as this are be we you by or from at an can not
will if then when there wood stone table sapling inventory move left right collect place
drink sleep achievement reward health food agent step model loss because should first next
""".split()  # noqa: SIM905 - a list would be a page long
_ODDITIES: Final = ('"quoted"', "C:\\path", "\n\n", "\n- ", "`code`", "3.14", "don't", "(x)")
_WIDE: Final = [
    "学習",
    "モデル",
    "データ",
    "über",
    "naïve",
    "Ψυχή",
    "🙂",
    "данные",
    "الخط",
    "的",
    "梯度",
    "é",
    "—",
    "…",
]
_TOOLS: Final = [
    {
        "name": name,
        "description": f"{name.replace('_', ' ').capitalize()} in the game.",
        "parameters": {
            "type": "object",
            "properties": {"target": {"type": "string"}, "times": {"type": "integer"}},
            "required": ["target"],
        },
    }
    for name in ("interact", "move_to", "look_up")
]


KINDS: Final = {
    "mixed": (0.005, 0.5, 0.5),
    "multilingual": (1 / 3, 0.3, 0.25),
    "unicode": (0.7, 0.5, 0.0),
    "short": (0.005, 0.0, 0.0),
}
"""The kinds of files: which shares of words are in other scripts, of rows call tools, of rows have
escapes for what is not ASCII."""


class _Author:
    """Writes conversations."""

    def __init__(self, seed: int, wide: float) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same data every time
        self._wide = wide

    def text(self, low: int, high: int) -> str:
        """Return some words."""
        rand = self._random
        words = rand.choices(_WORDS, k=rand.randint(low, high))
        for at in range(len(words)):
            if rand.random() < self._wide:
                words[at] = rand.choice(_WIDE)
            elif rand.random() < 1 / 30:
                words[at] = rand.choice(_ODDITIES)
        return " ".join(words)

    def chat(self) -> dict[str, Any]:
        """Return a conversation of several turns."""
        rand = self._random
        messages = [{"role": "system", "content": self.text(15, 50)}]
        for _ in range(rand.randint(1, 4)):
            messages.append({"role": "user", "content": self.text(5, 60)})
            messages.append({"role": "assistant", "content": self.text(20, 160)})
        if rand.random() < 1 / 5:
            messages[-1]["reasoning"] = self.text(30, 120)
        return {"messages": messages}

    def rollout(self) -> dict[str, Any]:
        """Return the run of an agent that calls tools."""
        rand = self._random
        messages: list[dict[str, Any]] = [{"role": "system", "content": self.text(30, 80)}]
        messages.append({"role": "user", "content": self.text(10, 40)})
        for _ in range(rand.randint(3, 12)):
            call = f"call_{rand.getrandbits(48):012x}"
            arguments = json.dumps({"target": self.text(1, 3), "times": rand.randint(1, 9)})
            function = {"name": rand.choice(_TOOLS)["name"], "arguments": arguments}
            messages.append(
                {
                    "role": "assistant",
                    "content": self.text(5, 25) if rand.random() < 1 / 2 else None,
                    "tool_calls": [{"id": call, "type": "function", "function": function}],
                }
            )
            seen = {"seen": self.text(3, 20), "health": rand.randint(0, 9), "done": False}
            messages.append({"role": "tool", "tool_call_id": call, "content": json.dumps(seen)})
        messages.append({"role": "assistant", "content": self.text(10, 60)})
        return {"messages": messages, "tools": _TOOLS, "metadata": {"seed": rand.randint(0, 9999)}}

    def short(self) -> dict[str, Any]:
        """Return a question with its answer."""
        question = {"role": "user", "content": self.text(2, 8)}
        return {"messages": [question, {"role": "assistant", "content": self.text(1, 5)}]}


def _rows(make: Callable[[], dict[str, Any]], *, escaped: float = 0.0) -> Iterator[bytes]:
    pool = []
    for at in range(_POOL):
        row = make()
        # One of the turns carries the running number.
        row["messages"][-1]["content"] += " #\0"
        text = json.dumps(row, ensure_ascii=at < escaped * _POOL)
        pool.append(text.encode().split(b"\\u0000"))
    number = 0
    while True:
        before, after = pool[number % _POOL]
        yield b"%b%d%b\n" % (before, number, after)
        number += 1


def write(path: Path, kind: str, size: int) -> None:
    """Write a dataset of some bytes: a kind of ``KINDS``."""
    wide, calling, escaped = KINDS[kind]
    author = _Author(seed=7, wide=wide)
    rand = random.Random(8)  # noqa: S311 - the same data every time

    def row() -> dict[str, Any]:
        if kind == "short":
            return author.short()
        return author.rollout() if rand.random() < calling else author.chat()

    made = _rows(row, escaped=escaped)
    written = 0
    with path.open("wb") as file:
        for line in made:
            written += file.write(line)
            if written >= size:
                return
