#!/bin/sh
# Turn the lists of wanted libraries (*.in) into locks (*.txt): exact versions with the hashes of every public file,
# for every platform, without the address of any registry. Run through `make lock`, and read the difference before
# committing it. uv lives in a folder of its own for the moment, because nothing else needs it.
set -eu
cd "$(dirname "$0")/.."
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
.venv/bin/python -m venv "$place/uv"
"$place/uv/bin/pip" install --quiet uv
compile() {
    name=$1
    shift
    "$place/uv/bin/uv" pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
        --custom-compile-command "make lock" "$@" "$name.in" -o "$name.txt"
}
# `make lock UPGRADE=--upgrade` takes the newest releases; without it a lock only changes where its list did.
compile requirements "$@"
compile requirements-dev "$@"
compile setup/build "$@"
compile setup/node "$@"
npm install --package-lock-only
