"""Our payloads beside those of the reference client, leaf by leaf. Run by ``make parity``.

Usage: python parity.py REFERENCE_PYTHON, a Python with ``synth-ai`` from PyPI. Over all
cases that compile, and over the configs that ship with the reference client: each leaf that it
emits is in ours, equal in type and value, or stands in ``ON_PURPOSE`` with the reason.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import tomli

import sftc

CASES = Path(__file__).parents[1] / "cases"
ALGORITHM = '[algorithm]\ntype = "offline"\nmethod = "sft"\nvariety = "{}"\n'
MODEL = "Qwen/Qwen3-4B"

ON_PURPOSE = {
    "numbers-keep-their-type": "an integer is forwarded as an integer; it makes a float of it",
}
"""Cases in which a leaf differs, and why ours is right."""

REFERENCE = """
import contextlib, io, json, logging, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from synth_ai.api.train.builders import build_sft_payload
    answers = {}
    for path in sys.argv[2:]:
        try:
            built = build_sft_payload(config_path=Path(path), dataset_override=Path(sys.argv[1]),
                                      allow_experimental=True)
            answers[path] = {"payload": built.payload}
        except Exception as error:
            answers[path] = {"refused": f"{type(error).__name__}: {error}"}
print(json.dumps(answers, default=repr))
"""

WHERE = "import synth_ai, pathlib; print(pathlib.Path(synth_ai.__file__).parent.parent)"


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Return the scalars and empty containers of a payload, by path."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    found = {p: v for key, child in items for p, v in leaves(child, f"{path}/{key}").items()}
    return found or {path: value}


def same(ours: Any, theirs: Any) -> bool:
    """Whether two leaves are equal in type and value."""
    return type(ours) is type(theirs) and ours == theirs


def for_both(text: str) -> str:
    """Return a case as the reference client takes it, too: it refuses what it does not know.

    It wants [algorithm] and a gpu_count, knows no QLoRA there, and few models.
    """
    text = re.sub(
        r'model(\S*) *= *"(m|meta-llama[^"]*|openai[^"]*)"', rf'model\1 = "{MODEL}"', text
    )
    text = text.replace('"supervised_finetune"', '"sft"').replace(
        'variety = "qlora"', 'variety = "lora"'
    )
    values = tomli.loads(text)
    if "gpu_count" not in values["compute"]:
        one = r"\1gpu_type\2\n\1gpu_count = 1"
        text = re.sub(r'((?:compute\.)?)gpu_type( *= *"[^"]*")', one, text, count=1)
    if not {"type", "method", "variety"} <= values.get("algorithm", {}).keys():
        text = re.sub(r"\[algorithm\]\nvariety = .*\n", "", text)
        text = f"{text}\n{ALGORITHM.format('lora' if 'qlora = true' in text else 'fft')}"
    return text


def texts(shipped: Path) -> dict[str, str]:
    """Return the configs to compare, by name: our cases, and the reference client's examples."""
    found = {
        path.parent.name: path.read_text()
        for path in sorted(CASES.glob("*/config.toml"))
        if (path.parent / "job.json").exists()
    }
    for path in sorted((shipped / "examples").rglob("*.toml")):
        if re.search(r'method *= *"(sft|supervised_finetune)"', path.read_text()):
            found[f"shipped: {path.relative_to(shipped)}"] = path.read_text()
    return {name: for_both(text) for name, text in found.items()}


def ask(reference: str, configs: dict[str, str]) -> dict[str, Any]:
    """Return the reference client's answer to each config: a payload, or why it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "train.jsonl"
        data.write_text('{"messages": [{"role": "assistant", "content": "a"}]}\n')
        paths = {name: Path(folder) / f"{number}.toml" for number, name in enumerate(configs)}
        for name, path in paths.items():
            path.write_text(configs[name])
        command = [reference, "-c", REFERENCE, str(data), *map(str, paths.values())]
        answers = json.loads(subprocess.check_output(command, text=True))
        return {name: answers[str(path)] for name, path in paths.items()}


def differences(text: str, theirs: dict[str, Any]) -> list[str]:
    """Return the leaves of a payload of the reference client that ours has otherwise."""
    compiled = sftc.compile_config(text).payload
    if compiled is None:
        return ["ours refuses the config"]
    ours = leaves(compiled)
    return [
        f"{path}: {value!r}, ours {ours.get(path, 'nothing')!r}"
        for path, value in leaves(theirs).items()
        if not same(ours.get(path), value)
    ]


def main() -> int:
    """Compare, print what differs, and return 1 if anything does for no stated reason."""
    reference = sys.argv[1]
    shipped = subprocess.check_output([reference, "-c", WHERE], text=True).strip()
    configs = texts(Path(shipped))
    answers = ask(reference, configs)
    refused = {name: answer["refused"] for name, answer in answers.items() if "refused" in answer}
    compared = {
        name: differences(configs[name], answers[name]["payload"])
        for name in configs
        if name not in refused
    }
    differing = {name for name, wrong in compared.items() if wrong}
    for name, reason in refused.items():
        print(f"refused by the reference client: {name}: {reason.splitlines()[0]}")
    for name in sorted(differing):
        print(f"different: {name}: {'; '.join(compared[name])}")
        print(f"    because {ON_PURPOSE.get(name, '?')}")
    unexplained = differing ^ ON_PURPOSE.keys()
    equal = len(compared) - len(differing)
    print(f"{equal} equal, {len(differing)} different on purpose, {len(unexplained)} unexplained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
