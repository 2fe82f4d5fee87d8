#include "services/masactl/offline/pem_files.h"

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/mem.h"
#include "openssl/pem.h"
#include "services/config/yaml_reader.h"
#include "services/status/macros.h"

namespace masa::masactl {

std::string PemOf(absl::string_view label, const std::string& der) {
  constexpr size_t kLine = 64;
  const std::string base64 = absl::Base64Escape(der);
  std::string pem = absl::StrCat("-----BEGIN ", label, "-----\n");
  for (size_t at = 0; at < base64.size(); at += kLine) {
    absl::StrAppend(&pem, base64.substr(at, kLine), "\n");
  }
  absl::StrAppend(&pem, "-----END ", label, "-----\n");
  return pem;
}

std::vector<std::string> CertificatesIn(const std::string& pem) {
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), pem.size()));
  std::vector<std::string> certificates;
  char* name = nullptr;
  char* header = nullptr;
  uint8_t* octets = nullptr;
  long length = 0;
  while (PEM_read_bio(bio.get(), &name, &header, &octets, &length) == 1) {
    if (absl::string_view(name) == "CERTIFICATE") {
      certificates.emplace_back(reinterpret_cast<char*>(octets), length);
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(octets);
  }
  ERR_clear_error();  // the end of the text is an error to the PEM reader
  return certificates;
}

absl::StatusOr<std::vector<std::string>> ReadCertificates(
    const std::string& path) {
  std::string text;
  if (!config::ReadFile(path, &text)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " cannot be read"));
  }
  std::vector<std::string> certificates = CertificatesIn(text);
  if (certificates.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " holds no certificate in PEM"));
  }
  return certificates;
}

absl::Status WriteText(const std::string& path, const std::string& text) {
  const int file =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is there already, or cannot be written"));
  }
  const ssize_t written = write(file, text.data(), text.size());
  const bool is_whole =
      written == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  close(file);
  return is_whole ? absl::OkStatus()
                  : absl::InvalidArgumentError(
                        absl::StrCat(path, " could not be written whole"));
}

}  // namespace masa::masactl
