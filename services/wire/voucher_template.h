// How a key's vouchers are made in a format: one struct, several wires. What a
// new format needs stands in this room alone.
#ifndef SERVICES_WIRE_VOUCHER_TEMPLATE_H_
#define SERVICES_WIRE_VOUCHER_TEMPLATE_H_

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/verifier/verifier.h"
#include "services/wire/cms.h"
#include "services/wire/cose.h"
#include "services/wire/jws.h"
#include "services/wire/voucher.h"

namespace masa::wire {

// What a product's pledges understand within a format.
struct VoucherStyle {
  bool cms_id_data = false;
  masa::v1::CoseForm cose;
};

// The fixed parts of one key's vouchers in one format, encoded once.
// Thread-safe after construction.
class VoucherTemplate {
 public:
  // `chain_der` is signer first up to and including the anchor. kMisconfigured
  // for a format or algorithm in which no vouchers are made.
  static absl::StatusOr<VoucherTemplate> Create(
      masa::v1::Format format, const std::vector<std::string>& chain_der,
      SignatureAlgorithm algorithm, const VoucherStyle& style);

  masa::v1::Format format() const { return format_; }

  // The voucher's data. The pinned certificate's base64 is passed in so that it
  // is made once for many.
  std::string EncodeContent(const Voucher& voucher,
                            absl::string_view pinned_domain_cert_base64) const;

  // What the key signs so that `content` is signed.
  std::string EncodeToBeSigned(absl::string_view content,
                               absl::Time signing_time) const;

  // The artifact. `signature` is as `Signer` makes it.
  absl::StatusOr<std::string> Finish(absl::string_view content,
                                     absl::string_view to_be_signed,
                                     absl::string_view signature) const;

 private:
  using Wire = std::variant<CmsTemplate, JwsTemplate, CoseTemplate>;
  VoucherTemplate(masa::v1::Format format, Wire wire, bool cbor_names)
      : format_(format), wire_(std::move(wire)), cbor_names_(cbor_names) {}

  masa::v1::Format format_;
  Wire wire_;
  bool cbor_names_;
};

// What stands next to the key asks: do these octets sign `content` and nothing
// else? kKeyNotForThis otherwise. A part that `known` has is not read again.
absl::Status CheckToBeSigned(masa::v1::Format format,
                             absl::string_view to_be_signed,
                             absl::string_view content,
                             SignatureAlgorithm algorithm,
                             KnownParts* known = nullptr);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_VOUCHER_TEMPLATE_H_
