"""How fast tokens and labels are counted, beside what TRL does before it trains on a file.

Usage: python benchmarks/tokens.py SFTC PEER FOLDER [ROWS], where SFTC is the command of an
ordinary installation with the extra ``tokens``, PEER a Python with ``transformers`` and
``datasets``, and FOLDER holds a tokenizer whose template has generation markers. TRL itself
needs torch; its preparation (1.16, ``SFTTrainer._prepare_dataset``) is these two calls of
``map``, with its default of one process. Whole processes are timed, A B A B.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

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
WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "is",
    "that",
    "for",
    "it",
    "as",
    "was",
    "with",
    "be",
    "by",
    "on",
    "not",
    "he",
    "his",
    "but",
    "at",
    "are",
    "this",
    "have",
    "from",
    "or",
    "had",
    "an",
    "which",
    "you",
    "one",
    "their",
    "would",
    "there",
    "been",
    "has",
    "when",
    "who",
    "will",
    "more",
    "no",
    "if",
    "out",
    "so",
    "what",
    "up",
    "said",
    "about",
    "than",
    "into",
    "them",
    "can",
    "only",
    "other",
    "time",
    "new",
    "some",
    "could",
    "these",
    "two",
    "may",
    "first",
    "then",
    "do",
    "tokenizer",
    "gradient",
    "überraschend",
    "学习",
    "функция",
]


def write(path: Path, rows: int) -> None:
    """Write conversations of one to four exchanges, some 1.5 kB each."""
    draw = random.Random(1)  # noqa: S311 - no secret

    def said(most: int) -> str:
        return " ".join(draw.choices(WORDS, k=draw.randint(5, most)))

    with path.open("w", encoding="utf-8") as file:
        for _ in range(rows):
            messages = [{"role": "system", "content": said(40)}]
            for _ in range(draw.randint(1, 4)):
                messages.append({"role": "user", "content": said(60)})
                messages.append({"role": "assistant", "content": said(160)})
            file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")


def run(folder: str, *command: str) -> tuple[float, float, str]:
    """Return the seconds of a command in a folder, those of processors, and what it prints."""
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
    return seconds, busy - before.children_user - before.children_system, done.stdout


def main(sftc: str, peer: str, folder: str, rows: int) -> None:
    """Print what was measured."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "train.jsonl"
        write(path, rows)
        size = path.stat().st_size / 1_000_000
        ours, theirs = [], []
        for turn in range(3):
            cache = str(Path(name) / str(turn))
            ours.append(
                run(name, sftc, "data", str(path), "--tokenizer", folder, "--format", "json")
            )
            theirs.append(run(name, peer, "-c", PEER, str(path), folder, cache))
        trained = json.loads(ours[0][2])["trained_tokens"]
        if trained != int(theirs[0][2]):
            sys.exit(f"{trained} learned tokens, but {theirs[0][2]} of the peer's")
        print(f"{rows:,} rows, {size:.1f} MB, {trained:,} learned tokens")
        for title, runs in (("sftc data --tokenizer", ours), ("TRL's preparation", theirs)):
            seconds, busy = median(r[0] for r in runs), median(r[1] for r in runs)
            print(
                f"  {title:22} {size / seconds:6.2f} MB/s, {seconds:.1f} s, processors {busy:.1f} s"
            )
        ratios = sorted(b[0] / a[0] for a, b in zip(ours, theirs, strict=True))
        print(f"  ours is {ratios[1]:.1f} times as fast ({ratios[0]:.1f} to {ratios[-1]:.1f})")


if __name__ == "__main__":
    tools, rest = sys.argv[1:4], sys.argv[4:]
    main(tools[0], tools[1], tools[2], int(rest[0]) if rest else 20_000)
