// What a key is asked to sign: bytes with their kind, never a bare digest
// (architecture: the signer's guard). One use, move-only. Only issuance, the
// signer's face, tests and benchmarks may make one (BUILD visibility).
#ifndef SERVICES_SIGNING_TO_BE_SIGNED_H_
#define SERVICES_SIGNING_TO_BE_SIGNED_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "services/wire/certificate_form.h"
#include "services/wire/checkpoint.h"
#include "services/wire/escrow_manifest.h"
#include "services/wire/ownership_root.h"
#include "services/wire/voucher.h"

namespace masa::signing {

enum class Kind {
  kVoucherCms = 1,
  kVoucherJws = 2,
  kVoucherCose = 3,
  kCertificate = 4,
  kCertificateRequest = 5,
  kCrl = 6,
  kOcspResponse = 7,
  kCheckpoint = 8,
  kOwnershipRoot = 9,
  kManifest = 10,
  kTest = 11,
};

// The kind of a voucher in this format: the numbers agree.
inline Kind KindOf(masa::v1::Format format) {
  return static_cast<Kind>(format);
}

// How every signature of kind kTest begins. No artifact begins like this, so
// such a signature is worth nothing elsewhere.
inline constexpr char kTestLabel[] = "MASA test of a signing key\n";

class ToBeSigned {
 public:
  // A voucher: the octets that its format signs, the content that they cover,
  // and the fields that the caller means the content to have.
  static ToBeSigned Voucher(masa::v1::Format format, std::string octets,
                            std::string content, wire::Voucher expected) {
    return ToBeSigned(format, std::move(octets), std::move(content),
                      std::move(expected));
  }

  // A root of ownership entries, as wire/ownership_root.h writes it, and what
  // the caller means it to say.
  static ToBeSigned OwnershipRoot(std::string octets,
                                  wire::OwnershipRoot expected) {
    ToBeSigned made(masa::v1::FORMAT_UNSPECIFIED, std::move(octets), "", {});
    made.kind_ = Kind::kOwnershipRoot;
    made.ownership_root_ = std::move(expected);
    return made;
  }

  // A checkpoint of a log, as wire/checkpoint.h writes it, and what the caller
  // means it to say.
  static ToBeSigned Checkpoint(std::string octets, wire::Checkpoint expected) {
    ToBeSigned made = Bare(Kind::kCheckpoint, std::move(octets));
    made.checkpoint_ = std::move(expected);
    return made;
  }

  // A TBSCertificate, and all that the caller means it to say.
  static ToBeSigned Certificate(std::string tbs_der,
                                wire::CertificateForm expected) {
    ToBeSigned made = Bare(Kind::kCertificate, std::move(tbs_der));
    made.certificate_ =
        std::make_shared<const wire::CertificateForm>(std::move(expected));
    return made;
  }

  // A TBSCertList, and a ResponseData, of certificates that this key signed
  // (wire/status_lists.h).
  static ToBeSigned Crl(std::string tbs_der) {
    return Bare(Kind::kCrl, std::move(tbs_der));
  }
  static ToBeSigned OcspResponse(std::string data_der) {
    return Bare(Kind::kOcspResponse, std::move(data_der));
  }

  // What is said of an escrow bundle, as wire/escrow_manifest.h writes it, and
  // what the caller means it to say.
  static ToBeSigned Manifest(std::string octets,
                             wire::EscrowManifest expected) {
    ToBeSigned made = Bare(Kind::kManifest, std::move(octets));
    made.manifest_ =
        std::make_shared<const wire::EscrowManifest>(std::move(expected));
    return made;
  }

  // What a certificate is asked for with, of the key that signs it
  // (certificate_request.h).
  static ToBeSigned CertificateRequest(std::string info_der) {
    return Bare(Kind::kCertificateRequest, std::move(info_der));
  }

  // kTestLabel and whatever makes the test unlike others.
  static ToBeSigned Test(std::string octets) {
    return Bare(Kind::kTest, std::move(octets));
  }

  ToBeSigned(ToBeSigned&&) = default;
  ToBeSigned& operator=(ToBeSigned&&) = default;
  ToBeSigned(const ToBeSigned&) = delete;
  ToBeSigned& operator=(const ToBeSigned&) = delete;

  masa::v1::Format format() const { return format_; }
  Kind kind() const { return kind_; }
  const std::string& octets() const { return octets_; }  // what is signed
  const std::string& content() const { return content_; }
  const wire::Voucher& expected() const { return expected_; }
  // Of kind kOwnershipRoot alone.
  const std::optional<wire::OwnershipRoot>& ownership_root() const {
    return ownership_root_;
  }
  // Of kind kCheckpoint alone.
  const std::optional<wire::Checkpoint>& checkpoint() const {
    return checkpoint_;
  }
  // Of kind kCertificate alone; else null.
  const wire::CertificateForm* certificate() const {
    return certificate_.get();
  }
  // Of kind kManifest alone; else null.
  const wire::EscrowManifest* manifest() const { return manifest_.get(); }

 private:
  static ToBeSigned Bare(Kind kind, std::string octets) {
    ToBeSigned made(masa::v1::FORMAT_UNSPECIFIED, std::move(octets), "", {});
    made.kind_ = kind;
    return made;
  }

  ToBeSigned(masa::v1::Format format, std::string octets, std::string content,
             wire::Voucher expected)
      : kind_(KindOf(format)),
        format_(format),
        octets_(std::move(octets)),
        content_(std::move(content)),
        expected_(std::move(expected)) {}

  Kind kind_;
  masa::v1::Format format_;
  std::string octets_;
  std::string content_;
  wire::Voucher expected_;
  std::optional<wire::OwnershipRoot> ownership_root_;
  std::optional<wire::Checkpoint> checkpoint_;
  // Apart, since vouchers, of which there are many, have neither.
  std::shared_ptr<const wire::CertificateForm> certificate_;
  std::shared_ptr<const wire::EscrowManifest> manifest_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_TO_BE_SIGNED_H_
