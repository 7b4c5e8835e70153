#!/usr/bin/env bash
# Times training steps beside plain PyTorch: benchmarks/run.sh [case ...] [--threads n] [--rounds n]; or what architectures take: benchmarks/run.sh spaces [space ...]
source "$(dirname "${BASH_SOURCE[0]}")/../setup.sh"
setup_program
packages python3-torch
step "Building the benchmarks" "see the lines above" dotnet build "$ROOT/benchmarks/NasPlatform.Benchmarks" -c Release -v quiet
exec dotnet "$ROOT/benchmarks/NasPlatform.Benchmarks/bin/Release/net10.0/NasPlatform.Benchmarks.dll" "$@"
