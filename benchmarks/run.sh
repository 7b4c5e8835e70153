#!/usr/bin/env bash
# Times training steps beside plain PyTorch: benchmarks/run.sh [case ...] [--threads n] [--rounds n] [--precision fp32|bf16] [--layout channels-first|channels-last]
# [--clock wall|processor] [--save]; a whole search: benchmarks/run.sh search [--trials n] [--fraction share]; what bfloat16 costs in accuracy:
# benchmarks/run.sh precision [--seeds n] [--epochs n] [--fraction share]; what architectures take: benchmarks/run.sh spaces [space ...]. README.md tells more.
source "$(dirname "${BASH_SOURCE[0]}")/../setup.sh"
setup_program
packages python3-torch
[[ "${1:-}" != @(search|precision) ]] || packages dataset-fashion-mnist
export NAS_BENCHMARKS="$ROOT/benchmarks" NAS_DLL
step "Building the benchmarks" "see the lines above" dotnet build "$ROOT/benchmarks/NasPlatform.Benchmarks" -c Release -v quiet
exec dotnet "$ROOT/benchmarks/NasPlatform.Benchmarks/bin/Release/net10.0/NasPlatform.Benchmarks.dll" "$@"
