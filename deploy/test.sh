#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. The last line is
# `N passed, N failed, N skipped`; the exit status is 0 only without failures.
set -uo pipefail
cd "$(dirname "$0")/.."

deploy/install.sh || exit 1

bazel test //... --keep_going
built=$?

python3 deploy/house_test.py
house=$?
python3 deploy/house_test.py --self-test
house_self=$?

# Counts test cases from the reports that Bazel keeps, and a target without a
# report (it did not build, or crashed) as one failure.
python3 deploy/count_tests.py "$built" "$house" "$house_self"
