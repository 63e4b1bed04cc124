#!/bin/sh
# Find a Python of at least 3.11 and let it prepare everything else: sh setup/run.sh [--tests]
# Every candidate is started, not only looked for: pyenv leaves commands behind that refuse to run.
set -u
here=$(dirname "$0")
for candidate in "${PYTHON:-python3.11}" python3.12 python3.13 python3.14 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$candidate" -I -X utf8 "$here/prepare.py" "$@"
    fi
done
echo "没有找到 Python 3.11（或更新的版本）。请先安装，例如：apt-get install python3 python3-venv" >&2
echo "There is no Python 3.11 or newer here. Install one first, for example: apt-get install python3 python3-venv" >&2
exit 1
