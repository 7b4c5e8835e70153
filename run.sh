#!/usr/bin/env bash
# Sets everything up and starts the platform; it prints the address. Options are passed on to `nas serve`: ./run.sh --local
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
setup_program
setup_onnx_runtime
packages dataset-fashion-mnist
cd "$ROOT"
exec dotnet "$NAS_DLL" serve "$@"
