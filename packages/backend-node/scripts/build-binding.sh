#!/usr/bin/env bash
# Builds the addon of @tensorflow/tfjs-node against the TensorFlow of a Python wheel, in one g++ command.
set -euo pipefail

usage() {
  cat <<'TEXT'
Builds the addon of @tensorflow/tfjs-node (or -gpu) 4.22 against a current TensorFlow. Linux with g++ and python3.

  build-binding.sh <tfjs-node folder> [<wheel, or folder of an installed tensorflow package>]

The first argument is node_modules/@tensorflow/tfjs-node, installed with
  npm install --ignore-scripts @tensorflow/tfjs-node
The second is where TensorFlow comes from:
  nothing            pip downloads the wheel tensorflow-cpu; its two libraries are unpacked into <tfjs-node folder>/deps
  a .whl file        the same with this wheel
  a folder           .../site-packages/tensorflow, linked in place. This is the way to a GPU:
                       pip install 'tensorflow[and-cuda]'
                     puts the CUDA libraries beside it, where the wheel's own libraries look for them.
TEXT
}

fail() {
  echo "build-binding: $1" >&2
  exit 1
}

unpack() {
  python3 - "$1" "$2" <<'PYTHON'
import sys, zipfile

wheel, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        library = name in ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")
        if library or (name.startswith("tensorflow/include/") and name.endswith((".h", ".inc"))):
            archive.extract(name, target)
PYTHON
}

[[ $# -ge 1 && $# -le 2 && $1 != -h && $1 != --help ]] || { usage; [[ ${1:-} == -h || ${1:-} == --help ]]; exit; }
[[ $(uname -s) == Linux ]] || fail "needs Linux, but this is $(uname -s)."
for tool in g++ python3 node; do command -v "$tool" >/dev/null || fail "needs $tool on PATH, but there is none."; done

[[ -f $1/binding/tfjs_backend.cc ]] || fail "needs the folder of @tensorflow/tfjs-node, but $1 has no binding/tfjs_backend.cc."
package=$(cd "$1" && pwd)
source=${2:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [[ -z $source ]]; then
  python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$scratch" tensorflow-cpu
  source=$(echo "$scratch"/*.whl)
fi
if [[ -f $source ]]; then
  rm -rf "$package/deps/tensorflow"
  unpack "$source" "$package/deps"
  tensorflow=$package/deps/tensorflow
  rpath='$ORIGIN/../../deps/tensorflow'
else
  [[ -d $source ]] || fail "needs a wheel or a folder, but $source is neither."
  tensorflow=$(cd "$source" && pwd)
  rpath=$tensorflow
fi
[[ -f $tensorflow/libtensorflow_cc.so.2 ]] || fail "needs libtensorflow_cc.so.2, but $tensorflow has none."

headers=$(node -p 'require("node:path").resolve(process.execPath, "../../include/node")')
if [[ ! -f $headers/node_api.h ]]; then
  (cd "$scratch" && npm pack --silent node-api-headers >/dev/null && tar -xzf node-api-headers-*.tgz)
  headers=$scratch/package/include
fi

mkdir -p "$package/lib/napi-v8"
g++ -std=c++17 -O2 -shared -fPIC -DNAPI_VERSION=8 \
  -I "$headers" -I "$package" -I "$tensorflow/include" \
  "$package/binding/tfjs_backend.cc" "$package/binding/tfjs_binding.cc" \
  -L "$tensorflow" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 -Wl,-rpath,"$rpath" \
  -o "$scratch/tfjs_binding.node"
mv "$scratch/tfjs_binding.node" "$package/lib/napi-v8/tfjs_binding.node"
echo "built $package/lib/napi-v8/tfjs_binding.node"
