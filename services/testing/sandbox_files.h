// The files of a sandbox: the PKI that integrators get, what the service
// itself needs, and the catalog of the demo manufacturer. Everything is
// unencrypted, for trying.
#ifndef SERVICES_TESTING_SANDBOX_FILES_H_
#define SERVICES_TESTING_SANDBOX_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "services/observe/clock.h"

namespace masa::testing {

struct SandboxChoices {
  bool limits =
      false;  // the catalog has rate limits for registrars and devices
  // Where certificates say that their CRL and OCSP are.
  std::string status_url = "http://127.0.0.1:9446";
};

// Writes what is not there yet under `folder`/sandbox and `folder`/secrets,
// and never overwrites a file. Certificates are valid from an hour before
// `clock`'s time, for ten years; keys are PKCS#8 PEM of mode 0600. A key
// whose certificate is missing gets a new certificate. Fails, with the file's
// name, for what cannot be read or written and for a certificate without the
// key that it needs. One caller at a time per folder.
absl::Status WriteSandboxFiles(const std::string& folder, const Clock& clock,
                               const SandboxChoices& choices = {});

}  // namespace masa::testing

#endif  // SERVICES_TESTING_SANDBOX_FILES_H_
