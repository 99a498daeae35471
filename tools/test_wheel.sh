#!/usr/bin/env bash
# Test a wheel as users have it: installed, on each Python named, away from the source tree.
# usage: tools/test_wheel.sh WHEEL PYTHON...
set -euo pipefail
cd "$(dirname "$0")/.."
wheel=$(realpath "$1")
shift

# The data-driven tests of each package: what every version of Python could break.
tests=(
  tests/backend/test_refusals.py
  tests/commands/test_cli.py
  tests/compiler/test_cases.py tests/compiler/test_fixes.py tests/compiler/test_new_keys.py
  tests/datasets/test_peers.py tests/datasets/test_pins.py tests/datasets/test_repairing.py
  tests/datasets/test_rows.py
  tests/job/test_contradictions.py tests/job/test_shapes.py
  tests/packaging/test_public_api.py
  tests/payloads/test_payloads.py
  tests/planning/test_plan_cases.py
  tests/report/test_formats.py
  tests/review/test_inputs.py
  tests/submitter/test_dry_run.py
  tests/targets/test_cases.py tests/targets/test_examples.py
  tests/training/test_recipe_cases.py tests/training/test_recipe_keys.py
  tests/workspace/test_notebook.py tests/workspace/test_settings.py
)
accelerated='
import sys, sftc
from sftc.datasets.rows import accelerator
fast = accelerator.chosen("") is not accelerator.sift_none
print(f"sftc {sftc.__version__} on Python {sys.version.split()[0]}, C accelerator:", "yes" if fast else "no")
assert sftc.__file__.startswith(sys.prefix), sftc.__file__
'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# What the tests read. The package is not among it, so only the wheel can be imported.
git ls-files -z -co --exclude-standard tests docs examples 'schemas/*.json' README.md pyproject.toml |
  xargs -0 tar c | tar x -C "$folder"

for python in "$@"; do
  "$python" -m venv --clear "$folder/venv"
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "sftc[dev] @ file://$wheel"
  (
    cd "$folder"
    PATH="$folder/venv/bin:$PATH"
    unset PYTHONPATH SFTC_PURE
    python -P -c "$accelerated"
    # The one test among them that reads the package's source text is left out.
    python -P -m pytest --quiet -p no:cacheprovider "${tests[@]}" \
      --deselect tests/backend/test_refusals.py::test_every_error_of_a_job_has_an_answer
  )
done
