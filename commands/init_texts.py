"""The hooks and CI jobs that ``sftc init`` writes; ``docs/gitops.md`` has the same jobs."""

from typing import Final

from .. import __version__

MIRROR: Final = "your-mirror-of/sftc"
"""What stands for the repository of the action, which each organisation has its own of."""

HOOKS: Final = """\
  - repo: local  # the sftc that is installed
    hooks:
      - id: sftc-lint
        name: sftc lint
        entry: sftc lint
        language: system
        types: [toml]
        require_serial: true
      - id: sftc-compile
        name: sftc check --write
        entry: sftc check --write
        language: system
        pass_filenames: false
        always_run: true
"""
HOOKS_FILE: Final = f"repos:\n{HOOKS}"

INCLUDE: Final = """\
include:
  - local: .gitlab/sftc.yml
"""


def github() -> str:
    """Return a workflow for GitHub Actions."""
    return f"""\
name: Payloads
on: pull_request
permissions:
  contents: read
  pull-requests: write
concurrency:  # the comment shows the latest push
  group: payloads-${{{{ github.ref }}}}
  cancel-in-progress: true
jobs:
  payloads:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: {MIRROR}@v{__version__}
        with:
          strict: true
"""


def gitlab() -> str:
    """Return a job for GitLab CI."""
    return _GITLAB


_GITLAB: Final = r"""payloads:
  image: python:3.13
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    GIT_DEPTH: 0  # the diff needs the merge base, the check what changed an artifact last
    FOLDER: .     # what to lint and check
    PIP_CACHE_DIR: $CI_PROJECT_DIR/.cache/pip
  cache:
    key: sftc
    paths: [.cache/pip]
  script:
    - pip install --quiet "$SFTC"
    - failed=0
    - sftc lint --strict --format gitlab "$FOLDER" > findings.json || failed=1
    - sftc check --strict --format junit "$FOLDER" > artifacts.xml || failed=1
    - exit "$failed"
  after_script:
    - base="${CI_MERGE_REQUEST_TARGET_BRANCH_SHA:-$CI_MERGE_REQUEST_DIFF_BASE_SHA}"
    - sftc diff --format markdown --max-length 900000 "$base" > sftc-diff.md || true
    - test -n "$SFTC_TOKEN" || exit 0
    - gitlab() { curl --fail --silent --show-error --header "PRIVATE-TOKEN:$SFTC_TOKEN" "$@"; }
    - merge_request="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID"
    - gitlab "$CI_API_V4_URL/user" > me.json
    - gitlab "$merge_request/notes?sort=asc&per_page=100" > notes.json
    - |
      own="$(python - <<'END'
      import json
      me = json.load(open("me.json"))["id"]
      for note in json.load(open("notes.json")):
          if note["author"]["id"] == me and note["body"].startswith("<!-- sftc-diff -->"):
              print(note["id"])
              break
      END
      )"
      if [ -n "$own" ]; then
        note="$merge_request/notes/$own"
        gitlab --output /dev/null --request PUT --data-urlencode body@sftc-diff.md "$note"
      elif [ "$(wc -l < sftc-diff.md)" -gt 2 ]; then  # more than: no payload changes
        gitlab --output /dev/null --data-urlencode body@sftc-diff.md "$merge_request/notes"
      fi
  artifacts:
    when: always
    paths: [sftc-diff.md]
    reports:
      codequality: findings.json
      junit: artifacts.xml
"""
