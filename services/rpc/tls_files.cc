#include "services/rpc/tls_files.h"

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/pem.h"
#include "openssl/x509.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::rpc {
namespace {

using grpc::experimental::FileWatcherCertificateProvider;

absl::Status Misconfigured(const std::string& file, const char* what) {
  ERR_clear_error();
  return Refuse(Reason::kMisconfigured,
                absl::StrCat("the file ", file, " ", what));
}

// Null when there is no such file.
bssl::UniquePtr<BIO> Open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)),
                         std::istreambuf_iterator<char>());
  bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  if (!file.is_open() || bio == nullptr ||
      BIO_write_all(bio.get(), text.data(), text.size()) != 1) {
    return nullptr;
  }
  return bio;
}

absl::StatusOr<bssl::UniquePtr<X509>> FirstCertificate(
    const std::string& path) {
  const bssl::UniquePtr<BIO> bio = Open(path);
  if (bio == nullptr) {
    return Misconfigured(path, "cannot be read");
  }
  bssl::UniquePtr<X509> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return Misconfigured(path, "holds no certificate in PEM");
  }
  return certificate;
}

}  // namespace

absl::Status CheckTlsFiles(const TlsFiles& files) {
  MASA_ASSIGN_OR_RETURN(const auto leaf, FirstCertificate(files.chain));
  MASA_RETURN_IF_ERROR(FirstCertificate(files.roots).status());
  const bssl::UniquePtr<BIO> bio = Open(files.key);
  if (bio == nullptr) {
    return Misconfigured(files.key, "cannot be read");
  }
  const bssl::UniquePtr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) {
    return Misconfigured(files.key, "holds no private key in PEM");
  }
  if (X509_check_private_key(leaf.get(), key.get()) != 1) {
    return Misconfigured(files.key, "is not the key of the certificate");
  }
  return absl::OkStatus();
}

std::shared_ptr<grpc::ServerCredentials> ServerCredentialsOf(
    const TlsFiles& files, bool client_certificate_optional) {
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<FileWatcherCertificateProvider>(
          files.key, files.chain, files.roots, files.seconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(
      client_certificate_optional
          ? GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY
          : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> ChannelCredentialsOf(
    const TlsFiles& files) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<FileWatcherCertificateProvider>(
          files.key, files.chain, files.roots, files.seconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace masa::rpc
