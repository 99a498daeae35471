"""25x: names of datasets and models."""

from .. import codes
from ..code import Code
from ..model import Severity

_MODEL = '[job]\nmodel = "Qwen/Qwen3-4B"\n'

CODES = (
    Code(
        codes.ABSOLUTE_PATH,
        "absolute-path",
        Severity.NOTE,
        "the path of the dataset is absolute",
        why="it will not exist on a reviewer's machine, nor in CI",
        page="A path relative to the current directory works for everyone who has the "
        "repository. Where the dataset is somewhere else, override the path with `--dataset`.",
        bad=f'{_MODEL}data = "/data/train.jsonl"\n',
        good=f'{_MODEL}data = "data/train.jsonl"\n',
        hint="use a path relative to the current directory",
    ),
    Code(
        codes.DATASET_IS_AN_ADDRESS,
        "dataset-is-an-address",
        Severity.WARNING,
        "the {use} dataset is a `{scheme}:` URL, not a file",
        why="sftc uploads datasets from local files, and does not download any",
        page="Datasets must be local JSONL files, so that they can be validated, pinned and "
        "reviewed. Download the dataset first, and name the file.",
        bad=f'{_MODEL}data = "s3://bucket/train.jsonl"\n',
        good=f'{_MODEL}data = "data/train.jsonl"\n',
        hint="download it, and use the path of the file",
    ),
    Code(
        codes.VARIABLE_IN_PATH,
        "variable-in-path",
        Severity.WARNING,
        "the path of the {use} dataset contains `{variable}`, which nothing expands",
        why="the path is used as written, so the file will not be found",
        page="A config compiles to the same payload everywhere, so it cannot depend on "
        "environment variables. Pass a path that differs between machines with `--dataset`, "
        "where the shell expands it.",
        bad=f'{_MODEL}data = "${{DATA}}/train.jsonl"\n',
        good=f'{_MODEL}data = "data/train.jsonl"\n',
        hint="write the path out, or pass it with --dataset",
    ),
    Code(
        codes.ODD_CHARACTERS_IN_PATH,
        "odd-characters-in-path",
        Severity.WARNING,
        "the path of the {use} dataset {what}: {path}",
        why="the path is used as written, so the file will not be found",
        page="In a double-quoted TOML string `\\t` is a tab and `\\n` a line break, so "
        '`"C:\\tools\\new.jsonl"` is not the path that it looks like. In single quotes, '
        "backslashes are literal; `/` also works on Windows.",
        bad=f'{_MODEL}data = "data\\train.jsonl"\n',
        good=f'{_MODEL}data = "data/train.jsonl"\n',
    ),
    Code(
        codes.MODEL_IS_NOT_A_NAME,
        "model-is-not-a-name",
        Severity.WARNING,
        "the model {model} {what}",
        why="trainers load models by Hugging Face model id, or from a local folder",
        page="A model id is an owner and a repository, such as `Qwen/Qwen3-4B`, without "
        "`https://` and without spaces. The path of a local folder begins with `./` or `/`.",
        bad='[job]\nmodel = "https://huggingface.co/Qwen/Qwen3-4B"\n',
        good=_MODEL,
        hint="use owner/name, or a local folder such as ./models/x",
    ),
    Code(
        codes.MODEL_OF_ANOTHER_FIELD,
        "model-of-another-field",
        Severity.WARNING,
        "the model {model} looks like {what}",
        why="the backend would look for a model of that name",
        page="`model` is the base model, such as `Qwen/Qwen3-4B`. Datasets belong in "
        "`[job].data` and `[data].validation_path`, the GPU type in `[compute].gpu_type`.",
        bad='[job]\nmodel = "H100"\n',
        good=_MODEL,
        hint="name the base model, such as Qwen/Qwen3-4B",
    ),
    Code(
        codes.DATASET_NOT_FOUND,
        "dataset-not-found",
        Severity.NOTE,
        "there is no {use} dataset at `{path}`",
        page="The config names a dataset that is not on this machine: the path may be misspelled, "
        "or the data is kept elsewhere. Paths are relative to the folder of the settings "
        "(`sftc.toml`, or `pyproject.toml` with `[tool.sftc]`); without settings, to the top of "
        "the repository. The file is needed to pin, plan and submit the job, not to compile it.\n\n"
        "`sftc lint` alone reports this, of configs that are files. It does not look for "
        "addresses, absolute paths, or paths that lead out of the repository. Where the data is "
        'never beside the configs, put `ignore = ["SFT257"]` in the settings. Of configs that are '
        "found, not named, it reports a missing file only if its folder exists: CI often checks "
        "out configs without data.",
        hint="check the path, or put the file there",
    ),
)
