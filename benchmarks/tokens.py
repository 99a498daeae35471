"""How fast tokens and labels are counted, beside what TRL does before it trains on a file.

Usage: python benchmarks/tokens.py SFTC PEER VOCABULARIES [ROWS], where SFTC is the command of an
ordinary installation with the extra ``tokens``, PEER a Python with ``transformers``, ``jinja2`` and
``datasets``, and VOCABULARIES the folder that ``make vocabularies`` fills. TRL itself needs torch;
its preparation (1.16, ``SFTTrainer._prepare_dataset``) is these two calls of ``map``, with its
default of one process. Whole processes are timed, A B A B …; the ratios are medians of the pairs.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

PEER = """\
import sys
from datasets import load_dataset
from transformers import AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
def tokenize(example):
    processed = tokenizer.apply_chat_template(
        example["messages"], tools=example.get("tools"), return_assistant_tokens_mask=True,
        return_dict=True)
    output = {key: processed[key] for key in ("input_ids", "assistant_masks")}
    if 1 not in output["assistant_masks"]:
        raise RuntimeError
    return output
rows = load_dataset("json", data_files=sys.argv[1], split="train", cache_dir=sys.argv[3])
rows = rows.map(lambda example: example)
rows = rows.map(tokenize)
print(sum(map(sum, rows["assistant_masks"])))
"""
VOCABULARY, TEMPLATE = "smollm2", "qwen2_5_training.jinja"
PAIRS = 3
MEGABYTE = 1_000_000
WORDS = (  # noqa: SIM905 - read more easily than a list of them
    "the of and to in a is that for it as was with be by on not he his but at are this have from "
    "or had an which you one their would there been has when who will more no if out so what up "
    "said about than into them can only other time new some could these two may first then do "
    "tokenizer gradient überraschend 学习 функция"
).split()


def words(draw: random.Random) -> Callable[[int], str]:
    """Return what gives texts of at most so many words, of few words and four scripts."""
    return lambda most: " ".join(draw.choices(WORDS, k=draw.randint(5, most)))


def sources(draw: random.Random) -> Callable[[int], str]:
    """Return what gives texts of about so many words: prose and code of the standard library."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]

    def said(most: int) -> str:
        start = draw.randrange(len(lines) - most)
        return "\n".join(["Look:", *lines[start : start + draw.randint(1, max(most // 5, 1))]])

    return said


def write(path: Path, said: Callable[[int], str], draw: random.Random, rows: int) -> None:
    """Write conversations of one to four exchanges, some 1.7 kB each."""
    with path.open("w", encoding="utf-8") as file:
        for _ in range(rows):
            messages = [{"role": "system", "content": said(40)}]
            for _ in range(draw.randint(1, 4)):
                messages.append({"role": "user", "content": said(60)})
                messages.append({"role": "assistant", "content": said(160)})
            file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")


class Run(NamedTuple):
    """A process that has run: its seconds, those of processors, and what it printed."""

    seconds: float
    busy: float
    printed: str


def run(folder: Path, *command: str) -> Run:
    """Run a command in a folder."""
    before = os.times()
    start = perf_counter()
    environment = {**os.environ, "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=environment
    )
    seconds, after = perf_counter() - start, os.times()
    if done.returncode:
        sys.exit(f"failed: {' '.join(command)}\n{done.stderr}")
    busy = after.children_user + after.children_system
    return Run(seconds, busy - before.children_user - before.children_system, done.stdout)


def tokenizer(folder: Path, vocabularies: Path) -> Path:
    """Write a tokenizer whose template has generation markers, and return its folder."""
    made = folder / "tokenizer"
    shutil.copytree(vocabularies / VOCABULARY, made)
    shutil.copy(vocabularies / "templates" / TEMPLATE, made / "chat_template.jinja")
    return made


def lines(folder: Path, sftc: str, peer: str, made: Path, rows: int) -> Iterator[str]:
    """Yield what was measured, each line when it is known."""
    for kind in (words, sources):
        draw = random.Random(1)  # noqa: S311 - no secret
        path = folder / "train.jsonl"
        write(path, kind(draw), draw, rows)
        size = path.stat().st_size / MEGABYTE
        ours, theirs = [], []
        for turn in range(PAIRS):
            counting = (sftc, "data", str(path), "--tokenizer", str(made), "--format", "json")
            ours.append(run(folder, *counting))
            cache = str(folder / f"{kind.__name__}{turn}")
            theirs.append(run(folder, peer, "-c", PEER, str(path), str(made), cache))
            shutil.rmtree(cache)
        trained = json.loads(ours[0].printed)["trained_tokens"]
        if trained != int(theirs[0].printed):
            sys.exit(f"{trained} learned tokens, but {theirs[0].printed} of the peer's")
        yield f"{kind.__name__}: {rows:,} rows, {size:.1f} MB, {trained:,} learned tokens"
        for title, runs in (("sftc data --tokenizer", ours), ("TRL's preparation", theirs)):
            seconds, busy = median(r.seconds for r in runs), median(r.busy for r in runs)
            rate = size / seconds
            yield f"  {title:<24} {rate:>6.2f} MB/s {seconds:>7.1f} s   processors {busy:>6.1f} s"
        pairs = list(zip(ours, theirs, strict=True))
        wall = median(b.seconds / a.seconds for a, b in pairs)
        busy = median(b.busy / a.busy for a, b in pairs)
        yield f"  {'ratio':<24} × {wall:>4.1f} {'':>14}   processors × {busy:>4.1f}"


def main(sftc: str, peer: str, vocabularies: Path, rows: int) -> None:
    """Print what was measured."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = tokenizer(folder, vocabularies)
        for text in lines(folder, sftc, peer, made, rows):
            print(text, flush=True)


if __name__ == "__main__":
    # Not resolved: a Python that is a link knows its environment by where it stands.
    sftc, peer, vocabularies = (Path(given).absolute() for given in sys.argv[1:4])
    main(str(sftc), str(peer), vocabularies, int(sys.argv[4]) if sys.argv[4:] else 16_000)
