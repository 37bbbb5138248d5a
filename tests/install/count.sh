# Sourced by the tests of this folder: counts, and says what failed.
# shellcheck shell=sh disable=SC2034 # read by those who source it
passed=0 failed=0 skipped=0

# check NAME COMMAND...: one test; what the command prints is shown if it fails.
check() {
    name=$1
    shift
    if said=$("$@" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name"
        printf '%s\n' "$said" | head -n 20 | sed 's/^/    /'
    fi
}
# skip WHY: one test that cannot be made here.
skip() { skipped=$((skipped + 1)); echo "skipped: $*"; }
have() { command -v "$1" >/dev/null 2>&1; }
