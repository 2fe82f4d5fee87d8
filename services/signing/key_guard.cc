#include "services/signing/key_guard.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/pem.h"
#include "openssl/x509.h"
#include "services/signing/lint.h"
#include "services/signing/private_key.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"

namespace masa::signing {
namespace {

std::vector<bssl::UniquePtr<X509>> ReadChain(const std::string& pem) {
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), pem.size()));
  std::vector<bssl::UniquePtr<X509>> chain;
  while (X509* certificate =
             PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    chain.emplace_back(certificate);
  }
  ERR_clear_error();  // the end of the file is an error to the PEM reader
  return chain;
}

std::string DerOf(X509* certificate) {
  uint8_t* der = nullptr;
  const int length = i2d_X509(certificate, &der);
  std::string octets(reinterpret_cast<char*>(der), std::max(length, 0));
  OPENSSL_free(der);
  return octets;
}

// OP-05: whoever has a certificate of a CA could sign vouchers with it.
bool IsOfVouchersAndOfCertificates(const std::vector<Kind>& kinds) {
  const auto has = [&kinds](std::initializer_list<Kind> some) {
    return std::find_first_of(kinds.begin(), kinds.end(), some.begin(),
                              some.end()) != kinds.end();
  };
  return has({Kind::kVoucherCms, Kind::kVoucherJws, Kind::kVoucherCose}) &&
         has({Kind::kCertificate, Kind::kCrl, Kind::kOcspResponse});
}

}  // namespace

absl::Status KeyGuard::Wrong(const std::string& name, absl::string_view what) {
  ERR_clear_error();
  return Refuse(Reason::kMisconfigured,
                absl::StrCat("signing key ", name, ": ", what));
}

absl::Status KeyGuard::Unknown(const std::string& name) {
  return Refuse(Reason::kKeyUnknown,
                absl::StrCat("there is no signing key ", name));
}

absl::StatusOr<std::unique_ptr<const KeyGuard>> KeyGuard::New(
    const KeySource& source) {
  const auto chain = ReadChain(source.chain_pem);
  if (chain.empty()) {
    return Wrong(source.name, "the chain file holds no certificate");
  }
  bssl::UniquePtr<EVP_PKEY> public_key(X509_get_pubkey(chain.front().get()));
  if (public_key == nullptr) {
    return Wrong(source.name, "its certificate has no key that can be read");
  }
  std::vector<std::string> chain_der;
  for (const auto& certificate : chain) {
    chain_der.push_back(DerOf(certificate.get()));
  }
  return Make(source, std::move(public_key), std::move(chain_der));
}

absl::StatusOr<std::unique_ptr<const KeyGuard>> KeyGuard::ForKey(
    const KeySource& source, bssl::UniquePtr<EVP_PKEY> public_key) {
  return Make(source, std::move(public_key), {});
}

absl::StatusOr<std::unique_ptr<const KeyGuard>> KeyGuard::Make(
    const KeySource& source, bssl::UniquePtr<EVP_PKEY> public_key,
    std::vector<std::string> chain_der) {
  const auto algorithm = AlgorithmOf(public_key.get());
  if (!algorithm.ok()) {
    return Wrong(source.name, PublicMessage(algorithm.status()));
  }
  if (IsOfVouchersAndOfCertificates(source.kinds)) {
    return Wrong(source.name,
                 "a key for vouchers signs nothing as a CA: every device that "
                 "it certified could sign vouchers");
  }
  std::unique_ptr<KeyGuard> guard(new KeyGuard(source.endless));
  if (!chain_der.empty()) {
    const auto own = wire::Certificate::Parse(chain_der.front());
    guard->subject_der_ = own.ok() ? (*own)->subject_der : "";
  }
  guard->description_ = {source.name,
                         *algorithm,
                         std::move(chain_der),
                         source.kinds,
                         SpkiDerOf(public_key.get()),
                         source.tenant_id};
  guard->public_key_ = std::move(public_key);
  return guard;
}

KeyGuard::~KeyGuard() = default;

// Those who may make versions of a key may try it and ask for its certificate.
bool KeyGuard::MaySign(Kind kind) const {
  const bool is_of_its_life =
      kind == Kind::kTest || kind == Kind::kCertificateRequest;
  return std::count(description_.kinds.begin(), description_.kinds.end(),
                    kind) > 0 ||
         (is_of_its_life && !description_.tenant_id.empty());
}

absl::Status KeyGuard::Check(const ToBeSigned& item) const {
  if (!MaySign(item.kind())) {
    return Refuse(Reason::kKeyNotForThis,
                  absl::StrCat("signing key ", description_.name,
                               " is not for this kind of artifact"));
  }
  switch (item.kind()) {
    case Kind::kOwnershipRoot:
      return LintOwnershipRoot(item);
    case Kind::kCheckpoint:
      return LintCheckpoint(item);
    case Kind::kCertificate:
      return LintCertificate(item, description_.algorithm,
                             description_.spki_der, subject_der_);
    case Kind::kCrl:
      return LintCrl(item, description_.algorithm, subject_der_);
    case Kind::kOcspResponse:
      return LintOcspResponse(item, description_.algorithm);
    case Kind::kManifest:
      return LintManifest(item);
    case Kind::kCertificateRequest:
      return LintCertificateRequest(item, description_.spki_der);
    case Kind::kTest:
      return LintTest(item);
    default:
      return LintVoucher(item, description_.algorithm, endless_, &known_parts_);
  }
}

std::vector<size_t> KeyGuard::CheckAll(
    absl::Span<const ToBeSigned> items,
    std::vector<absl::StatusOr<std::string>>* signatures) const {
  signatures->reserve(items.size());
  std::vector<size_t> good;
  for (const ToBeSigned& item : items) {
    const absl::Status checked = Check(item);
    if (checked.ok()) {
      good.push_back(signatures->size());
      signatures->emplace_back(std::string());
    } else {
      signatures->emplace_back(checked);
    }
  }
  return good;
}

}  // namespace masa::signing
