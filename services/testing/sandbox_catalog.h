// The catalog of the sandbox's demo manufacturer: what `masad apply` takes.
#ifndef SERVICES_TESTING_SANDBOX_CATALOG_H_
#define SERVICES_TESTING_SANDBOX_CATALOG_H_

#include <string>

#include "services/testing/sandbox_files.h"
#include "services/testing/test_pki.h"

namespace masa::testing {

struct SandboxIdentities {
  Identity idevid_ca;
  Identity domain_ca;
  Identity line;  // a factory line
};

// The message masa.v1.Catalog as YAML; bytes as base64.
std::string SandboxCatalog(const SandboxIdentities& of,
                           const SandboxChoices& choices);

}  // namespace masa::testing

#endif  // SERVICES_TESTING_SANDBOX_CATALOG_H_
