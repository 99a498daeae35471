#!/usr/bin/env bash
# The main job end to end on this machine: lint, compile, pin, submit, follow.
# It needs no account: the backend is the embedded one, which rehearses jobs and trains nothing.
set -euo pipefail
sftc=${1:-sftc}
folder=$(mktemp -d)
trap 'kill "${backend:-}" 2> "$folder/kill" || true; wait; rm -rf "$folder"' EXIT

show() {
  printf '\n$ sftc %s\n' "$*"
  "$sftc" "$@" 2>&1
}

printf 'A config with mistakes, and what is said of them:\n'
show lint examples/broken.toml || true

printf '\nA sound one. Its payload is what people review, with the digests of its datasets:\n'
show compile --pin examples/qlora.toml -o "$folder/job.json"
cat "$folder/job.json"

printf '\nA backend on this machine, with a key of its own:\n\n$ sftc backend serve --port 0\n'
export SYNTH_API_KEY=demo-$RANDOM$RANDOM SFTC_STATE_DIR="$folder/state"
"$sftc" backend serve --port 0 --data-dir "$folder/data" > "$folder/address" 2> "$folder/log" &
backend=$!
until [ -s "$folder/address" ]; do
  kill -0 "$backend" || { cat "$folder/log"; exit 1; }
  sleep 0.1
done
BACKEND_BASE_URL=$(cat "$folder/address")
export BACKEND_BASE_URL
echo "$BACKEND_BASE_URL"

printf '\nThe reviewed payload becomes a job, exactly once:\n'
show submit "$folder/job.json" --follow

printf '\nThe same again is the same job:\n'
show submit "$folder/job.json"

printf '\nThis was a rehearsal, in which nothing is trained. A real training, in minutes: make demo-train\n'
