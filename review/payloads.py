"""Payloads as they stand in files: from bytes to plain values, or to the reason why not.

An artifact may have been written by anybody, so nothing is taken for granted.
"""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from ..compiler.inspection import payload_problem, pointer
from ..diagnostics import Diagnostic, Finding, Span

_LONGEST_PROBLEM: Final = 200


def is_payload(data: bytes, name: str) -> bool:
    """Whether a file is meant as a payload, and not as a config, which no brace begins."""
    return name.endswith(".json") or data.lstrip().startswith(b"{")


def read_payload(data: bytes, name: str) -> dict[str, Any] | Diagnostic:
    """Return the payload in a file, or the finding that says why it is none.

    Args:
        data: the bytes of the file.
        name: its name in diagnostics.

    """
    try:
        payload = json.loads(
            data.decode(),
            object_pairs_hook=_once,
            parse_constant=_not_json,
            parse_float=_finite,
        )
        json.dumps(payload, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        end = Span(error.lineno, error.colno, error.lineno, error.colno + 1)
        return _no_payload(name, f"it is not JSON: {error.msg.lower()}", end)
    except UnicodeDecodeError:
        return _no_payload(name, "it is not UTF-8")
    except UnicodeEncodeError:
        return _no_payload(
            name, "it holds half a character: an escape \\ud8… without its other half"
        )
    except RecursionError:
        return _no_payload(name, "it is nested too deep")
    except ValueError as error:
        return _no_payload(name, str(error))
    problem = payload_problem(payload)
    if problem:
        path, message = problem
        return _no_payload(name, f"at {pointer(path) or 'the top'}, {message}")
    found: dict[str, Any] = payload
    return found


def dataset_files(payload: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the dataset files that a payload names, by use, with what pins them."""
    files: dict[str, dict[str, Any]] = payload["metadata"].get("sftc", {}).get("files", {})
    return files


def pins(payload: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the facts that pin the dataset files of a payload, by use; only pinned ones."""
    return {
        use: {name: fact for name, fact in file.items() if name != "path"}
        for use, file in dataset_files(payload).items()
        if len(file) > 1
    }


def kept_pins(payload: Mapping[str, Any], artifact: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the pins of an artifact for those files that a payload names as well, by use."""
    named, before = dataset_files(payload), dataset_files(artifact)
    same = {use for use in named if named[use]["path"] == before.get(use, {}).get("path")}
    return {use: facts for use, facts in pins(artifact).items() if use in same}


def _no_payload(name: str, problem: str, span: Span | None = None) -> Diagnostic:
    from ..diagnostics.catalogue import diagnose  # only a bad file needs it

    if len(problem) > _LONGEST_PROBLEM:
        problem = problem[: _LONGEST_PROBLEM - 1] + "…"
    return diagnose(Finding("SFT601", words={"problem": problem}, span=span), name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise ValueError(f"the key {json.dumps(key)} stands twice in one object")
        table[key] = value
    return table


def _not_json(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(f"{digits[:20]} is beyond the range of a double")
    return number
