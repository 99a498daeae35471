"""8xx: what is lost when a job is exported to another system's format, or imported from it."""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_written = partial(Code, severity=Severity.WARNING, language="json")
_read = partial(Code, severity=Severity.WARNING, language="yaml")

CODES = (
    _written(
        codes.NOT_IN_TARGET,
        "not-in-target",
        message="{target} cannot express `{key}` = {value}: {why}",
        page="`sftc compile --target` writes the job in another system's format, and every value "
        "of the payload is either written or reported. This value cannot be written, so the job "
        "there would not do what the config says. The hint names the nearest equivalent. "
        "`--strict` turns this into an error.",
    ),
    _written(
        codes.DEFAULT_NOT_IN_TARGET,
        "default-not-in-target",
        severity=Severity.NOTE,
        message="{target} cannot express `{key}` = {value}, a default: {why}",
        page="The config does not set this value: it is the default of a table in the config. It "
        "is reported because it is in the payload, and the other system does something else.",
    ),
    _written(
        codes.NO_PART_OF_TARGET,
        "no-part-of-target",
        severity=Severity.NOTE,
        message="`{key}` = {value} is not part of the {target} config: {why}",
        page="The system takes the value from elsewhere: from the command that starts the job, "
        "which the first lines of the output show, or from the service that runs it. Or the "
        "value has no effect in either system, because another key overrides or disables it.",
    ),
    _written(
        codes.NEEDED_BY_TARGET,
        "needed-by-target",
        severity=Severity.ERROR,
        message="{target} needs `{name}`, which the config does not set: {why}",
        page="The system's validator or trainer rejects a job without this value. sftc does not "
        "invent one, so nothing is written.",
    ),
    _written(
        codes.UNDECIDED_FOR_TARGET,
        "undecided-for-target",
        severity=Severity.ERROR,
        message="`{key}` = {value} has no equivalent in {target}: {why}",
        page="Fields of the payload contradict each other, or ask for something that the system "
        "does not support, such as another training method. Any config for that system would be "
        "a different job.",
    ),
    _written(
        codes.PREPARE_FOR_TARGET,
        "prepare-for-target",
        severity=Severity.NOTE,
        message="before {target} can start: {what}",
        page="The output is complete, except for something that only an upload, or a file next "
        "to it, can supply.",
    ),
    _written(
        codes.FILLED_FOR_TARGET,
        "filled-for-target",
        severity=Severity.NOTE,
        message="{target} requires `{name}`, which the config does not set: {filled} is written",
        page="The system requires this value. The default of sftc's own trainer is written. To "
        "choose another, set the key.",
    ),
    _written(
        codes.TOO_LARGE_FOR_TARGET,
        "too-large-for-target",
        severity=Severity.ERROR,
        message="the payload has {size} bytes, but {target} accepts at most {most}",
        page="The manifest contains the whole payload, and clusters limit its size: a Kubernetes "
        "ConfigMap has at most 1 MiB. Payloads are usually a few kilobytes; find out what makes "
        "this one so large, often tables that only describe a run.",
    ),
    _read(
        codes.NOT_CARRIED,
        "not-carried",
        message="`{key}` = {value} is not imported: {why}",
        page="`sftc lift --from` imports the config of another system. Each of its values is "
        "either in the resulting config, or reported. This value affects the training there, but "
        "an sftc config cannot express it.",
    ),
    _read(
        codes.CARRIES_NOTHING,
        "carries-nothing",
        severity=Severity.NOTE,
        message="`{key}` is left out: {why}",
        page="The key does not affect the trained model: it is empty, or it is about logging, "
        "file locations or speed.",
    ),
    _read(
        codes.DEFAULT_CARRIED,
        "default-carried",
        severity=Severity.NOTE,
        message="the source does not set `{key}`: {target}'s default, {value}, is written",
        page="Systems have different defaults. If a default of the other system affects the "
        "training, it is written to the config, so that the job stays the same.",
    ),
    _read(
        codes.CARRIED_CHANGED,
        "carried-changed",
        message="`{key}` = {value} became `{field}` = {became}: {why}",
        page="The config expresses the source's value only in part, or in another way. Check "
        "that it still does what you intend.",
    ),
    _read(
        codes.ANOTHER_KIND_OF_JOB,
        "another-kind-of-job",
        severity=Severity.ERROR,
        message="`{key}` = {value} makes it another kind of job: {kind}",
        page="An sftc config is a supervised fine-tuning job. A job that trains on preferences, "
        "rewards or raw text cannot be expressed, so nothing is written.",
    ),
    _read(
        codes.NOT_IN_SOURCE,
        "not-in-source",
        message="the {target} config does not set `{key}`, which every sftc config needs",
        page="The other system takes the value from elsewhere: the machine, the command, or a "
        "default of its own. The resulting config has a lint error until you add the key.",
    ),
    _read(
        codes.SOURCE_KEY_TWICE,
        "source-key-twice",
        message="the key `{key}` is defined twice; the last value is used, as in the system itself",
        page="YAML forbids duplicate keys, but the systems' parsers silently use the last value.",
    ),
    _read(
        codes.SOURCE_UNREADABLE,
        "source-unreadable",
        severity=Severity.ERROR,
        message="the source cannot be read: {why}",
        page="The source is not valid in its format, or uses features that no config needs: "
        "language-specific tags, several documents, recursive aliases, extremely long numbers, "
        "or thousands of values.",
    ),
    _read(
        codes.SOURCE_NOT_RECOGNISED,
        "source-not-recognised",
        severity=Severity.ERROR,
        message="cannot tell which system this config is for: {why}",
        page="A system is recognised by keys that no other system has. If that is ambiguous, "
        "name the system with `--from`. `sftc targets` lists the systems.",
    ),
    _read(
        codes.DEFAULT_NOT_CARRIED,
        "default-not-carried",
        message="the source does not set `{key}`: {theirs}, and an sftc job {ours}",
        page="The default of the other system differs from sftc's, and no key of an sftc config "
        "expresses it exactly. Decide, and set the key in the hint if there is one.",
    ),
)
