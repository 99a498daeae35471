"""The public API from outside: whole, documented, and clear when it is given the wrong thing."""

import ast
import importlib.util
import inspect
import pydoc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sftc

CONSUMER = Path(__file__).with_name("consumer.py")
TAKES_TEXT: dict[str, Callable[[Any], Any]] = {
    "compile_config": sftc.compile_config,
    "lint_config": sftc.lint_config,
    "fix_config": sftc.fix_config,
    "explain": sftc.explain,
    "lift": sftc.lift,
    "plan": sftc.plan,
    "diff": lambda given: sftc.diff(given, "a = 1"),
    "diff, the new": lambda given: sftc.diff({"model": "m"}, given),
}
TAKES_PATHS = ("check_dataset", "dataset_statistics", "pin")


def test_a_program_may_use_all_of_it(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("consumer", CONSUMER)
    assert spec
    assert spec.loader
    consumer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(consumer)
    assert consumer.main(tmp_path) == sftc.__version__


def test_the_program_names_all_of_it() -> None:
    used = {
        node.attr
        for node in ast.walk(ast.parse(CONSUMER.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "sftc"
    }
    assert used == set(sftc.__all__)


def test_every_name_is_there_and_no_other() -> None:
    star: dict[str, Any] = {}
    exec("from sftc import *", star)  # noqa: S102 - the statement itself is what is tested
    star.pop("__builtins__")
    assert sorted(star) == sorted(sftc.__all__) == sftc.__all__
    assert set(sftc.__all__) <= set(dir(sftc))
    with pytest.raises(AttributeError, match="module 'sftc' has no attribute 'compile'"):
        sftc.compile  # noqa: B018
    assert not hasattr(sftc, "_private")


def test_help_shows_all_of_it() -> None:
    shown = pydoc.plain(pydoc.render_doc(sftc))
    documented = [name for name in sftc.__all__ if not name.startswith("_")]
    missing = [
        name
        for name in documented
        if name != "Origin"  # a union
        and f"class {name}(" not in shown
        and f"    {name}(" not in shown
    ]
    assert missing == []
    assert "compile_config" in str(sftc.__doc__)


@pytest.mark.parametrize("name", sftc.__all__)
def test_the_public_api_is_documented(name: str) -> None:
    thing = getattr(sftc, name)
    if inspect.isclass(thing) or inspect.isfunction(thing):
        assert thing.__doc__
    if inspect.isfunction(thing):
        for parameter in inspect.signature(thing).parameters:
            assert f"{parameter}:" in str(thing.__doc__)


@pytest.mark.parametrize("function", TAKES_TEXT.values(), ids=TAKES_TEXT)
def test_a_path_is_no_text(function: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"not \w*Path; pass what the file holds: path.read_text"):
        function(Path("sft.toml"))
    with pytest.raises(TypeError, match=r"must be str.*, not int"):
        function(3)


@pytest.mark.parametrize("given", ["jobs/sft.toml", " job.json\r", b"C:\\jobs\\sft.TOML"])
@pytest.mark.parametrize("function", TAKES_TEXT.values(), ids=TAKES_TEXT)
def test_the_path_of_a_config_is_told_by_its_text(
    function: Callable[[Any], Any], given: str | bytes
) -> None:
    try:
        said = function(given)
    except ValueError as error:
        assert "is the path of a file" in str(error)  # noqa: PT017 - or in a diagnostic
        return
    found = said if isinstance(said, tuple) and not hasattr(said, "text") else said.diagnostics
    (diagnostic,) = found
    assert diagnostic.code == "SFT004"
    assert diagnostic.message.endswith("is the path of a file, not the text of a config")
    assert diagnostic.hint == "pass the text of the file: `Path(…).read_text()`"


@pytest.mark.parametrize(
    "text", ["# as in sft.toml", "[sft.toml]", 'a = "b.toml"', "sft.toml\n", "a.toml\nb.toml"]
)
def test_what_may_be_a_config_is_read_as_one(text: str) -> None:
    found = [each.message for each in sftc.lint_config(text)]
    assert any("is the path of a file" in message for message in found) == (text == "sft.toml\n")


@pytest.mark.parametrize("name", TAKES_PATHS)
@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ('{"messages": []}', ValueError, "not its rows"),
        ("\n[", ValueError, "not its rows"),
        ("a\nb", ValueError, "not its rows"),
        (b"train.jsonl", TypeError, "not bytes"),
        (None, TypeError, "not NoneType"),
    ],
)
def test_rows_are_no_path(name: str, given: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        getattr(sftc, name)(given)
