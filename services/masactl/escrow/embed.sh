#!/bin/sh
# Writes C++ that holds the program that is put into escrow bundles.
set -eu
echo '#include "services/masactl/escrow/verifier_text.h"'
echo 'namespace masa::masactl {'
printf 'const char kVerifierText[] = R"verifier('
cat "$1"
echo ')verifier";'
echo '}  // namespace masa::masactl'
