// Whole files, and identities kept in two of them. Not thread-safe across one
// path.
#ifndef SERVICES_TESTING_FILES_H_
#define SERVICES_TESTING_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/testing/test_pki.h"

namespace masa::testing {

enum class FileMode { kPublic = 0644, kSecret = 0600 };

// The octets of a file; NotFound with its name when it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Writes a whole file or none: under another name first, then renamed.
absl::Status WriteFile(const std::string& path, const std::string& octets,
                       FileMode mode);

bool FileExists(const std::string& path);

// The identity in two PEM files: the first certificate of the one, the PKCS#8
// key of the other. Fails when either does not parse, or when they do not
// belong together.
absl::StatusOr<Identity> ReadIdentity(const std::string& certificate_path,
                                      const std::string& key_path);

// The first certificate of a PEM file, DER.
absl::StatusOr<std::string> ReadCertificateDer(const std::string& path);

// The unencrypted private key in a PEM text.
absl::StatusOr<std::shared_ptr<EVP_PKEY>> ParseKeyPem(const std::string& pem);

}  // namespace masa::testing

#endif  // SERVICES_TESTING_FILES_H_
