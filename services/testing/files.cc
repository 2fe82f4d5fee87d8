#include "services/testing/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/mem.h"
#include "openssl/pem.h"
#include "services/status/macros.h"

namespace masa::testing {
namespace {

absl::Status FileFault(const std::string& path, const char* what) {
  return absl::UnavailableError(
      absl::StrCat(path, " cannot be ", what, ": ", std::strerror(errno)));
}

absl::StatusOr<std::shared_ptr<X509>> ParseCertificatePem(
    const std::string& pem) {
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), pem.size()));
  std::shared_ptr<X509> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  ERR_clear_error();
  if (certificate == nullptr) {
    return absl::InvalidArgumentError("holds no certificate in PEM");
  }
  return certificate;
}

// Puts the file's name in front of what is wrong with it.
absl::Status At(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, " ", status.message()));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  }
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

absl::Status WriteFile(const std::string& path, const std::string& octets,
                       FileMode mode) {
  const std::string unfinished = path + ".unfinished";
  ::unlink(unfinished.c_str());
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL,
                          static_cast<mode_t>(mode));
  if (file < 0) {
    return FileFault(path, "created");
  }
  size_t written = 0;
  while (written < octets.size()) {
    const ssize_t count =
        ::write(file, octets.data() + written, octets.size() - written);
    if (count < 0 && errno != EINTR) {
      const absl::Status fault = FileFault(path, "written");
      ::close(file);
      ::unlink(unfinished.c_str());
      return fault;
    }
    written += count < 0 ? 0 : static_cast<size_t>(count);
  }
  if (::fsync(file) != 0 || ::close(file) != 0 ||
      std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return FileFault(path, "written");
  }
  return absl::OkStatus();
}

bool FileExists(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0;
}

absl::StatusOr<std::shared_ptr<EVP_PKEY>> ParseKeyPem(const std::string& pem) {
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), pem.size()));
  std::shared_ptr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr),
      EVP_PKEY_free);
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        "holds no unencrypted private key in PEM");
  }
  return key;
}

absl::StatusOr<Identity> ReadIdentity(const std::string& certificate_path,
                                      const std::string& key_path) {
  MASA_ASSIGN_OR_RETURN(const std::string certificate_pem,
                        ReadFile(certificate_path));
  MASA_ASSIGN_OR_RETURN(const std::string key_pem, ReadFile(key_path));
  const auto certificate = ParseCertificatePem(certificate_pem);
  if (!certificate.ok()) {
    return At(certificate_path, certificate.status());
  }
  const auto key = ParseKeyPem(key_pem);
  if (!key.ok()) {
    return At(key_path, key.status());
  }
  if (X509_check_private_key(certificate->get(), key->get()) != 1) {
    ERR_clear_error();
    return absl::FailedPreconditionError(
        absl::StrCat(key_path, " is not the key of ", certificate_path));
  }
  Identity identity;
  identity.certificate = *certificate;
  identity.key = *key;
  return identity;
}

absl::StatusOr<std::string> ReadCertificateDer(const std::string& path) {
  MASA_ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
  const auto certificate = ParseCertificatePem(pem);
  if (!certificate.ok()) {
    return At(path, certificate.status());
  }
  Identity identity;
  identity.certificate = *certificate;
  return identity.CertificateDer();
}

}  // namespace masa::testing
