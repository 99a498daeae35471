"""`sftc data --tokenizer` and `sftc data show` as people and programs run them."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import forked
import jsonschema
import pytest
import tiny_tokenizer

from sftc import schemas

GOOD = {"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}
ASKED = {"messages": [{"role": "user", "content": "2+2?"}]}
NEVER = {"messages": [{"role": "system", "content": "no"}, *GOOD["messages"]]}
REFUSING = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('no \x1b[31msystem') }}{% endif %}"
    + tiny_tokenizer.MARKED
)
TOKENS = len("^user_2+2?$_^assistant_4$_")
SFTC = [sys.executable, "-m", "sftc"]


def sftc(
    folder: Path, *arguments: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return forked.run(*arguments, cwd=folder, encoding="utf-8", env={**os.environ, **(env or {})})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_tokenizer.save(tmp_path / "tok", REFUSING)
    write(tmp_path / "train.jsonl", GOOD, ASKED, NEVER)
    return tmp_path


def write(path: Path, *rows: Any) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_text(folder: Path) -> None:
    write(folder / "train.jsonl", GOOD, ASKED)
    run = sftc(folder, "data", "train.jsonl", "--tokenizer", "tok", "--sequence-length", "25")
    assert run.returncode == 1  # a row has no turn of the assistant
    assert run.stdout.splitlines()[-3:] == [
        "  tokens      38 (2 learned, 1 cut off)",
        "  per row     12 in the shortest, 12 in the median, 26 or less in 95%, 26 in the longest",
        "  tokenized   2 rows (1 cut to 25 tokens, 1 with nothing to learn)",
    ]
    assert "train.jsonl:1:1: warning[SFT462]: 1 row of more than 25 tokens: 1 token" in run.stderr
    assert "train.jsonl:2:14: error[SFT441]" in run.stderr
    assert "SFT461" not in run.stderr  # one cause, one finding
    again = sftc(folder, *run.args[1:], "--like", "reference")
    assert (again.returncode, "train.jsonl:2:1: error[SFT461]: " in again.stderr) == (
        1,
        True,
    )


def test_json(folder: Path) -> None:
    run = sftc(folder, "data", "train.jsonl", "--tokenizer", "tok", "--format", "json")
    facts = json.loads(run.stdout)
    jsonschema.validate(facts, schemas.load("data"))
    assert (run.returncode, facts["valid"], facts["rows"]) == (1, False, 3)
    wanted = {
        "tokenizer": "tok",
        "sequence_length": None,
        "tokens": TOKENS + len("^user_2+2?$_"),
        "tokens_cut": 0,
        "trained_tokens": len("4$"),
        "rows_tokenized": 2,
        "rows_refused": 1,
        "rows_cut": 0,
        "rows_without_labels": 1,
        "rows_labels_unknown": 0,
        "rows_tools_dropped": 0,
    }
    assert wanted.items() <= facts.items()
    assert facts["token_percentiles"]["max"] == TOKENS
    assert sum(count for _, count in facts["token_histogram"]) == 2
    codes = [(found["code"], found["line"]) for found in facts["findings"]]
    assert ("SFT460", 3) in codes
    assert ("SFT441", 2) in codes


def test_without_a_tokenizer_there_are_no_tokens(folder: Path) -> None:
    facts = json.loads(sftc(folder, "data", "train.jsonl", "--format", "json").stdout)
    assert "tokens" not in facts
    jsonschema.validate(facts, schemas.load("data"))


@pytest.mark.slow
def test_several_processes_count_the_same(folder: Path) -> None:
    rows = [GOOD, ASKED, NEVER, {"messages": [{"role": "assistant", "content": "é" * 3000}]}]
    write(folder / "train.jsonl", *rows * 200)
    arguments = ["data", "train.jsonl", "--tokenizer", "tok", "--format", "json"]
    one = sftc(folder, *arguments, "--jobs", "1")
    assert one.stdout == sftc(folder, *arguments, "--jobs", "3").stdout
    assert json.loads(one.stdout)["rows_tokenized"] == 600


def test_findings_about_the_file_are_kept(folder: Path) -> None:
    write(folder / "train.jsonl", *[ASKED] * 30, GOOD)
    run = sftc(
        folder,
        *("data", "train.jsonl", "--tokenizer", "tok", "--sequence-length", "10"),
        *("--max-errors", "2", "--format", "json"),
    )
    facts = json.loads(run.stdout)
    assert facts["findings"][0]["code"] == "SFT441"
    assert "SFT462" in {found["code"] for found in facts["findings"]}
    assert facts["unseen"] == {}
    (cut,) = [found for found in facts["findings"] if found["code"] == "SFT462"]
    assert (cut["count"], cut["lines"]) == (31, [1, 2, 3, 4, 5])


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tokenizer", "nowhere/at/all"], "there is no folder nowhere/at/all"),
        (["--tokenizer", "empty"], "empty has no tokenizer.json"),
        (["--tokenizer", "bare"], "bare has no chat template; pass one with --chat-template FILE"),
        (["--sequence-length", "5"], "--sequence-length needs --tokenizer or --config"),
        (["--report", "out.html"], "--report needs --tokenizer or --config"),
        (["--tokenizer", "tok", "--chat-template", "none"], "cannot read none: No such file"),
        (["--tokenizer", "org/name"], "the model is not in the Hugging Face cache"),
        (["-", "--tokenizer", "tok"], "but standard input comes once: name a file"),
    ],
)
def test_what_cannot_be_counted_with(folder: Path, arguments: list[str], said: str) -> None:
    (folder / "empty").mkdir()
    tiny_tokenizer.save(folder / "bare", None)
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hub")}
    run = sftc(folder, "data", "train.jsonl", *arguments, env=offline)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("sftc: ")
    assert said in run.stderr
    assert run.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("library", ["tokenizers", "jinja2"])
def test_without_the_extra_one_sentence_says_how_to_get_it(folder: Path, library: str) -> None:
    (folder / "lacking").mkdir()
    (folder / "lacking" / f"{library}.py").write_text("raise ImportError")
    path = {"PYTHONPATH": str(folder / "lacking")}
    write(folder / "train.jsonl", GOOD)
    (folder / "sft.toml").write_text('[job]\nmodel = "m/x"\n[compute]\ngpu_type = "H100"\n')
    for command in (["data"], ["data", "show"], ["compile", "sft.toml", "--dataset"]):
        run = sftc(folder, *command, "train.jsonl", "--tokenizer", "tok", env=path)
        assert (run.returncode, run.stdout) == (2, "")
        assert (
            run.stderr == "sftc: counting tokens needs an extra: run pip install 'sftc[tokens]'\n"
        )
    write(folder / "train.jsonl", GOOD)
    assert sftc(folder, "data", "train.jsonl", env=path).returncode == 0


@pytest.mark.slow
def test_a_model_in_the_cache(folder: Path) -> None:
    cached = folder / "hub" / "hub" / "models--org--name"
    tiny_tokenizer.save(cached / "snapshots" / ("a" * 40))
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("a" * 40)
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hub")}
    arguments = ["data", "train.jsonl", "--tokenizer", "org/name", "--format", "json"]
    run = sftc(folder, *arguments, env=offline)
    assert run.stderr == ""
    assert json.loads(run.stdout)["rows_tokenized"] == 3


def test_the_model_and_the_length_of_a_config(folder: Path) -> None:
    config = (
        '[job]\nmodel = "tok"\ndata = "train.jsonl"\n[compute]\ngpu_type = "H100"\n'
        "[hyperparameters]\nsequence_length = 20\n"
    )
    (folder / "sft.toml").write_text(config)
    arguments = ["data", "train.jsonl", "--config", "sft.toml", "--format", "json"]
    facts = json.loads(sftc(folder, *arguments).stdout)
    assert (facts["tokenizer"], facts["sequence_length"], facts["rows_cut"]) == ("tok", 20, 1)
    (folder / "bad.toml").write_text("[job]\n")
    run = sftc(folder, "data", "train.jsonl", "--config", "bad.toml")
    assert run.returncode == 1
    assert "bad.toml" in run.stderr


def test_another_chat_template(folder: Path) -> None:
    (folder / "other.jinja").write_text("{{ messages[0].content }}")
    arguments = ["data", "show", "train.jsonl", "1", "--tokenizer", "tok"]
    run = sftc(folder, *arguments, "--chat-template", "other.jinja", "--format", "jsonl")
    assert json.loads(run.stdout)["text"] == "2+2?"


@pytest.mark.slow
def test_show_as_text(folder: Path) -> None:
    run = sftc(folder, "data", "show", "train.jsonl", "1", "--tokenizer", "tok")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == (
        "train.jsonl:1: row 1: 26 tokens, 2 learned\n"
        "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n⟦4<|im_end|>⟧\n"
    )
    colours = {"FORCE_COLOR": "1", "NO_COLOR": "", "TERM": "xterm"}
    run = sftc(folder, "data", "show", "train.jsonl", "--tokenizer", "tok", env=colours)
    assert "\x1b[32m4<|im_end|>\x1b[0m" in run.stdout
    run = sftc(
        folder,
        *("data", "show", "train.jsonl", "--tokenizer", "tok"),
        env={**colours, "NO_COLOR": "1"},
    )
    assert "\x1b" not in run.stdout


@pytest.mark.slow
def test_show_what_is_left_of_a_row_that_is_cut(folder: Path) -> None:
    arguments = ["data", "show", "train.jsonl", "--tokenizer", "tok"]
    run = sftc(folder, *arguments, "--sequence-length", str(TOKENS - 2))
    assert run.stdout == (
        "train.jsonl:1: row 1: 24 tokens (2 more are cut off), 1 learned\n"
        "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n⟦4⟧\n"
    )
    (folder / "cut.toml").write_text(
        '[job]\nmodel = "tok"\n[compute]\ngpu_type = "H100"\n'
        "[hyperparameters]\nsequence_length = 10\n"
    )
    run = sftc(folder, *arguments[:3], "--config", "cut.toml", "--format", "jsonl")
    row = json.loads(run.stdout)
    assert (len(row["input_ids"]), row["labels"]) == (10, [-100] * 10)
    assert run.returncode == 0
    whole = sftc(folder, *arguments, "--sequence-length", str(TOKENS)).stdout
    assert whole == sftc(folder, *arguments).stdout


@pytest.mark.slow
def test_data_steers_no_terminal(folder: Path) -> None:
    escape = {"messages": [{"role": "assistant", "content": "\x1b[2J\u202e\r\x07"}]}
    write(folder / "train.jsonl", escape, NEVER)
    run = sftc(folder, "data", "show", "train.jsonl", "--rows", "1-2", "--tokenizer", "tok")
    assert run.returncode == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", run.stdout + run.stderr)
    assert "train.jsonl:2: row 2 has no tokens: no \\u001B[31msystem" in run.stderr
    run = sftc(folder, "data", "train.jsonl", "--tokenizer", "tok", "--report", "r.html")
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", run.stdout + run.stderr)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", (folder / "r.html").read_text())


def test_show_as_jsonl(folder: Path) -> None:
    with (folder / "train.jsonl").open("a") as file:
        file.write('\n{"messages": []}\n' + json.dumps(GOOD) + "\n")
    arguments = ["--rows", "1-20", "--tokenizer", "tok", "--format", "jsonl"]
    run = sftc(folder, "data", "show", "train.jsonl", *arguments)
    first, second, refused, bad, last = map(json.loads, run.stdout.splitlines())
    assert set(first) == {"line", "input_ids", "labels", "text"}
    assert [row["line"] for row in (first, second, refused, bad, last)] == [1, 2, 3, 5, 6]
    assert len(first["input_ids"]) == len(first["labels"]) == TOKENS
    learned = [label for label in first["labels"] if label != -100]
    assert learned == first["input_ids"][-3:-1]
    assert set(second["labels"]) == {-100}
    for row in (refused, bad):
        assert (row["input_ids"], row["labels"], row["text"]) == (None, None, None)
    assert last == {**first, "line": 6}
    assert run.stderr.count("has no tokens: ") == 2
    assert run.returncode == 1


def test_labels_that_cannot_be_told(folder: Path) -> None:
    tiny_tokenizer.save(folder / "ending", tiny_tokenizer.ENDING)
    write(folder / "train.jsonl", {"messages": GOOD["messages"] * 2})
    arguments = ["data", "show", "train.jsonl", "1", "--tokenizer", "ending"]
    row = json.loads(sftc(folder, *arguments, "--format", "jsonl").stdout)
    assert row["labels"] is None
    assert row["input_ids"] is not None
    text = sftc(folder, *arguments).stdout
    assert "what is learned cannot be told" in text
    assert "⟦" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train.jsonl"], "name the tokenizer with --tokenizer, or a config"),
        (["train.jsonl", "9", "--tokenizer", "tok"], "train.jsonl has no row 9"),
        (["train.jsonl", "1", "--rows", "1", "--tokenizer", "tok"], "not both"),
        (["train.jsonl", "--rows", "3-1", "--tokenizer", "tok"], "as in 1-20"),
        (["train.jsonl", "--rows", "x", "--tokenizer", "tok"], "as in 1-20"),
        (["-", "--tokenizer", "tok"], "name a file"),
    ],
)
def test_wrong_usage_of_show(folder: Path, arguments: list[str], said: str) -> None:
    run = sftc(folder, "data", "show", *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert said in run.stderr


def test_a_file_that_is_called_as_a_command(folder: Path) -> None:
    write(folder / "show", GOOD)
    assert "valid" in sftc(folder, "data", "./show").stdout
    assert "valid" in sftc(folder, "data", "check", "show").stdout
    missing = sftc(folder, "data", "show", "gone.jsonl", "1", "--tokenizer", "tok")
    assert missing.returncode == 2
    assert "error[SFT401]" in missing.stderr


class _Links(HTMLParser):
    """Collects what a page takes from elsewhere, and what runs in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [name for name, _ in attrs if name in {"src", "href"} or name[:2] == "on"]


@pytest.mark.slow
def test_the_report_opens_offline(folder: Path) -> None:
    markup = {"messages": [{"role": "assistant", "content": "<script>alert(1)</script><b>&"}]}
    write(folder / "train.jsonl", GOOD, ASKED, NEVER, markup)
    run = sftc(
        folder,
        *("data", "train.jsonl", "gone.jsonl", "--tokenizer", "tok"),
        *("--sequence-length", "20", "--report", "out.html"),
    )
    assert run.returncode == 2
    page = (folder / "out.html").read_text("utf-8")
    links = _Links()
    links.feed(page)
    assert links.found == []
    assert not {"script", "b", "link", "img", "iframe"} & links.tags
    assert {"svg", "rect", "mark", "table"} <= links.tags
    assert "http://" not in page
    assert "https://" not in page
    assert "prefers-color-scheme: dark" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;&amp;&lt;|im_end|&gt;</mark>" in page
    for said in ("train.jsonl", "gone.jsonl", "SFT460", "SFT462", "learned tokens"):
        assert said in page


@pytest.mark.parametrize(
    "target", ["train.jsonl", "other.jsonl", "x.jinja", "tok/tokenizer.json", "link.html"]
)
def test_a_report_never_replaces_what_is_read(folder: Path, target: str) -> None:
    write(folder / "other.jsonl", GOOD)
    (folder / "x.jinja").write_text(tiny_tokenizer.MARKED)
    (folder / "link.html").symlink_to("train.jsonl")
    before = (folder / target).read_bytes()
    options = ["--validation", "other.jsonl", "--tokenizer", "tok", "--chat-template", "x.jinja"]
    run = sftc(folder, "data", "train.jsonl", *options, "--report", target)
    assert (run.returncode, (folder / target).read_bytes()) == (2, before)
    assert run.stderr == (f"sftc: {target} is an input: write to another file\n")


def test_a_tokenizer_is_read_in_its_folder_only(folder: Path) -> None:
    (folder / "secret").write_text("hunter2")
    (folder / "tok" / "chat_template.jinja").unlink()
    (folder / "tok" / "chat_template.jinja").symlink_to("../secret")
    run = sftc(folder, "data", "show", "train.jsonl", "--tokenizer", "tok")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "sftc: tok/chat_template.jinja is not a file in its folder\n"


def test_a_template_is_named_as_it_was_given(folder: Path) -> None:
    (folder / "x.jinja").write_text(REFUSING)
    for options, named in (([], "of tok"), (["--chat-template", "x.jinja"], "x.jinja")):
        run = sftc(folder, "data", "train.jsonl", "--tokenizer", "tok", *options)
        assert f"the chat template {named} rejects the row" in run.stderr


@pytest.mark.slow
def test_learned_tokens_of_some_rows_are_not_those_of_all(folder: Path) -> None:
    tiny_tokenizer.save(folder / "ending", tiny_tokenizer.ENDING)
    write(folder / "train.jsonl", GOOD, {"messages": GOOD["messages"] * 2})
    run = sftc(folder, "data", "train.jsonl", "--tokenizer", "ending")
    assert "(4 learned of 1 rows that tell)" in run.stdout
    (folder / "sft.toml").write_text(
        '[job]\nmodel = "m/x"\ndata = "train.jsonl"\n[compute]\ngpu_type = "H100"\n'
    )
    run = sftc(folder, "compile", "--tokenizer", "ending", "sft.toml")
    pin = json.loads(run.stdout)["metadata"]["sftc"]["files"]["training"]
    assert "tokens" in pin
    assert "trained_tokens" not in pin


def test_rows_are_shown_of_jsonl_only(folder: Path) -> None:
    (folder / "array.json").write_text(json.dumps([GOOD]))
    run = sftc(folder, "data", "show", "array.json", "--tokenizer", "tok")
    assert (run.returncode, "error[SFT402]" in run.stderr) == (1, True)


@pytest.mark.parametrize("path", ["../train.jsonl", "link.jsonl"])
@pytest.mark.parametrize("key", ['job.data = "{}"', 'job.data = "d"\ndata.validation_path = "{}"'])
def test_a_config_names_no_dataset_outside(folder: Path, path: str, key: str) -> None:
    """A config may be a stranger's: what it names is read inside the repository alone."""
    here = folder / "here"
    here.mkdir()
    (here / "link.jsonl").symlink_to(folder / "train.jsonl")
    write(here / "d", GOOD)
    (here / "sft.toml").write_text(
        f'job.model = "m"\ncompute.gpu_type = "H100"\n{key.format(path)}\n'
    )
    run = sftc(here, "data", "--config", "sft.toml")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"sftc: {path}, which sft.toml names, ")
    assert run.stderr.endswith(f"; to read it, name it: sftc data {path}\n")
