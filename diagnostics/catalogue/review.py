"""6xx: artifacts and payloads under review: what is not in git, not current, or no config's."""

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
        page="`REV:path` names a file as it was at a revision: a branch, a tag, a commit. The "
        "path starts from the top of the repository, or with `./` from the current directory. "
        "A shallow clone knows few revisions; in CI, fetch the history.",
    ),
    _code(
        codes.ARTIFACT_MISSING,
        "artifact-missing",
        Severity.ERROR,
        "`{config}` has no {artifact}",
        why="what would be submitted has not been reviewed",
        page="Each config of the repository has its payload beside it, or in the folder that "
        "the settings name, and beside that its text for each of the `targets` of the settings. "
        "This one was never compiled, or the artifact was not added.",
        hint="run: sftc check --write",
    ),
    _code(
        codes.ARTIFACT_STALE,
        "artifact-stale",
        Severity.ERROR,
        "the artifact is not what `{config}` compiles to now",
        why="{changes}",
        page="The config has changed since the artifact was compiled, or sftc has. What is "
        "reviewed and submitted is the artifact, so it must be compiled again. Values are shown "
        "as the artifact has them, and then as the config gives them.",
        hint="run: sftc check --write",
    ),
    _code(
        codes.ARTIFACT_EDITED,
        "artifact-edited",
        Severity.ERROR,
        "the artifact was changed without its config: with this `{config}` it was current before",
        why="{changes}",
        page="The artifact was current in git's history, with the very text that the config has "
        "now, and differs from it today. So the change was not made in the config, which says "
        "why each value is as it is. Where this is not certain, the artifact is called stale.",
        hint="make the change in the config, then run: sftc check --write",
    ),
    _code(
        codes.ARTIFACT_ORPHANED,
        "artifact-orphaned",
        Severity.ERROR,
        "the artifact has no config: {reason}",
        why="nobody can say where its values come from",
        page="The config was moved, renamed or deleted, or describes another kind of job now, and "
        "its artifact was left behind. Where the artifact came from elsewhere, `sftc lift` "
        "writes a config for it.",
        hint="delete it with: sftc check --write --prune; or write a config for it: "
        "sftc lift {artifact}",
    ),
    _code(
        codes.PIN_MISMATCH,
        "pin-mismatch",
        Severity.ERROR,
        "the pin of `{path}` does not match the file: {facts}",
        why="the job would train on other data than was reviewed, or `sftc submit` refuses it",
        page="The artifact records the digest, size and rows of a dataset; the file that is "
        "there now has others.",
        hint="restore the file, or take the new one in with: sftc check --write",
    ),
    _code(
        codes.PIN_UNCHECKED,
        "pin-unchecked",
        Severity.NOTE,
        "the pin of `{path}` is kept unchecked: {reason}",
        page="The artifact records what a dataset was. Where the data is not at hand, as in most "
        "CI, the rest of the artifact is checked and the pin is taken as it stands.",
    ),
    _code(
        codes.ARTIFACT_REFORMATTED,
        "artifact-reformatted",
        Severity.ERROR,
        "the artifact was reformatted: its values are right, its bytes are not canonical",
        why="its digest is no longer the one of what was reviewed",
        page="An editor or a formatter rewrote the JSON. Exclude `*.job.json` from it: in "
        "`.prettierignore`, or with `exclude` in the hook of pre-commit. Line ends do not count: "
        "a checkout with CRLF is current.",
        hint="exclude `*.job.json` from the formatter, then run: sftc check --write",
    ),
    _code(
        codes.NOT_EXPRESSIBLE,
        "not-expressible",
        Severity.WARNING,
        "no config can express {pointer} = {value}",
        why="compiled, the config gives {instead}",
        page="The payload was not compiled from a config, or was changed afterwards: a field "
        "stands where no key goes, or holds what TOML does not have (null, an integer beyond "
        "64 bits), or each config sets a field that it leaves out.",
    ),
    _code(
        codes.SILENCED_IN_LIFTED,
        "silenced-in-lifted",
        Severity.WARNING,
        "{code} is silenced in the config: {message}",
        page="The payload contradicts itself in a way that `sftc lint` calls an error. The "
        "config that was lifted from it says so in a comment, and keeps the values.",
    ),
    _code(
        codes.PIN_NOT_LIFTED,
        "pin-not-lifted",
        Severity.NOTE,
        "the pin of `{path}` has no place in a config",
        page="A config names a dataset; its digest, size and rows are measured, not written.",
        hint="compile with --pin to have it in the payload again",
    ),
)
