"""Templates, tokenizers and rows that mean harm: each is refused, and nothing else is lost."""

import json
import random
from functools import partial
from pathlib import Path
from typing import Any

import deadly
import pytest
import tiny_tokenizer
from drawn_rows import lines as drawn_lines
from drawn_rows import lines_with_a_key_twice
from hypothesis import given
from hypothesis import strategies as st

from sftc.datasets.tokens import TokenizerError, count_tokens, load, processes
from sftc.datasets.tokens.block import count, read_rows
from sftc.datasets.tokens.limits import limited_time
from sftc.datasets.tokens.processes import answers
from sftc.datasets.tokens.row import RowReader
from sftc.datasets.tokens.rows import Lines
from sftc.datasets.tokens.template import RefusedError, Template

ROW = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}


def rendered(text: str) -> str:
    return Template(text, {}).render(ROW["messages"], None).text


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ messages.append(1) }}",
        "{{ namespace(_x=1) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ raise_exception('no') }}",
        "{{ range(10 ** 9) }}",
        "{{ messages[5].role }}",
        "{{ 1 / 0 }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% include 'x' %}",
        "{% for i in range(70) %}{{ 'x' * 1000000 }}{% endfor %}",
    ],
)
def test_a_template_that_goes_too_far_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        rendered(text)


def test_a_template_that_never_ends_is_ended() -> None:
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    with pytest.raises(TimeoutError):
        limited_time(rendered, endless, 0.2)
    assert rendered("{{ messages[0].content }}") == "a"


@pytest.mark.parametrize("text", ["{% for %}", "{{", "{% generation %}", "{% if x %}" * 3])
def test_what_is_no_template(text: str) -> None:
    with pytest.raises(TokenizerError):
        Template(text, {})


@pytest.mark.slow_but_first
@pytest.mark.parametrize("threads", [processes.THREADS, Path("/nowhere")])
@pytest.mark.parametrize("deed", ["exit", "raise", "hang"])
def test_a_row_that_ends_its_process_is_lost_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deed: str, threads: Path
) -> None:
    """Forked processes as well as spawned ones, which is what there is without Linux."""
    monkeypatch.setattr(processes, "THREADS", threads)
    monkeypatch.setattr(processes, "SECONDS", 1.0)
    files = load(str(tiny_tokenizer.save(tmp_path)))
    blocks = [Lines(b"a\nb\n", 1), Lines(f"c\n{deed}\nd\n".encode(), 3), Lines(b"e\n", 6)]
    got = list(answers(blocks, deadly.work, partial(RowReader, files), 1))
    assert [(lines.first, answer) for lines, answer in got] == [
        (1, [b"a", b"b"]),
        (3, [b"c"]),
        (4, None),
        (5, [b"d"]),
        (6, [b"e"]),
    ]


def test_a_row_that_fills_the_memory_is_refused(tmp_path: Path) -> None:
    greedy = "{% if messages[0].content == 'bomb' %}{{ 'x' * 10 ** 11 }}{% endif %}a"
    files = load(str(tiny_tokenizer.save(tmp_path / "tokenizer", greedy)))
    bomb = {"messages": [{"role": "user", "content": "bomb"}]}
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(r) + "\n" for r in (ROW, bomb, ROW)))
    result = count_tokens(str(tmp_path / "a.jsonl"), files)
    assert (result.tokens.rows, result.tokens.rows_refused) == (2, 1)
    assert [(f.code, f.span.line) for f in result.diagnostics if f.code == "SFT460"] == [
        ("SFT460", 2)
    ]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("tokenizer.json", "{}"),
        ("tokenizer.json", "["),
        ("tokenizer.json", '{"model": {"type": "BPE", "vocab": {"a": 7}, "merges": [["a", "b"]]}}'),
        ("tokenizer.json", '{"version": "1.0", "model": {"type": "WordLevel", "vocab": {}}}'),
        ("tokenizer_config.json", "[]"),
        ("tokenizer_config.json", "{"),
        ("tokenizer_config.json", "[" * 100_000),
        ("tokenizer_config.json", '{"bos_token": 5}'),
        ("tokenizer_config.json", '{"added_tokens_decoder": {"x": 1}}'),
        ("tokenizer_config.json", '{"added_tokens_decoder": {"1": {"content": 3}}}'),
        ("tokenizer_config.json", '{"additional_special_tokens": [1]}'),
        ("chat_template.jinja", "{% for %}"),
    ],
)
def test_damaged_tokenizers(tmp_path: Path, file: str, text: str) -> None:
    tiny_tokenizer.save(tmp_path)
    (tmp_path / file).write_text(text)
    with pytest.raises(TokenizerError):
        load(str(tmp_path))


@pytest.mark.slow_but_first
@pytest.mark.parametrize("seed", range(200))
def test_bytes_that_are_no_tokenizer(tmp_path: Path, seed: int) -> None:
    """A file with a few bytes changed is read, or refused."""
    draw = random.Random(seed)
    tiny_tokenizer.save(tmp_path)
    name = draw.choice(["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"])
    data = bytearray((tmp_path / name).read_bytes())
    for _ in range(draw.choice([1, 3])):
        data[draw.randrange(len(data))] = draw.choice(b'"{}[],:0\xff a\\')
    (tmp_path / name).write_bytes(data)
    try:
        reader = RowReader(load(str(tmp_path)))
    except TokenizerError:
        return
    reader.read(ROW)


READERS: list[Any] = []


@pytest.fixture(scope="module", autouse=True)
def _readers(tmp_path_factory: pytest.TempPathFactory) -> None:
    for template in (
        tiny_tokenizer.MARKED,
        tiny_tokenizer.ENDING,
        "{{ messages | tojson }}{{ tools | tojson }}",
        "{% for m in messages %}{{ m.content + m.reasoning + m.tool_calls[0] }}{% endfor %}",
    ):
        folder = tiny_tokenizer.save(tmp_path_factory.mktemp("tokenizer"), template)
        READERS.append(RowReader(load(str(folder))))


@given(drawn_lines() | lines_with_a_key_twice() | st.binary(max_size=60), st.integers(0, 3))
def test_any_line_is_counted_or_passed_over(line: bytes, which: int) -> None:
    reader = READERS[which]
    block = count(reader, line, 10)
    for _, row in read_rows(reader.read, line, reader.kind):
        assert row is None or (row.refused is None) == (row.ids is not None)
    assert len(block.places) == len(block.tokens) == len(block.learned) == len(block.kept)


def test_numbers_that_python_takes_for_an_attack() -> None:
    number = "9" * 5000
    line = f'{{"messages": [{{"role": "user", "content": "a", "n": {number}}}]}}'.encode()
    ((_, row),) = read_rows(READERS[2].read, line, READERS[2].kind)
    assert row is None  # an error of the row, which has been told
