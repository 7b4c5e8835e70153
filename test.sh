#!/usr/bin/env bash
# Sets up what the tests need and runs all of them. The last line is `N passed, N failed`, with `, N skipped` where some were.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
require_dotnet
packages libtorch-dev libopenblas0-pthread libvips-dev cmake g++ pkg-config dataset-fashion-mnist python3-torch python3-onnx python3-pil postgresql chromium
build_native
build_program
setup_onnx_runtime

# The model card's example reads an image; without this the test says that it was skipped.
[ -d "$BUILD/node_modules/sharp" ] || npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$BUILD" sharp >/dev/null 2>&1 \
  || say "sharp could not be installed; the test that needs it will be skipped."

step "Building the tests" "see the lines above" dotnet build "$ROOT/NasPlatform.sln" -c Release -v quiet
# The rules of style are the build's (EnforceCodeStyleInBuild); what it does not see is white space.
step "Checking the formatting" "run: dotnet format whitespace --folder" dotnet format whitespace "$ROOT" --folder --verify-no-changes

# One OpenMP thread where the machine is shared: two threads on two busy cores are several times slower. The walks in the browser come last, alone.
status=0
reports=()
for suite in NasPlatform.Tests NasPlatform.EndToEnd; do
  report="$BUILD/$suite.xml"
  rm -f "$report"
  OMP_NUM_THREADS=1 dotnet "$ROOT/tests/$suite/bin/Release/net10.0/$suite.dll" -noColor -xml "$report" "$@" || status=$?
  [ -s "$report" ] || { say "The tests of $suite did not finish."; exit 1; }
  reports+=("$report")
done

read -r passed failed skipped errors < <(python3 - "${reports[@]}" <<'PY'
import sys, xml.etree.ElementTree as tree
total = {"passed": 0, "failed": 0, "skipped": 0, "errors": 0}
for report in sys.argv[1:]:
    for assembly in tree.parse(report).getroot().iter("assembly"):
        for name in total:
            total[name] += int(assembly.get(name, 0))
        for test in assembly.iter("test"):
            failure = test.find("failure")
            if failure is not None:
                print(f"Failed: {test.get('name')}\n{failure.findtext('message', '').strip()}\n", file=sys.stderr)
print(total["passed"], total["failed"], total["skipped"], total["errors"])
PY
)
[ "$errors" = 0 ] || failed=$((failed + errors))
if [ "$skipped" = 0 ]; then echo "$passed passed, $failed failed"; else echo "$passed passed, $failed failed, $skipped skipped"; fi
[ "$failed" = 0 ] && [ "$status" = 0 ]
