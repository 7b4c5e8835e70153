#!/usr/bin/env bash
# Sets everything up and runs the main job: a search on Fashion-MNIST in the terminal. Options are passed on to `nas search`.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
setup_program
packages dataset-fashion-mnist
cd "$ROOT"
if [ $# = 0 ]; then
  # A space that trains quickly on a few cores; a fifth of the images tells good cells from bad ones.
  set -- --dataset fashion-mnist --space nasbench201 --set cells=1 --strategy evolution --fraction 0.2 --minutes 20 \
    --out "runs/$(date +%Y-%m-%d-%H%M%S)"
  say "Searching on Fashion-MNIST for 20 minutes; Ctrl-C stops and keeps what was found. Other options: ./nas search --help"
fi
exec dotnet "$NAS_DLL" search "$@"
