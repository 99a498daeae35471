"""Conversations drawn at random, such as people train on, and such as they should not."""

import random
from typing import Any

TEXTS = (
    "2+2?",
    "",
    " ",
    "\n",
    "  Two spaces, then\ttabs\nand a line.  \n",
    "Größe, naïve, œuvre",
    "你好，世界。今天天气怎么样？",  # noqa: RUF001 - as people write it
    "привет, мир",
    "مرحبا بالعالم",
    "नमस्ते दुनिया",
    "👩‍👩‍👧 🇫🇷 e\u0301 ﬁ",
    "<b>HTML & 'quotes' \"double\"</b>",
    "```python\nprint('x')\n```",
    "{{ messages }} {% raw %}",
    "<|im_end|> <|im_start|>user",
    "<s>[INST] x [/INST]</s>",
    "assistant",
    "The answer is forty-two. " * 3,
    "x" * 300,
    "word " * 400,
    "<think>\nhm\n</think>\n\nyes",
    "1234567890 3.14159 -7",
)
NAMES = ("search", "get_weather", "ünïcode", "f")
ARGUMENTS: tuple[Any, ...] = ({"city": "Zürich", "days": 3}, {}, {"q": "a<b & 'c'", "n": None})


def conversation(seed: int) -> dict[str, Any]:
    """Return a row: ``messages``, and perhaps ``tools``."""
    draw = random.Random(seed)
    with_tools = draw.random() < 0.35
    messages = _messages(draw, with_tools=with_tools)
    row: dict[str, Any] = {"messages": messages}
    if with_tools:
        row["tools"] = [_tool(draw) for _ in range(draw.choice([1, 1, 2, 0]))]
    elif draw.random() < 0.1:
        row["tools"] = None
    if draw.random() < 0.12:  # as models of images have it
        for message in messages:
            if isinstance(message.get("content"), str):
                message["content"] = [{"type": "text", "text": message["content"]}]
    return row


def _messages(draw: random.Random, *, with_tools: bool) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    if draw.random() < 0.4:
        role = "developer" if draw.random() < 0.1 else "system"
        messages.append({"role": role, "content": _content(draw)})
    for _ in range(draw.choice([1, 1, 1, 2, 2, 3, 5])):
        messages.append({"role": "user", "content": _content(draw)})
        if draw.random() < 0.05:  # two in a row
            messages.append({"role": "user", "content": _content(draw)})
        if with_tools and draw.random() < 0.6:
            messages += _called(draw)
        if draw.random() < 0.95:
            messages.append(_answer(draw))
    return messages


def _content(draw: random.Random) -> Any:
    if draw.random() < 0.03:
        return [{"type": "text", "text": draw.choice(TEXTS)}, {"type": "text", "text": "more"}]
    return draw.choice(TEXTS) if draw.random() < 0.6 else " ".join(draw.choices(TEXTS, k=2))


def _answer(draw: random.Random) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": _content(draw)}
    if draw.random() < 0.15:
        message[draw.choice(["reasoning", "reasoning_content", "thinking"])] = draw.choice(TEXTS)
    if draw.random() < 0.05:
        message["name"] = None
    if draw.random() < 0.02:
        message["content"] = None
    return message


def _called(draw: random.Random) -> list[dict[str, Any]]:
    calls = [_call(draw, number) for number in range(draw.choice([1, 1, 1, 2]))]
    first: dict[str, Any] = {"role": "assistant", "tool_calls": calls}
    if draw.random() < 0.7:
        first["content"] = draw.choice(["", "Let me look.", None])
    results = [
        {
            "role": "tool",
            "content": draw.choice(['{"temperature": 21}', "ok", "你好"]),
            "name": call["function"]["name"],
            "tool_call_id": call["id"],
        }
        for call in calls
    ]
    return [first, *results]


def _call(draw: random.Random, number: int) -> dict[str, Any]:
    arguments: Any = draw.choice(ARGUMENTS)
    if draw.random() < 0.3:
        arguments = '{"city": "Zürich"}'
    function = {"name": draw.choice(NAMES), "arguments": arguments}
    return {"id": f"call0000{number}", "type": "function", "function": function}


def _tool(draw: random.Random) -> dict[str, Any]:
    function = {
        "name": draw.choice(NAMES),
        "description": draw.choice(["Looks things up.", "", "größe & <b>"]),
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Where."},
                "days": {"type": "integer"},
            },
            "required": ["city"],
        },
    }
    return {"type": "function", "function": function} if draw.random() < 0.9 else function
