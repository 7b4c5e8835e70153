#!/usr/bin/env bash
# Runs the built program, building it first when needed: ./nas search --help
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
setup_program
exec dotnet "$NAS_DLL" "$@"
