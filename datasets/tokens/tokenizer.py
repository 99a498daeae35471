"""A tokenizer as its files describe it, and the encoder that is made of them.

The files are plain values, so that they can be handed to other processes. No code that a
tokenizer brings along is ever run, apart from its chat template, which is sandboxed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from . import folder as places
from .errors import TokenizerError

if TYPE_CHECKING:
    from tokenizers import AddedToken, Tokenizer

DEFAULT: Final = "default"
TOOL_USE: Final = "tool_use"
_NAMED: Final = (
    "bos_token",
    "eos_token",
    "unk_token",
    "sep_token",
    "pad_token",
    "cls_token",
    "mask_token",
)
"""The special tokens that each chat template may name."""
_MOST: Final = 256 * 1024 * 1024
"""Bytes of the largest file that is read; the largest vocabularies take some 40 MB."""
_EXTRA: Final = "counting tokens needs an extra: run pip install 'sftc[tokens]'"


@dataclass(frozen=True, slots=True)
class TokenizerFiles:
    """What the files of a tokenizer hold.

    Attributes:
        name: as it was asked for.
        vocabulary: the text of ``tokenizer.json``.
        named: the special tokens that templates may name, such as ``bos_token``.
        added: tokens that the config adds to the vocabulary, as ``AddedToken`` takes them.
        templates: chat templates by name; ``default`` is the usual one.
        split_special: whether special tokens in a text are plain text.
        template: where the templates come from, for people.

    """

    name: str
    vocabulary: str
    named: Mapping[str, str]
    added: tuple[Mapping[str, Any], ...]
    templates: Mapping[str, str]
    split_special: bool = False
    template: str = ""


def load(name: str, template: Path | None = None) -> TokenizerFiles:
    """Return a tokenizer that is ready to be counted with.

    Args:
        name: a folder, or a model of the Hugging Face cache or hub.
        template: a file with another chat template.

    Raises:
        TokenizerError: it, its template, or a library is not there or not usable.

    """
    try:
        import jinja2  # noqa: F401
        import tokenizers  # noqa: F401
    except ImportError:
        raise TokenizerError(_EXTRA) from None
    files = _read(places.find(name), name)
    if template is not None:
        files = replace(files, templates={DEFAULT: _text(template)}, template=str(template))
    if not files.templates:
        raise TokenizerError(f"{name} has no chat template; pass one with --chat-template FILE")
    if DEFAULT not in files.templates:
        names = ", ".join(sorted(files.templates))
        raise TokenizerError(
            f"{name} has several chat templates and none is the default ({names}); pass one with "
            "--chat-template FILE"
        )
    from .template import Template

    encoder(files)  # so that what is wrong with it is known before the data is read
    for text in files.templates.values():
        Template(text, files.named)
    return files


def encoder(files: TokenizerFiles) -> "Tokenizer":
    """Return the encoder of a tokenizer, which neither cuts nor pads.

    Raises:
        TokenizerError: the library cannot read it.

    """
    from tokenizers import AddedToken, Tokenizer

    try:
        made: Tokenizer = Tokenizer.from_str(files.vocabulary)
        made.no_truncation()
        made.no_padding()
        made.encode_special_tokens = files.split_special
        known = {repr(token) for token in made.get_added_tokens_decoder().values()}
        tokens = [AddedToken(**token) for token in files.added]
        made.add_tokens([token for token in tokens if repr(token) not in known])
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        # The library panics at some files, which is no Exception.
        raise TokenizerError(f"the tokenizer of {files.name} cannot be read: {error}") from None
    present = {token.content for token in made.get_added_tokens_decoder().values()}
    made.add_special_tokens([text for text in files.named.values() if text not in present])
    return made


def special_tokens(made: "Tokenizer") -> list["AddedToken"]:
    """Return the special tokens of an encoder."""
    return [token for token in made.get_added_tokens_decoder().values() if token.special]


def _read(folder: Path, name: str) -> TokenizerFiles:
    vocabulary = folder / places.TOKENIZER
    if not vocabulary.is_file():
        raise TokenizerError(f"{name} has no {places.TOKENIZER}")
    config = _table(folder / places.CONFIG, folder)
    legacy = {} if "added_tokens_decoder" in config else _table(folder / places.SPECIAL, folder)
    config = {**config, **legacy}
    return TokenizerFiles(
        name,
        _text(vocabulary, folder),
        _named(config, name),
        tuple(_added(config, name)),
        _templates(folder, config, name),
        split_special=config.get("split_special_tokens") is True,
        template=f"of {name}",
    )


def _named(config: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return the special tokens that a config gives a name, in the order of the library."""
    extra = [key for key in config if key.endswith("_token") and key not in _NAMED]
    found = {}
    for key in (*_NAMED, *extra):
        value = config.get(key)
        if isinstance(value, dict):
            value = value.get("content")
        elif key in extra and isinstance(value, bool):  # add_bos_token and its like
            continue
        if value is None:
            continue
        if not isinstance(value, str):
            raise TokenizerError(f"{name}: {key} in {places.CONFIG} is not a token")
        found[key] = value
    return found


def _added(config: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return what a config adds to the vocabulary, by the ids that it gives them."""
    table = config.get("added_tokens_decoder") or {}
    try:
        listed = [table[key] for key in sorted(table, key=int)]
        extra = config.get("extra_special_tokens") or config.get("additional_special_tokens") or []
        extra = list(extra.values()) if isinstance(extra, dict) else extra
        seen = {token["content"] for token in listed}
        more = [token if isinstance(token, dict) else {"content": token} for token in extra]
        listed += [{**token, "special": True} for token in more if token["content"] not in seen]
        return [{key: value for key, value in token.items() if key != "__type"} for token in listed]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise TokenizerError(f"{name}: the added tokens in {places.CONFIG} are damaged") from None


def _templates(folder: Path, config: Mapping[str, Any], name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if (folder / places.TEMPLATE).is_file():
        found[DEFAULT] = _text(folder / places.TEMPLATE, folder)
    for path in sorted((folder / places.TEMPLATES).glob("*.jinja")):
        found[path.stem] = _text(path, folder)
    if found:
        return found
    value = config.get("chat_template")
    if isinstance(value, str):
        return {DEFAULT: value}
    try:
        found = {entry["name"]: entry["template"] for entry in value or ()}
    except (KeyError, TypeError):
        raise TokenizerError(f"{name}: chat_template in {places.CONFIG} is damaged") from None
    if not all(isinstance(text, str) for text in found.values()):
        raise TokenizerError(f"{name}: chat_template in {places.CONFIG} is damaged")
    return found


def _table(path: Path, within: Path) -> dict[str, Any]:
    """Return what a JSON file holds; nothing if there is no such file."""
    if not path.is_file():
        return {}
    try:
        value = json.loads(_text(path, within))
    except (ValueError, RecursionError) as error:
        raise TokenizerError(f"{path} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise TokenizerError(f"{path} is not a JSON object")
    return value


def _text(path: Path, within: Path | None = None) -> str:
    """Return a text; one of a folder has to be a file in it, since a stranger may have made it."""
    try:
        real = path.resolve()
        inside = within is None or (real.is_relative_to(places.home(within)) and real.is_file())
    except (OSError, RuntimeError):  # RuntimeError: links in a circle
        inside = False
    if not inside:
        raise TokenizerError(f"{path} is not a file in its folder")
    try:
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TokenizerError(f"cannot read {path}: {reason}") from None
    if len(data) > _MOST:
        raise TokenizerError(f"{path} is too large for a tokenizer")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise TokenizerError(f"{path} is not UTF-8") from None
