"""The comment of the GitHub Action on a pull request: written once, then kept up to date.

It does without `gh` and `jq`, which container jobs seldom have. A comment that cannot be
written fails nothing: the job's summary has the same text.
"""

import os
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2

_MARK: Final = "<!-- sftc-diff -->"
"""The first line of what `sftc diff --format markdown` prints."""

_NOTHING: Final = f"{_MARK}\n### No payload changes\n"
_PAGE: Final = 100
_FORBIDDEN: Final = (401, 403, 404)
"""What GitHub answers to a token that may not write; 404 hides that there is something."""


def main() -> None:
    """Write the comment, or say in a notice why there is none."""
    text = Path(os.environ["TEXT"]).read_text("utf-8")
    folder = posixpath.normpath(os.environ["FOLDER"])
    # Two folders of one repository have two comments.
    mark = _MARK if folder == "." else f"<!-- sftc-diff {folder} -->"
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {os.environ['TOKEN']}",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    api = os.environ["GITHUB_API_URL"]
    try:
        with httpx2.Client(base_url=api, headers=headers, timeout=30, follow_redirects=True) as hub:
            _publish(hub, text.replace(_MARK, mark, 1), mark, is_news=text != _NOTHING)
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        _excuse(
            "the token may not comment: the pull request comes from a fork, or the workflow "
            "lacks the permission `pull-requests: write`"
            if status in _FORBIDDEN
            else f"GitHub answered {status}"
        )
    except (httpx2.HTTPError, ValueError) as error:  # ValueError: an answer that is no JSON
        _excuse(f"GitHub did not answer: {type(error).__name__}")


def _publish(hub: httpx2.Client, text: str, mark: str, *, is_news: bool) -> None:
    """Rewrite the comment that is there; else add one, if there is something to say."""
    comments = f"/repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    known = _own(hub, f"{comments}/{os.environ['NUMBER']}/comments", mark)
    if known is None and is_news:
        answer = hub.post(f"{comments}/{os.environ['NUMBER']}/comments", json={"body": text})
        answer.raise_for_status()
    elif known is not None and known["body"].replace("\r\n", "\n") != text:
        answer = hub.patch(f"{comments}/comments/{known['id']}", json={"body": text})
        answer.raise_for_status()


def _own(hub: httpx2.Client, address: str, mark: str) -> dict[str, Any] | None:
    """Return the comment that an earlier run wrote.

    Anybody can write the mark, and the token may edit what others wrote: the author counts, too.
    """
    login = _login(hub)
    for comment in _pages(hub, f"{address}?per_page={_PAGE}"):
        author = comment["user"] or {}  # null: the account is gone
        is_own = author.get("login") == login if login else author.get("type") == "Bot"
        if is_own and (comment["body"] or "").startswith(mark):
            return comment
    return None


def _login(hub: httpx2.Client) -> str | None:
    """Return whose token it is; None if GitHub does not say.

    GET /user refuses the tokens of workflows and apps; GraphQL answers them all, with
    `github-actions[bot]` or the like.
    """
    answer = hub.post(os.environ["GITHUB_GRAPHQL_URL"], json={"query": "{viewer{login}}"})
    try:
        return str(answer.raise_for_status().json()["data"]["viewer"]["login"])
    except (httpx2.HTTPStatusError, ValueError, KeyError, TypeError):
        return None


def _pages(hub: httpx2.Client, address: str) -> Iterator[dict[str, Any]]:
    """Yield what all pages of a list hold."""
    while address:
        answer = hub.get(address).raise_for_status()
        yield from answer.json()
        address = answer.links.get("next", {}).get("url", "")


def _excuse(reason: str) -> None:
    print(f"::notice title=sftc::no comment was written, since {reason}; the job's summary has it")


if __name__ == "__main__":
    main()
