"""Which part of a row is learned: what the assistant wrote, where that can be known.

A template with generation markers says so itself. Of any other, the conversation is rendered up
to each assistant turn and once more with it; what the turn adds is learned, if the whole really
begins with both. Where it does not, nobody knows, and nothing is guessed. A turn of ``weight`` 0
is shown to the model, and not learned.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from .template import RefusedError, Rendered, Template

ASSISTANT: Final = "assistant"
IGNORED: Final = -100
"""The label of a token that nothing is learned from, as PyTorch's losses have it."""

Stretch = tuple[int, int]
"""Where something begins, and where it has ended."""


class Learned(NamedTuple):
    """The learned part of a text.

    Attributes:
        spans: where in the text it is, in order; None where that is unknown.
        reason: why not.

    """

    spans: tuple[Stretch, ...] | None
    reason: str = ""


def is_learned(message: Mapping[str, Any]) -> bool:
    """Whether a turn is to be learned: the assistant's, unless its ``weight`` is 0."""
    weight = message.get("weight")
    return message["role"] == ASSISTANT and (weight is None or weight != 0)


def learned(
    template: Template, messages: Sequence[Mapping[str, Any]], tools: Any, whole: Rendered
) -> Learned:
    """Return which part of a rendered conversation is learned.

    Args:
        template: the template.
        messages: the turns, as ``conversation`` gives them.
        tools: what the row has for tools.
        whole: all of it, rendered.

    """
    answers = [turn for turn, message in enumerate(messages) if message["role"] == ASSISTANT]
    wanted = [turn for turn in answers if is_learned(messages[turn])]
    if not template.has_markers:
        return _added(template, messages, tools, whole, wanted)
    if not whole.is_true:
        return Learned(None, "its generation markers are not around its output")
    if len(wanted) == len(answers):
        return Learned(whole.marked)
    if not wanted:
        return Learned(())
    unwanted = sorted({*answers} - {*wanted})
    left_out = _added(template, messages, tools, whole, unwanted)
    if left_out.spans is None:
        return left_out
    return Learned(tuple(_outside(whole.marked, left_out.spans)))


def _added(
    template: Template,
    messages: Sequence[Mapping[str, Any]],
    tools: Any,
    whole: Rendered,
    turns: Sequence[int],
) -> Learned:
    """Return what turns of the assistant add to what is before them."""
    spans: list[Stretch] = []
    end = 0
    for turn in turns:
        try:
            before = template.render(messages[:turn], tools, prompts=True).text
            behind = (
                whole.text
                if turn == len(messages) - 1
                else template.render(messages[: turn + 1], tools).text
            )
        except RefusedError:
            return Learned(None, "it cannot render the beginning of the conversation alone")
        if not (
            end <= len(before) <= len(behind)
            and behind.startswith(before)
            and whole.text.startswith(behind)
        ):
            return Learned(None, "it renders the beginning of the conversation differently")
        if turn < len(messages) - 1 and len(behind) == len(whole.text):
            return Learned(None, "it does not render what follows the assistant message")
        end = len(behind)
        spans.append((len(before), end))
    return Learned(tuple(spans))


def _outside(spans: Sequence[Stretch], others: Sequence[Stretch]) -> Iterator[Stretch]:
    """Yield spans without those that begin inside of others; both are in order."""
    starts = [start for start, _ in others]
    for start, stop in spans:
        at = bisect_right(starts, start) - 1
        if at < 0 or start >= others[at][1]:
            yield start, stop


def stretches(spans: Sequence[Stretch], offsets: Sequence[Stretch]) -> list[Stretch]:
    """Return the tokens that overlap spans of the text, as stretches of indexes in order.

    Args:
        spans: stretches of the text, in order.
        offsets: where in the text each token stands.

    """
    found: list[Stretch] = []
    done = 0
    for start, stop in spans:
        first = max(bisect_left(offsets, start + 1, key=itemgetter(1)), done)
        done = max(bisect_left(offsets, stop, lo=first, key=itemgetter(0)), done)
        if first < done:
            found.append((first, done))
    return found


def labels(ids: Sequence[int], learned_from: Sequence[Stretch]) -> list[int]:
    """Return the label of each token: itself where it is learned, else ``IGNORED``."""
    marked = [IGNORED] * len(ids)
    for start, stop in learned_from:
        marked[start:stop] = ids[start:stop]
    return marked


def amount(learned_from: Sequence[Stretch], most: int | None = None) -> int:
    """Return how many tokens are learned, of the first so many."""
    if most is None:
        return sum(stop - start for start, stop in learned_from)
    return sum(max(min(stop, most) - start, 0) for start, stop in learned_from)
