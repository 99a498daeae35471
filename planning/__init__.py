"""Plan configs and payloads: what a job needs, whether it fits, and what would make it fit.

PURE: text or values in, frozen values out. The workspace reads files, model shapes and datasets.
``job.planned`` has the arithmetic; here a change of a job becomes edits of its config,
each compiled and planned again before it is offered.

``values``       a plan, with its suggestions
``inputs``       text or values to a plan
``suggestions``  changes to edits
``as_json``, ``as_text``, ``as_markdown``  how a plan is shown
"""

from collections.abc import Sequence

from ..report import ComparisonFormat, Format
from .inputs import Given, plan, planned_text, unknown_model
from .values import Plan, Price, Suggestion

__all__ = [
    "Given",
    "Plan",
    "Price",
    "Suggestion",
    "plan",
    "planned_text",
    "render",
    "unknown_model",
]


def render(
    form: ComparisonFormat, plans: Sequence[Plan], *, colour: bool = False, width: int = 80
) -> str:
    """Return plans in a format.

    Args:
        form: the format; JSON is one object on one line for each plan.
        plans: what to show, in this order: one in full, several as a table.
        colour: whether text is coloured for a terminal.
        width: columns that text has.

    """
    match form:
        case Format.JSON:
            from . import as_json

            return as_json.render(plans)
        case Format.MARKDOWN:
            from . import as_markdown

            return as_markdown.render(plans)
        case _:
            from . import as_text

            return as_text.render(plans, colour=colour, width=width)
