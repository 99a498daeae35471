"""The query parameters of a request, held to the table of operations."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import QueryParams

from .errors import refuse
from .operations import Operation


def parameters(operation: Operation, query: QueryParams) -> dict[str, Any]:
    """Return the parameters of a request, typed as their schemas say, with the defaults.

    Unknown parameters are ignored: clients send some of their own.

    Raises:
        Refused: a parameter does not match its schema.

    """
    return {
        name: _parameter(name, schema, query.getlist(name))
        for name, schema in operation.query.items()
    }


def _parameter(name: str, schema: Mapping[str, Any], given: list[str]) -> Any:
    if not given:
        return schema.get("default")
    text = given[-1]
    if schema["type"] == "string":
        allowed = schema.get("enum", [text])
        if text not in allowed:
            raise refuse("invalid_query", f"`{name}` must be one of {', '.join(allowed)}")
        if not re.search(schema.get("pattern", ""), text):
            raise refuse("invalid_query", f"`{name}` does not match {schema['pattern']}")
        return text
    lowest, highest = schema["minimum"], schema["maximum"]
    if not re.fullmatch(r"-?[0-9]{1,16}", text) or not lowest <= int(text) <= highest:
        raise refuse("invalid_query", f"`{name}` must be an integer from {lowest} to {highest}")
    return int(text)
