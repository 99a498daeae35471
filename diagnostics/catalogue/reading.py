"""0xx: a file that cannot be read as TOML."""

from .. import codes
from ..code import Code
from ..model import Severity

CODES = (
    Code(
        codes.UNREADABLE_FILE,
        "unreadable-file",
        Severity.ERROR,
        "cannot read the file: {reason}",
        page="The file does not exist, is a directory, or may not be read by this user.",
    ),
    Code(
        codes.NOT_UTF8,
        "not-utf8",
        Severity.ERROR,
        "the file is not UTF-8: {reason}",
        page="TOML is UTF-8 text. An editor on Windows may have saved the file in another "
        "encoding; save it again as UTF-8, without a byte-order mark.",
        hint="save the file as UTF-8",
    ),
    Code(
        codes.BYTE_ORDER_MARK,
        "byte-order-mark",
        Severity.ERROR,
        "the file begins with a byte-order mark",
        why="TOML has none, and most of its readers reject the file",
        page="An editor on Windows put the invisible character U+FEFF at the start of the file. "
        "Save it as UTF-8 without BOM.",
        bad='\ufeff[job]\nmodel = "Qwen/Qwen3-4B"\n',
        good='[job]\nmodel = "Qwen/Qwen3-4B"\n',
        hint='save the file as "UTF-8 without BOM"',
    ),
    Code(
        codes.SYNTAX,
        "syntax",
        Severity.ERROR,
        "{problem}",
        page="The text is not TOML 1.1. The place is where reading had to stop; the cause is "
        "there or a little before it.",
        bad="[hyperparameters]\nn_epochs =\n",
        good="[hyperparameters]\nn_epochs = 1\n",
    ),
    Code(
        codes.DEFINED_TWICE,
        "defined-twice",
        Severity.ERROR,
        "{what} is defined twice",
        why="TOML allows one definition, so that no value hides another",
        page="A key or a table stands twice in the file, or a key is used as a table after it "
        "was given a value. Merge the two.",
        bad="[hyperparameters]\nn_epochs = 1\nn_epochs = 2\n",
        good="[hyperparameters]\nn_epochs = 2\n",
    ),
    Code(
        codes.NESTED_TOO_DEEP,
        "nested-too-deep",
        Severity.ERROR,
        "tables and arrays are nested deeper than {limit} levels",
        page="No training config nests that deep; the readers of TOML and of JSON each stop at "
        "a depth of their own, so sftc stops at one that all of them can read.",
        bad="[data]\ntopology = " + "{a = " * 64 + "1" + "}" * 64 + "\n",
        good="[data]\ntopology = {a = {a = {a = 1}}}\n",
    ),
    Code(
        codes.TOO_LARGE,
        "too-large",
        Severity.ERROR,
        "the file is larger than {limit}",
        why="a config is a page of text; this looks like data",
        page="A config is read whole, reviewed by people and sent in one request, so its size "
        "is limited. Datasets belong in files that the config names in `job.data` and "
        "`data.validation_path`.",
        hint="put datasets into files and name them in [job].data",
    ),
    Code(
        codes.EMPTY_CONFIG,
        "empty-config",
        Severity.ERROR,
        "the file holds no keys",
        page="Nothing but white space and comments: a file that was not saved, or a wrong path. "
        "The least a config says is `model` in `[job]` and `gpu_type` in `[compute]`.",
        hint="write at least [job] with `model` and [compute] with `gpu_type`",
    ),
    Code(
        codes.NOT_A_CONFIG,
        "not-a-config",
        Severity.NOTE,
        "not a fine-tuning config, so it is skipped: {reason}",
        page="`sftc lint` is often run over every TOML file of a repository. A config of ours has "
        "`model` in `[job]`, `gpu_type` in `[compute]` or `use_qlora` in `[training]`, by "
        "whatever name, or a first line that names its schema; and its `[algorithm]` names no "
        "other kind of job. Any other file is left alone.",
    ),
    Code(
        codes.UNKNOWN_SUPPRESSION,
        "unknown-suppression",
        Severity.WARNING,
        "{problem}",
        page="A comment `# sftc: ignore[SFT204]` silences a finding: at the end of a key's line "
        "for that line, or above a table's header for the table. Errors that leave nothing to "
        "compile cannot be silenced.",
        bad="[hyperparameters]\nlearning_rate = 1e-5 # sftc: ignore[SFT999]\n",
        good="[hyperparameters]\nlearning_rate = 1 # sftc: ignore[SFT214]\n",
    ),
    Code(
        codes.UNUSED_SUPPRESSION,
        "unused-suppression",
        Severity.WARNING,
        "the suppression of {code} silences nothing",
        page="The finding is gone, or stands elsewhere. A suppression holds for the key at the "
        "start of its line, or, on a line of its own directly above a header, for the table.",
        bad="[hyperparameters]\nlearning_rate = 1e-5 # sftc: ignore[SFT214]\n",
        good="[hyperparameters]\nlearning_rate = 1 # sftc: ignore[SFT214]\n",
        hint="remove it, or put it on the key's line or above the table's header",
    ),
    Code(
        codes.UNKNOWN_SETTING,
        "unknown-setting",
        Severity.ERROR,
        "unknown setting {key}",
        page="Settings stand in `sftc.toml`, or in `[tool.sftc]` of `pyproject.toml`. "
        "`sftc schema settings` prints what there is; an editor that reads "
        "`#:schema ./settings.schema.json` on the first line of `sftc.toml` knows it, too.",
        hint="the settings are {known}",
    ),
    Code(
        codes.OUTSIDE_REPOSITORY,
        "outside-repository",
        Severity.ERROR,
        "`{name}` {reason}, so it is not {done}",
        why="otherwise a pull request could reach any file of the machine that checks it",
        page="What a repository names (configs, artifacts, datasets, settings) must be a regular "
        "file inside the repository, symbolic links followed, and not hidden. Links inside the "
        "repository work. A dataset elsewhere is read below `--data-root DIR`, which you give; "
        "a config that you name on the command line may be anywhere.",
    ),
    Code(
        codes.UNWRITABLE_FILE,
        "unwritable-file",
        Severity.ERROR,
        "cannot write the file: {reason}",
        page="The artifact was not written: its folder may not be written to, the disk is full, or "
        "something stands in its place. What was there is unchanged.",
    ),
    Code(
        codes.UNUSABLE_SETTING,
        "unusable-setting",
        Severity.ERROR,
        "`{key}` cannot be used: {reason}",
        page="A setting of `sftc backend serve` has a value of the right type with which no job "
        "could be started. [The embedded backend](backend.md) has all settings.",
    ),
)
