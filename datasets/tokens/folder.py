"""Which folder holds a tokenizer: one that is named, the Hugging Face cache, or the hub.

Files of tokenizers only: neither weights nor code are looked at, let alone loaded.
"""

import re
from pathlib import Path
from typing import Final

from .errors import TokenizerError

TOKENIZER: Final = "tokenizer.json"
CONFIG: Final = "tokenizer_config.json"
SPECIAL: Final = "special_tokens_map.json"
TEMPLATE: Final = "chat_template.jinja"
TEMPLATES: Final = "additional_chat_templates"

_WANTED: Final = (TOKENIZER, CONFIG, SPECIAL, TEMPLATE, f"{TEMPLATES}/*.jinja")
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?\Z", re.ASCII)


def find(name: str) -> Path:
    """Return the folder of a tokenizer.

    Args:
        name: a folder, or the name of a model on the Hugging Face hub. What is in the cache is
            used as it is; the hub is asked only for a model that is not.

    Raises:
        TokenizerError: there is none.

    """
    folder = Path(name)
    try:
        if folder.is_dir():
            return folder
        if folder.is_file() and folder.name == TOKENIZER:
            return folder.parent
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise TokenizerError(f"{name} cannot be read: {error}") from None
    if not _NAME.match(name):
        raise TokenizerError(f"there is no folder {name}")
    return _downloaded(name)


def home(folder: Path) -> Path:
    """Return the folder in which the files of a tokenizer have to be, links followed.

    In the Hugging Face cache the files of a snapshot are links to the blobs of the model.
    """
    real = folder.resolve()
    return real.parent.parent if real.parent.name == "snapshots" else real


def _downloaded(name: str) -> Path:
    """Return the folder of a model in the cache, which the hub fills if need be."""
    # Imported here because a folder needs no hub, and this loads an HTTP client.
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    for cached in (True, False):
        try:
            folder = Path(
                snapshot_download(name, allow_patterns=list(_WANTED), local_files_only=cached)
            )
        except Exception as error:  # noqa: BLE001 - of the hub, its HTTP client, or the disk
            if not cached:
                raise TokenizerError(_unreachable(name, error)) from None
            continue
        if (folder / TOKENIZER).is_file():
            return folder
    raise TokenizerError(f"{name} has no {TOKENIZER} on the Hugging Face Hub")


def _unreachable(name: str, error: Exception) -> str:
    reason = next(filter(None, str(error).strip().splitlines()), type(error).__name__)
    return (
        f"there is no folder {name}, the model is not in the Hugging Face cache, and it cannot "
        f"be downloaded from the Hub: {reason}"
    )
