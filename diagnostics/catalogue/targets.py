"""8xx: the same job in other systems' formats: what is lost on the way there, and back."""

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
        page="`sftc compile --target` writes the job as another system has it, and each value of "
        "the payload is either written or named. This one is not written: the job there would not "
        "do what the config says. The hint names the nearest thing that the system has. "
        "`--strict` lets it fail.",
    ),
    _written(
        codes.DEFAULT_NOT_IN_TARGET,
        "default-not-in-target",
        severity=Severity.NOTE,
        message="{target} cannot express `{key}` = {value}, a default: {why}",
        page="Nobody wrote this value: it is a default of a table that the config has. It is named "
        "because the payload carries it, and the other system does something else.",
    ),
    _written(
        codes.NO_PART_OF_TARGET,
        "no-part-of-target",
        severity=Severity.NOTE,
        message="`{key}` = {value} is no part of the config of {target}: {why}",
        page="Another place of the system says it: the command that starts the job, which the "
        "first lines of the output show, or the service that runs it. Or nothing comes of it, "
        "there or with us: another key counts, or turns it off.",
    ),
    _written(
        codes.NEEDED_BY_TARGET,
        "needed-by-target",
        severity=Severity.ERROR,
        message="{target} needs `{name}`, which the config does not say: {why}",
        page="The system's own validator, or its trainer, refuses a job without this. A value made "
        "up here would be nobody's decision, so nothing is written.",
    ),
    _written(
        codes.UNDECIDED_FOR_TARGET,
        "undecided-for-target",
        severity=Severity.ERROR,
        message="`{key}` = {value} leaves {target} nothing to write: {why}",
        page="The fields of the payload disagree, or ask for what the system does not do at all, "
        "such as another flavour of training. Any config of that system would be another job.",
    ),
    _written(
        codes.PREPARE_FOR_TARGET,
        "prepare-for-target",
        severity=Severity.NOTE,
        message="before {target} can start: {what}",
        page="The output is complete but for what only an upload, or a file beside it, can give.",
    ),
    _written(
        codes.FILLED_FOR_TARGET,
        "filled-for-target",
        severity=Severity.NOTE,
        message="{target} demands `{name}`, and the config leaves it open: {filled} is written",
        page="The system's request has no job without this value. What our own trainer takes where "
        "a config says nothing is written. Set the key to decide.",
    ),
    _written(
        codes.TOO_LARGE_FOR_TARGET,
        "too-large-for-target",
        severity=Severity.ERROR,
        message="the payload has {size} bytes, and {target} takes {most}",
        page="A manifest takes the whole payload along, and a cluster bounds what it stores: a "
        "ConfigMap of Kubernetes has at most a mebibyte. Payloads that people review have some "
        "kilobytes; look for what makes this one so large, often tables that only describe a run.",
    ),
    _read(
        codes.NOT_CARRIED,
        "not-carried",
        message="`{key}` = {value} is not carried over: {why}",
        page="`sftc lift --from` reads the config of another system. Each of its values is either "
        "in the config that is written, or named. This one changes what is trained there, and "
        "nothing in the config stands for it.",
    ),
    _read(
        codes.CARRIES_NOTHING,
        "carries-nothing",
        severity=Severity.NOTE,
        message="`{key}` is left out: {why}",
        page="What is learned does not depend on this key: it is empty, or it is about where a run "
        "is recorded, where files are, or how fast it goes.",
    ),
    _read(
        codes.DEFAULT_CARRIED,
        "default-carried",
        severity=Severity.NOTE,
        message="the source leaves `{key}` open, for which {target} takes {value}: that is written",
        page="Systems have different defaults. Where the other one's decides what is trained, it "
        "is written into the config, so that the job stays the same.",
    ),
    _read(
        codes.CARRIED_CHANGED,
        "carried-changed",
        message="`{key}` = {value} became `{field}` = {became}: {why}",
        page="The config says part of what the source says, or says it in another way. Look at "
        "whether it is still what is meant.",
    ),
    _read(
        codes.ANOTHER_KIND_OF_JOB,
        "another-kind-of-job",
        severity=Severity.ERROR,
        message="`{key}` = {value} makes it another kind of job: {kind}",
        page="A config of sftc is a supervised fine-tuning job. What trains on preferences, "
        "rewards or raw text would become another job without a word, so nothing is written.",
    ),
    _read(
        codes.NOT_IN_SOURCE,
        "not-in-source",
        message="the config of {target} does not say `{key}`, and each job of ours needs it",
        page="The other system takes it from elsewhere: the machine it is started on, the command, "
        "or a choice of its own. The config that is written lints with an error until it is there.",
    ),
    _read(
        codes.SOURCE_KEY_TWICE,
        "source-key-twice",
        message="the key `{key}` stands twice; the last one counts, as it does to the system",
        page="YAML forbids it, and the readers of the systems take the last one without a word.",
    ),
    _read(
        codes.SOURCE_UNREADABLE,
        "source-unreadable",
        severity=Severity.ERROR,
        message="the source cannot be read: {why}",
        page="It is not what its format allows, or has what no config needs: tags of programs, a "
        "second document, an alias of what it is in, numbers without end, thousands of values.",
    ),
    _read(
        codes.SOURCE_NOT_RECOGNISED,
        "source-not-recognised",
        severity=Severity.ERROR,
        message="it is not clear whose config this is: {why}",
        page="A system is recognised by keys that no other has. Where that is not certain, "
        "`--from` says it. `sftc targets` lists the systems.",
    ),
    _read(
        codes.DEFAULT_NOT_CARRIED,
        "default-not-carried",
        message="the source leaves `{key}` open: {theirs}, and a job of ours {ours}",
        page="What the other system does where its config says nothing is not what a job of ours "
        "does, and no key of the config says it as it is there. Decide, and write the key of the "
        "hint if there is one.",
    ),
)
