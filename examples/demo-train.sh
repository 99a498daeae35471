#!/usr/bin/env bash
# A real training end to end on this machine: compile, serve, submit, follow, fetch, ask.
# It takes minutes on two cores, without a GPU and without an account.
# usage: demo-train.sh BIN MODELS [CONFIG [QUESTION]]
set -euo pipefail
bin=${1:-.venv/bin} models=${2:-.venv/models} config=${3:-examples/smollm2.toml}
question=${4:-What is LoRA?}
folder=$(mktemp -d)

# A trainer outlives its server, which therefore is not ended before the trainer's processes are.
leave() {
  trap '' INT TERM
  [ -z "${job:-}" ] || "$bin/sftc" cancel "$job" --yes > "$folder/cancelled" 2>&1 || true
  for _ in {1..100}; do
    grep -qs "$folder/data/run[s]/" /proc/[0-9]*/cmdline || break
    sleep 0.1
  done
  [ -z "${backend:-}" ] || { kill "$backend" && wait "$backend"; } 2> "$folder/killed" || true
  rm -rf "$folder"
}
trap leave EXIT

show() {
  printf '\n$ sftc %s\n' "$*"
  "$bin/sftc" "$@"
}

printf 'A QLoRA config. Its payload is what people review:\n'
show compile --pin "$config" -o "$folder/job.json"

printf '\nA backend on this machine that trains:\n'
printf '\n$ sftc backend serve --runner train --engine local --models %s --port 0\n' "$models"
export SYNTH_API_KEY=demo-$RANDOM$RANDOM SFTC_STATE_DIR="$folder/state"
export OMP_WAIT_POLICY=PASSIVE # threads that wait leave the cores to other programs
set -m # in a process group of its own: Ctrl-C must not end it before the job is cancelled
"$bin/sftc" backend serve --runner train --engine local --models "$models" --port 0 \
  --data-dir "$folder/data" > "$folder/address" 2> "$folder/log" &
backend=$!
set +m
until [ -s "$folder/address" ]; do
  kill -0 "$backend" || { cat "$folder/log" >&2; exit 1; }
  sleep 0.1
done
BACKEND_BASE_URL=$(cat "$folder/address")
export BACKEND_BASE_URL
printf '%s\n' "$BACKEND_BASE_URL"

printf '\nThe payload becomes a job. The page that it names shows its curves while it trains;\n'
printf 'open it with #key=%s instead of its end:\n' "$SYNTH_API_KEY"
printf '\n$ sftc submit job.json\n'
job=$("$bin/sftc" submit "$folder/job.json")
printf '%s\n' "$job"
show follow "$job" || { "$bin/sftc" logs "$job" --trainer >&2; exit 1; }

printf '\nThe adapter, each file checked against its digest:\n'
show fetch "$job" -o "$folder/adapter"
ls -l "$folder/adapter"

printf '\nThe model with and without it:\n\n'
"$bin/python" examples/generate.py "$models" "$folder/adapter" "$question"
