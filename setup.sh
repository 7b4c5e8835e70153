#!/usr/bin/env bash
# Sets up what the program needs; run.sh, test.sh and nas source it. Asks nothing, says what it does, and what to do when a step fails.
# A second run finds everything in place and takes well under a second.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
BUILD="$ROOT/build"
NAS_DLL="$ROOT/src/NasPlatform.Web/bin/Release/net10.0/nas.dll"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# Small work next to big: OpenBLAS's own threads would compete with libtorch's.
export OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}"

say() { printf '%s\n' "$*" >&2; }

# step "what" "what to do when it fails" command...: runs it quietly; shows its output when it fails.
step() {
  local what="$1" remedy="$2" log started=$SECONDS
  shift 2
  log="$(mktemp)"
  say "$what ..."
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    say ""
    say "Failed: $what."
    say "What to do: $remedy"
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
  say "$what: done in $((SECONDS - started)) s"
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# packages NAME...: installs those Debian packages that are missing.
packages() {
  local missing=() name
  for name in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} = 0 ] && return
  local remedy="install by hand: sudo apt-get install ${missing[*]} (another distribution's packages of libtorch, libvips, OpenBLAS and CMake do as well)"
  command -v apt-get >/dev/null || { say "This system has no apt-get. $remedy"; exit 1; }
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || { say "System packages are missing and cannot be installed without root. What to do: $remedy"; exit 1; }
  step "Reading Debian's package lists" "check the network and /etc/apt/sources.list, then run this again" as_root apt-get update -q
  step "Installing system packages (${missing[*]})" "$remedy" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# newer_than FILE PATH...: whether any file under the paths is newer than FILE, or FILE is missing.
newer_than() {
  local reference="$1"
  shift
  [ -e "$reference" ] || return 0
  [ -n "$(find "$@" -newer "$reference" -type f -not -path '*/bin/*' -not -path '*/obj/*' -print -quit)" ]
}

require_dotnet() {
  if ! command -v dotnet >/dev/null || ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    say "The .NET 10 SDK is missing. What to do: install it (https://dotnet.microsoft.com/download) and run this again."
    exit 1
  fi
}

build_native() {
  newer_than "$BUILD/native/.built" "$ROOT/src/native" || return 0
  local prefix=()
  [ -n "${LIBTORCH:-}" ] && prefix=("-DCMAKE_PREFIX_PATH=$LIBTORCH")
  step "Configuring the native library" "see the lines above; a libtorch of your own is named by LIBTORCH=/path" \
    cmake -S "$ROOT/src/native" -B "$BUILD/native" -DCMAKE_BUILD_TYPE=Release "${prefix[@]}"
  step "Building the native library" "see the lines above" cmake --build "$BUILD/native" -j "$(nproc)"
  touch "$BUILD/native/.built"
}

# build_program: the program, in Release.
build_program() {
  [ ! -e "$ROOT/wwwroot/lib/.installed" ] || newer_than "$BUILD/.program" "$ROOT/src" "$ROOT/Directory.Build.props" "$ROOT/Directory.Packages.props" || return 0
  command -v npm >/dev/null || packages nodejs npm
  step "Building the program" "see the lines above; the first build needs the NuGet packages of Directory.Packages.props" \
    dotnet build "$ROOT/src/NasPlatform.Web" -c Release -v quiet
  mkdir -p "$BUILD" && touch "$BUILD/.program"
}

setup_program() {
  require_dotnet
  packages libtorch-dev libopenblas0-pthread libvips-dev cmake g++ pkg-config
  build_native
  build_program
}

# setup_onnx_runtime: what runs exported models to check them (npm's onnxruntime-node); without it the platform works and says that it could not check.
setup_onnx_runtime() {
  [ -d "$BUILD/node_modules/onnxruntime-node" ] && return
  command -v npm >/dev/null || packages nodejs npm
  say "Installing ONNX Runtime, which checks exported models ..."
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$BUILD" onnxruntime-node@1.30 >/dev/null 2>&1 \
    || say "onnxruntime-node could not be installed; exported models will not be checked. Run this again with a network that reaches npm's registry."
}
