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
        page="The file does not exist, is a directory, or you have no permission to read it.",
    ),
    Code(
        codes.NOT_UTF8,
        "not-utf8",
        Severity.ERROR,
        "the file is not UTF-8: {reason}",
        page="TOML files are UTF-8. Some editors on Windows save files in another encoding; save "
        "the file as UTF-8, without a byte-order mark.",
        hint="save the file as UTF-8",
    ),
    Code(
        codes.BYTE_ORDER_MARK,
        "byte-order-mark",
        Severity.ERROR,
        "the file begins with a byte-order mark",
        why="TOML does not allow one, and most parsers reject the file",
        page="The file starts with the invisible character U+FEFF, which some editors on Windows "
        "add. Save it as UTF-8 without BOM.",
        bad='\ufeff[job]\nmodel = "Qwen/Qwen3-4B"\n',
        good='[job]\nmodel = "Qwen/Qwen3-4B"\n',
        hint='save the file as "UTF-8 without BOM"',
    ),
    Code(
        codes.SYNTAX,
        "syntax",
        Severity.ERROR,
        "{problem}",
        page="The file is not valid TOML 1.1. The location is where parsing stopped; the cause "
        "is there or just before it.",
        bad="[hyperparameters]\nn_epochs =\n",
        good="[hyperparameters]\nn_epochs = 1\n",
    ),
    Code(
        codes.DEFINED_TWICE,
        "defined-twice",
        Severity.ERROR,
        "{what} is defined twice",
        why="TOML allows only one definition of a key or table",
        page="A key or table is defined twice, or a key that has a value is also used as a "
        "table. Merge the two.",
        bad="[hyperparameters]\nn_epochs = 1\nn_epochs = 2\n",
        good="[hyperparameters]\nn_epochs = 2\n",
    ),
    Code(
        codes.NESTED_TOO_DEEP,
        "nested-too-deep",
        Severity.ERROR,
        "tables and arrays are nested deeper than {limit} levels",
        page="No training config needs that depth. TOML and JSON parsers each have a depth "
        "limit; sftc's is below all of them, so that any parser can read what it writes.",
        bad="[data]\ntopology = " + "{a = " * 64 + "1" + "}" * 64 + "\n",
        good="[data]\ntopology = {a = {a = {a = 1}}}\n",
    ),
    Code(
        codes.TOO_LARGE,
        "too-large",
        Severity.ERROR,
        "the file is larger than {limit}",
        why="a config is a page of text; this looks like data",
        page="People review a config, and it is sent in one request, so its size is limited. Put "
        "datasets in files of their own, and name them in `job.data` and `data.validation_path`.",
        hint="put datasets in files, and name them in [job].data",
    ),
    Code(
        codes.EMPTY_CONFIG,
        "empty-config",
        Severity.ERROR,
        "the file has no keys",
        page="The file contains only white space and comments. It may not have been saved, or "
        "the path may be wrong. A config needs at least `model` in `[job]` and `gpu_type` in "
        "`[compute]`.",
        hint="write at least [job] with `model` and [compute] with `gpu_type`",
    ),
    Code(
        codes.NOT_A_CONFIG,
        "not-a-config",
        Severity.NOTE,
        "skipped, because it is not a fine-tuning config: {reason}",
        page="`sftc lint` can be run on every TOML file of a repository. It recognises a "
        "fine-tuning config by `model` in `[job]`, `gpu_type` in `[compute]` or `use_qlora` in "
        "`[training]` (or their other names), or by a first line that names the schema, unless "
        "`[algorithm]` names another kind of job. It skips all other files.",
    ),
    Code(
        codes.UNKNOWN_SUPPRESSION,
        "unknown-suppression",
        Severity.WARNING,
        "{problem}",
        page="The comment `# sftc: ignore[SFT204]` suppresses a finding: at the end of a line, "
        "for the key on that line; on the line above a table header, for the table. Errors that "
        "prevent compilation cannot be suppressed.",
        bad="[hyperparameters]\nlearning_rate = 1e-5 # sftc: ignore[SFT999]\n",
        good="[hyperparameters]\nlearning_rate = 1 # sftc: ignore[SFT214]\n",
    ),
    Code(
        codes.UNUSED_SUPPRESSION,
        "unused-suppression",
        Severity.WARNING,
        "unused suppression of {code}",
        page="There is no such finding, or it is elsewhere. A suppression applies to the key on "
        "its line or, on the line directly above a table header, to the table.",
        bad="[hyperparameters]\nlearning_rate = 1e-5 # sftc: ignore[SFT214]\n",
        good="[hyperparameters]\nlearning_rate = 1 # sftc: ignore[SFT214]\n",
        hint="remove it, or move it to the line of the key or above the table header",
    ),
    Code(
        codes.UNKNOWN_SETTING,
        "unknown-setting",
        Severity.ERROR,
        "unknown setting {key}",
        page="Settings are read from `sftc.toml`, or from `[tool.sftc]` in `pyproject.toml`. "
        "`sftc schema settings` prints their schema; editors use it for completion if the first "
        "line of `sftc.toml` is `#:schema ./settings.schema.json`.",
        hint="use one of {known}",
    ),
    Code(
        codes.OUTSIDE_REPOSITORY,
        "outside-repository",
        Severity.ERROR,
        "`{name}` {reason}, so it is not {done}",
        why="otherwise, a pull request could read or write any file of the machine that checks it",
        page="Files that a repository refers to (configs, artifacts, datasets, settings) must be "
        "regular, non-hidden files inside the repository, after following symbolic links. For "
        "datasets elsewhere, pass their folder with `--data-root DIR`. A config that you name on "
        "the command line can be anywhere.",
    ),
    Code(
        codes.UNWRITABLE_FILE,
        "unwritable-file",
        Severity.ERROR,
        "cannot write the file: {reason}",
        page="The artifact was not written: you have no permission to write to the folder, the "
        "disk is full, or something else has the artifact's name. Existing files are unchanged.",
    ),
    Code(
        codes.UNUSABLE_SETTING,
        "unusable-setting",
        Severity.ERROR,
        "`{key}` cannot be used: {reason}",
        page="A setting of `sftc backend serve` has a value of the right type, but no job could "
        "be started with it. [The embedded backend](backend.md) lists all settings.",
    ),
)
