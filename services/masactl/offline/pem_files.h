// PEM as files have it.
#ifndef SERVICES_MASACTL_OFFLINE_PEM_FILES_H_
#define SERVICES_MASACTL_OFFLINE_PEM_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace masa::masactl {

// The whole block, with lines of 64 characters.
std::string PemOf(absl::string_view label, const std::string& der);

// The certificates in a PEM text, DER, in order.
std::vector<std::string> CertificatesIn(const std::string& pem);

// The same of a file. InvalidArgument when there is none in it.
absl::StatusOr<std::vector<std::string>> ReadCertificates(
    const std::string& path);

// Writes a new file of mode 0600. InvalidArgument, naming it, when it is there
// or cannot be written.
absl::Status WriteText(const std::string& path, const std::string& text);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_OFFLINE_PEM_FILES_H_
