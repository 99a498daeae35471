"""Which artifacts changed though their configs did not: told from git, and only if it is sure.

What a config compiles to may also change with sftc. So both states are compiled by this one: an
artifact has surely changed alone if it was current in a commit, with the very text that its
config has now, and is not any more.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ..diagnostics import codes
from ..payloads.reading import LARGEST
from .asking import GitError
from .git import Git
from .pairs import Checked, edited
from .reading import unix
from .scopes import Scopes


def changed_alone(stale: Sequence[Checked], top: str) -> set[str]:
    """Return those artifacts of one repository that surely changed alone.

    Args:
        stale: artifacts that are not current, with what is expected of them.
        top: the top of the repository.

    """
    repository = Git(top)
    pairs = {repository.path(one.artifact): one for one in stale}
    try:
        return set(_found(pairs, repository))
    except GitError:  # what is not known is not said
        return set()


def _found(pairs: Mapping[str, Checked], repository: Git) -> Iterator[str]:
    """Yield those that were current at HEAD, or just before they were last committed."""
    yield from _current(pairs, dict.fromkeys(pairs, "HEAD"), repository)
    if not repository.is_shallow:
        changes = repository.last_changes(list(pairs))
        before = {path: f"{commit}^" for path, commit in changes.items()}
        yield from _current(pairs, before, repository)


def _current(
    pairs: Mapping[str, Checked], commits: Mapping[str, str], repository: Git
) -> Iterator[str]:
    """Yield those that were current in a commit with the configs that they have now."""
    names = {
        path: (f"{commit}:{path}", f"{commit}:{repository.path(pairs[path].config)}")
        for path, commit in commits.items()
    }
    texts = repository.read_all([name for two in names.values() for name in two], most=LARGEST + 1)
    for path, two in names.items():
        artifact, config = (texts[name] for name in two)
        if artifact is None or config is None:
            continue
        one = pairs[path]
        if unix(artifact) == one.expected and unix(config) == unix(one.source):
            yield one.artifact


def blamed(checked: list[Checked], scopes: Scopes) -> list[Checked]:
    """Return what was checked, with the word for those that changed without their configs."""
    stale: dict[str, list[Checked]] = defaultdict(list)
    for one in checked:
        top = scopes.of(one.artifact).top
        if top and any(d.code == codes.ARTIFACT_STALE for d in one.diagnostics):
            stale[top].append(one)
    if not stale:
        return checked
    alone = {name for top, some in stale.items() for name in changed_alone(some, top)}
    return [edited(one) if one.artifact in alone else one for one in checked]
