"""The shapes of published models, by the names that jobs have for them.

The table is ``shapes.json``: for each shape what its ``config.json`` says, and who says so.
"""

from functools import cache
from typing import Any

from .. import models
from ..shapes import Shape
from . import shape_of_config


def shape_of_model(name: str) -> Shape | None:
    """Return the shape of a model by its Hugging Face name, whoever keeps the copy; None: unknown.

    Names are compared as ``models.lookup`` does.
    """
    model = models.lookup(name)
    return None if model is None or model.shape is None else shape_named(model.shape)


@cache
def shape_named(key: str) -> Shape:
    """Return a shape of the table.

    Raises:
        KeyError: there is none of that name.

    """
    entry = _table()[key]
    return shape_of_config(entry["config"], entry["source"])


@cache
def _table() -> dict[str, Any]:
    # Imported here because only a plan needs it.
    import json
    import pkgutil

    found: dict[str, Any] = json.loads(pkgutil.get_data(models.__package__, "shapes.json") or b"")
    return found
