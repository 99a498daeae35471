"""6xx: artifacts and payloads under review not in git, out of date, or without a config."""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_code = partial(Code, language="json")

CODES = (
    _code(
        codes.NOT_IN_GIT,
        "not-in-git",
        Severity.ERROR,
        "cannot read `{name}` from git: {reason}",
        page="`REV:path` is a file at a revision: a branch, a tag or a commit. The path is "
        "relative to the root of the repository or, if it begins with `./`, to the current "
        "directory. A shallow clone has few revisions; in CI, fetch the full history.",
    ),
    _code(
        codes.ARTIFACT_MISSING,
        "artifact-missing",
        Severity.ERROR,
        "`{config}` has no {artifact}",
        why="what would be submitted cannot be reviewed",
        page="Every config of the repository needs its compiled payload next to it, or in the "
        "`out-dir` of the settings, and next to that an artifact for each of the `targets` of "
        "the settings. This config was never compiled, or the artifact was not added to git.",
        hint="run `sftc check --write`",
    ),
    _code(
        codes.ARTIFACT_STALE,
        "artifact-stale",
        Severity.ERROR,
        "the artifact is out of date: `{config}` now compiles to something else",
        why="{changes}",
        page="The config has changed since the artifact was compiled, or sftc has. The artifact "
        "is what is reviewed and submitted, so compile it again. The changes are shown as the "
        "artifact's value, then the config's.",
        hint="run `sftc check --write`",
    ),
    _code(
        codes.ARTIFACT_EDITED,
        "artifact-edited",
        Severity.ERROR,
        "the artifact was edited by hand: it was up to date before, with the same `{config}`",
        why="{changes}",
        page="Git's history has a version of the artifact that matches the config as it is now. "
        "So the artifact was changed directly, and not through its config. If the history does "
        "not prove that, the artifact is reported as stale instead.",
        hint="make the change in the config, then run `sftc check --write`",
    ),
    _code(
        codes.ARTIFACT_ORPHANED,
        "artifact-orphaned",
        Severity.ERROR,
        "the artifact has no config: {reason}",
        why="it is unknown where its values come from",
        page="The config was moved, renamed or deleted, or now describes another kind of job, "
        "and its artifact was left behind. If the artifact came from elsewhere, `sftc lift` "
        "writes a config for it.",
        hint="delete it with `sftc check --write --prune`, or write a config for it with `sftc "
        "lift {artifact}`",
    ),
    _code(
        codes.PIN_MISMATCH,
        "pin-mismatch",
        Severity.ERROR,
        "the pin of `{path}` does not match the file: {facts}",
        why="the job would not train on the data that was reviewed; `sftc submit` rejects it",
        page="The artifact pins the digest, size and row count of a dataset, and the file on "
        "disk has others.",
        hint="restore the file, or pin the new one with `sftc check --write`",
    ),
    _code(
        codes.PIN_UNCHECKED,
        "pin-unchecked",
        Severity.NOTE,
        "the pin of `{path}` was not verified: {reason}",
        page="The artifact pins a dataset that is not available here, as is usual in CI. The "
        "rest of the artifact is checked, and the pin is kept.",
    ),
    _code(
        codes.ARTIFACT_REFORMATTED,
        "artifact-reformatted",
        Severity.ERROR,
        "the artifact was reformatted: its values are correct, but its bytes are not canonical",
        why="its digest is no longer that of the reviewed artifact",
        page="An editor or a formatter rewrote the JSON. Exclude `*.job.json` from it, in "
        "`.prettierignore` or with `exclude` in the pre-commit hook. Line endings do not matter: "
        "a checkout with CRLF is up to date.",
        hint="exclude `*.job.json` from the formatter, then run `sftc check --write`",
    ),
    _code(
        codes.NOT_EXPRESSIBLE,
        "not-expressible",
        Severity.WARNING,
        "no config can express {pointer} = {value}",
        why="the config compiles to {instead}",
        page="The payload was not compiled from a config, or was edited afterwards. It has a "
        "field that no config key maps to, has a value that TOML cannot express (null, or an "
        "integer beyond 64 bits), or lacks a field that every config sets.",
    ),
    _code(
        codes.SILENCED_IN_LIFTED,
        "silenced-in-lifted",
        Severity.WARNING,
        "{code} is suppressed in the config: {message}",
        page="The payload contradicts itself in a way that `sftc lint` reports as an error. The "
        "lifted config keeps the values, and suppresses the finding in a comment.",
    ),
    _code(
        codes.PIN_NOT_LIFTED,
        "pin-not-lifted",
        Severity.NOTE,
        "the pin of `{path}` cannot be written in a config",
        page="A config names a dataset; `sftc compile --pin` computes its digest, size and row "
        "count.",
        hint="compile with --pin to pin the dataset again",
    ),
)
