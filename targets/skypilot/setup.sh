set -e
command -v uv > /dev/null || python3 -m pip install --quiet uv
uv venv --quiet --allow-existing --python 3.12 ~/sftc/venv
uv pip install --quiet --python ~/sftc/venv/bin/python "$SFTC_PACKAGE"
