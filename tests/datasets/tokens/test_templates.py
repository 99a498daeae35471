"""Every template of `trl` over three real vocabularies: what transformers gives, we give.

Each template meets 100 conversations, which are other ones than those of the next, so that there
are 4,100; `SFTC_CONVERSATIONS` says how many it meets. Each is read with one of the vocabularies.
"""

import os
from dataclasses import replace
from functools import cache
from typing import Any, Final

import drawn_conversations
import pytest
import vocabularies
from transformers import PreTrainedTokenizerFast
from transformers.utils import logging

from sftc.datasets.tokens.row import RowReader, RowTokens
from sftc.datasets.tokens.template import Template
from sftc.datasets.tokens.tokenizer import DEFAULT, TokenizerFiles, load

logging.set_verbosity_error()

AMOUNT: Final = int(os.environ.get("SFTC_CONVERSATIONS", "100"))
TEMPLATES: Final = vocabularies.templates()
STOCK: Final = [name for name in TEMPLATES if not name.endswith("_training")]

HEADER: Final = {
    "gptoss",
    "muse_glimmer",
    "qwen2_5",
    "qwen3_8",
    "qwen3_5_think",
    "qwen3_5_nothink",
    "qwen3_6",
    "nemotron_3_nano",
    "nemotron_3_super",
    "nemotron_3_ultra",
    "nemotron_3_5_lightning",
}
"""Their variants also train the end of what stands before a turn: its header, or `<think>`."""
STOP: Final = {"glm4moe"}
"""Its variant also trains what stands behind a turn: the token at which the model stops."""
SPACES: Final = {"llava_next"}
"""Its variant does not train the space behind a turn, nor a token that begins with it."""
RESULTS: Final = {"diffusion_gemma"}
"""The results of calls stand inside its assistant's turn; there its variant marks other parts."""
UNSOUND: Final = {"deepseek_r1_distill", "deepseekv3"}
"""Of no conversation with an assistant's turn can it be told what is learned."""


@cache
def reader(name: str) -> tuple[RowReader, TokenizerFiles]:
    some = vocabularies.FOLDER / "templates" / "llama3.jinja"
    files = load(str(vocabularies.folder(name)), some)
    return RowReader(files), files


@cache
def peer(name: str) -> Any:
    return PreTrainedTokenizerFast.from_pretrained(str(vocabularies.folder(name)))


@cache
def conversation(number: int) -> dict[str, Any]:
    return drawn_conversations.conversation(number)


def read(template: str, number: int) -> RowTokens:
    made, files = reader(vocabulary(number))
    # The templates of the reader are replaced: its encoder takes a second to make.
    made._templates = {DEFAULT: compiled(template, files.name)}  # noqa: SLF001
    whole, counted = made.read(conversation(number)), made.count(conversation(number))
    assert counted == replace(whole, text=None, ids=None, offsets=())
    return whole


@cache
def compiled(template: str, folder: str) -> Template:
    named = next(
        files.named for _, files in map(reader, vocabularies.NAMES) if files.name == folder
    )
    return Template(TEMPLATES[template], named)


def vocabulary(number: int) -> str:
    return vocabularies.NAMES[number % len(vocabularies.NAMES)]


def applied(template: str, number: int) -> Any:
    """Return what transformers gives; None if it raises."""
    row = conversation(number)
    try:
        return peer(vocabulary(number)).apply_chat_template(
            row["messages"],
            tools=row.get("tools"),
            chat_template=TEMPLATES[template],
            return_assistant_tokens_mask=True,
            return_dict=True,
        )
    except Exception:  # noqa: BLE001 - the template's, whatever it is
        return None


def mask(row: RowTokens) -> list[int]:
    assert row.ids is not None
    assert row.learned is not None
    marks = [0] * len(row.ids)
    for start, stop in row.learned:
        marks[start:stop] = [1] * (stop - start)
    return marks


def test_these_are_all_templates() -> None:
    assert len(TEMPLATES) == 72
    assert len(STOCK) == 41


@pytest.mark.parametrize("template", STOCK)
def test_what_transformers_gives(template: str) -> None:
    variant = f"{template}_training" if f"{template}_training" in TEMPLATES else None
    seen = compared = 0
    first = AMOUNT * STOCK.index(template)
    for number in range(first, first + AMOUNT):
        ours = checked(template, number)
        theirs = applied(variant, number) if variant else None
        if variant:
            checked(variant, number, theirs)
        if ours is None or theirs is None:
            continue
        seen += 1
        if ours.learned is not None and theirs["input_ids"] == list(ours.ids or ()):
            if not (template in RESULTS and _has_calls(number)):
                assert not _excess(template, mask(ours), theirs["assistant_masks"]), number
            compared += any(mask(ours))
    assert variant is None or seen > AMOUNT // 20
    assert variant is None or bool(compared) == (template not in UNSOUND)


def checked(template: str, number: int, theirs: Any = None) -> RowTokens | None:
    """Compare tokens and marks with those of transformers; return ours, if both have some."""
    ours = read(template, number)
    theirs = theirs or applied(template, number)
    assert (ours.refused is None) == (theirs is not None), (number, ours.refused)
    if theirs is None:
        return None
    assert list(ours.ids or ()) == theirs["input_ids"], number
    if "endgeneration" in TEMPLATES[template]:
        assert mask(ours) == theirs["assistant_masks"], number
    return ours


def _has_calls(number: int) -> bool:
    return any("tool_calls" in message for message in conversation(number)["messages"])


def _excess(template: str, ours: list[int], theirs: list[int]) -> bool:
    """Whether two masks differ in another way than is known of a template."""
    if ours == theirs:
        return False
    only_ours = [o and not t for o, t in zip(ours, theirs, strict=True)]
    only_theirs = [t and not o for o, t in zip(ours, theirs, strict=True)]
    if template in SPACES and not any(only_theirs):  # each extra token follows one of theirs
        return any(extra and not theirs[i - 1] for i, extra in enumerate(only_ours))
    if any(only_ours):
        return True
    if template in HEADER:  # each extra token leads up to one of ours
        return any(extra and not theirs[i + 1] for i, extra in enumerate(only_theirs))
    if template in STOP:  # each extra token follows one of ours
        return any(extra and not theirs[i - 1] for i, extra in enumerate(only_theirs))
    return True
