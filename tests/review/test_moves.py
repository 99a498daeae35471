"""Renames and copies: which payload a new one was; the goldens are in ``branches/``."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sftc.review import Move, MoveKind, Side, match_moved, moves


def sides(payloads: Mapping[str, Mapping[str, object]]) -> dict[str, Side]:
    return {path: Side(path, dict(payload)) for path, payload in payloads.items()}


def content(payload: Mapping[str, object]) -> set[tuple[str, str]]:
    return {(key, repr(value)) for key, value in payload.items()}


def similarity(old: Mapping[str, object], new: Mapping[str, object]) -> float:
    """Return which part of the larger one is in the other; without fields, they are equal."""
    before, after = content(old), content(new)
    if not before or not after:
        return float(before == after)
    return len(before & after) / max(len(before), len(after))


names = st.lists(st.sampled_from(["a", "b", "c", "x y", "é"]), min_size=1, max_size=3)
scalars = st.sampled_from([1, 1.0, True, 0, 0.0, -0.0, "1", None])
payloads = st.dictionaries(st.sampled_from("pqrst"), scalars, max_size=5)
trees = st.dictionaries(names.map("/".join), payloads, max_size=6)


@given(before=trees, after=trees)
def test_moves_are_a_matching(
    before: dict[str, dict[str, object]], after: dict[str, dict[str, object]]
) -> None:
    gone = {path: before[path] for path in before.keys() - after.keys()}
    new = {path: after[path] for path in after.keys() - before.keys()}
    existing = {path: before[path] for path in before.keys() & after.keys()}
    found = match_moved(sides(gone), sides(new), sides(existing))
    assert found.keys() <= new.keys()
    renamed = [move.path for move in found.values() if move.kind is MoveKind.RENAMED]
    assert len(renamed) == len(set(renamed))
    assert set(renamed) <= gone.keys()
    for path, (kind, old) in found.items():
        least = 0.5 if kind is MoveKind.RENAMED else 0.75
        assert similarity(before[old], new[path]) >= least
        assert kind is MoveKind.RENAMED or old in existing or old in renamed
    unmatched = [path for path in new if path not in found]
    lost = [path for path in gone if path not in renamed]
    assert all(similarity(gone[old], new[path]) < 0.5 for old in lost for path in unmatched)


def shuffled(tree: dict[str, Any], seed: int) -> dict[str, Any]:
    return dict(Random(seed).sample(list(tree.items()), len(tree)))


few = st.dictionaries(st.sampled_from("pq"), st.sampled_from([1, 2]), max_size=2)
similar_trees = st.dictionaries(names.map("/".join), few, max_size=9)


@given(
    sets=st.tuples(similar_trees, similar_trees, similar_trees),
    seed=st.integers(0, 99),
    limit=st.sampled_from([0, 2, 5, 20, 1000]),
)
def test_the_order_of_what_is_compared_does_not_matter(
    sets: tuple[dict[str, dict[str, object]], ...], seed: int, limit: int
) -> None:
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moves, "_MOST_LEAVES", limit)
        patch.setattr(moves, "_MOST_PAIRS", limit)
        for trees_now in (sets, [shuffled(tree, seed) for tree in sets]):
            gone, new, existing = map(sides, trees_now)
            found.append(match_moved(gone, new, existing))
    assert found[0] == found[1]


def fields(same: int, other: int, first: int = 0) -> dict[str, object]:
    """Return some fields that all have, and others of one's own."""
    return {
        **{f"same_{n}": n for n in range(same)},
        **{f"other_{n}": first + n for n in range(other)},
    }


@pytest.mark.parametrize(
    ("same", "other", "renamed", "copied"),
    [(9, 11, False, False), (10, 10, True, False), (14, 6, True, False), (15, 5, True, True)],
)
def test_thresholds(same: int, other: int, *, renamed: bool, copied: bool) -> None:
    old = sides({"old": fields(same, other)})
    new = sides({"new": fields(same, other, first=100)})
    assert match_moved(old, new, {}) == ({"new": Move(MoveKind.RENAMED, "old")} if renamed else {})
    assert match_moved({}, new, old) == ({"new": Move(MoveKind.COPIED, "old")} if copied else {})


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("p/x/b.toml", "q/b.toml"),  # the name of the file comes before the folders
        ("z/q/c.toml", "q/a.toml"),  # then the folders, then the path
        ("p/q/c.toml", "p/x/a.toml"),
        ("z/c.toml", "p/x/a.toml"),
    ],
)
@pytest.mark.parametrize("value", [0, 1])  # equal, and similar
def test_ties_go_to_the_closest_path(new: str, old: str, value: int) -> None:
    gone = sides({path: fields(9, 1) for path in ("p/x/a.toml", "q/a.toml", "q/b.toml")})
    found = match_moved(gone, sides({new: fields(9, 1, 100 * value)}), {})
    assert found == {new: Move(MoveKind.RENAMED, old)}


def test_values_of_other_types_are_other_values() -> None:
    new = sides({"new": {"a": 1, "b": 0.0, "c": "1"}})
    assert not match_moved(sides({"old": {"a": True, "b": -0.0, "c": 1}}), new, {})


def test_an_equal_payload_comes_before_a_similar_one_of_the_same_name() -> None:
    gone = sides({"x/a.toml": fields(9, 1, 5), "x/b.toml": fields(9, 1)})
    new = sides({"y/a.toml": fields(9, 1)})
    assert match_moved(gone, new, {}) == {"y/a.toml": Move(MoveKind.RENAMED, "x/b.toml")}


def test_a_copy_of_an_equal_payload_comes_before_a_rename_of_a_similar_one() -> None:
    gone, existing = sides({"a": fields(9, 1, 5)}), sides({"b": fields(9, 1)})
    found = match_moved(gone, sides({"c": fields(9, 1)}), existing)
    assert found == {"c": Move(MoveKind.COPIED, "b")}


def test_which_payloads_are_beyond_the_limit_does_not_depend_on_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a, c = fields(0, 10, 100), fields(0, 10, 200)
    gone = {"z/x/a": a, "b/x/a": a, "y/x/c": c, "m/x/c": c}
    new = sides({"n/x/a": fields(0, 9, 100), "n/x/c": fields(0, 9, 200)})
    monkeypatch.setattr(moves, "_MOST_LEAVES", 20)  # enough for one of the names
    expected = {"n/x/a": Move(MoveKind.RENAMED, "b/x/a")}
    assert match_moved(sides(gone), new, {}) == expected
    assert match_moved(sides(dict(reversed(gone.items()))), new, {}) == expected


def test_nothing_is_copied_from_what_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = sides({"x/a": fields(9, 1, 100), "x/b": fields(0, 10, 200), "x/c": fields(0, 10, 300)})
    new = sides({"y/d": fields(9, 1, 400), "y/b": fields(0, 9, 200), "y/c": fields(0, 9, 300)})
    assert match_moved(gone, new, {})["y/d"] == Move(MoveKind.RENAMED, "x/a")
    monkeypatch.setattr(moves, "_MOST_LEAVES", 40)  # enough for one payload, and not for three
    assert match_moved(gone, new, {}).keys() == {"y/b", "y/c"}


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("before", "after", "matched"),
    [
        ("x/{n}.toml", "y/{n}.toml", 3000),
        ("x/{n}/job.toml", "y/{n}/job.toml", 3000),
        ("x/{n}.toml", "y/{n}-2.toml", 0),
        ("x/{n}/a/job.toml", "y/{n}/a/job.toml", 0),
    ],
)
def test_many_edited_payloads_are_matched_by_name(
    before: str, after: str, matched: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = 0

    def counting(*arguments: Any) -> float:
        nonlocal compared
        compared += 1
        return similar(*arguments)

    similar = moves._similarity  # noqa: SLF001 - what is counted
    monkeypatch.setattr(moves, "_similarity", counting)
    gone = sides({before.format(n=n): fields(20, 20, n * 100) for n in range(3000)})
    new = sides({after.format(n=n): fields(20, 20, n * 100 + 50) for n in range(3000)})
    found = match_moved(gone, new, {})
    assert compared <= 2 * 250_000
    assert len(found) == matched
    assert all(move == (MoveKind.RENAMED, path.replace("y/", "x/")) for path, move in found.items())


def test_3000_equal_payloads_are_all_matched() -> None:
    gone = sides({f"x/{n}.toml": fields(3, 0) for n in range(3000)})
    new = sides({f"y/{n}.toml": fields(3, 0) for n in range(3500)})
    found = match_moved(gone, new, {})
    kinds = [move.kind for move in found.values()]
    assert (kinds.count(MoveKind.RENAMED), kinds.count(MoveKind.COPIED)) == (3000, 500)


def test_the_limit_counts_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = sides({f"x/{n}.toml": fields(20, 20, n * 100) for n in range(3)})
    new = sides({f"y/{n}.json": fields(20, 20, n * 100 + 50) for n in range(3)})
    assert len(match_moved(gone, new, {})) == 3
    monkeypatch.setattr(moves, "_MOST_LEAVES", 3 * 3 * 40 - 1)
    assert not match_moved(gone, new, {})


def test_what_still_exists_may_be_nearer_than_what_is_gone() -> None:
    """A copy with one change, while an unlike payload elsewhere is deleted."""
    common = {"p": 1, "q": 2}
    gone = sides({"a/x/old.toml": {**common, "r": 1, "s": 1}})
    existing = sides({"b/y/base.toml": {**common, "r": 2, "s": 2}})
    new = sides({"b/y/try.toml": {**common, "r": 40, "s": 2}})
    assert match_moved(gone, new, {})["b/y/try.toml"].kind is MoveKind.RENAMED
    assert match_moved(gone, new, existing)["b/y/try.toml"] == Move(
        MoveKind.COPIED, "b/y/base.toml"
    )
