// `masactl voucher anchors`: what verifies vouchers.
#include <fstream>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "openssl/pem.h"
#include "proto/masa/v1/voucher.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/voucher_commands.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

std::string PemOf(const std::string& der) {
  bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio(bio.get(), PEM_STRING_X509, "",
                reinterpret_cast<const uint8_t*>(der.data()),
                static_cast<long>(der.size()));
  const uint8_t* octets = nullptr;
  size_t size = 0;
  BIO_mem_contents(bio.get(), &octets, &size);
  return std::string(reinterpret_cast<const char*>(octets), size);
}

// The last of each chain, each once.
std::string AnchorsPem(const masa::v1::GetTrustAnchorsResponse& response) {
  std::set<std::string> known;
  std::string pem;
  for (const masa::v1::TrustAnchor& anchor : response.trust_anchors()) {
    if (anchor.chain_der_size() > 0 &&
        known.insert(*anchor.chain_der().rbegin()).second) {
      absl::StrAppend(&pem, PemOf(*anchor.chain_der().rbegin()));
    }
  }
  return pem;
}

std::string Day(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

void Print(const masa::v1::TrustAnchor& anchor, std::ostream& out) {
  out << anchor.signing_key() << "  "
      << masa::v1::TrustAnchor::Algorithm_Name(anchor.algorithm())
             .substr(sizeof("ALGORITHM_") - 1)
      << "  key id " << absl::BytesToHexString(anchor.subject_key_id()) << "  "
      << Day(anchor.not_before()) << " to "
      << (anchor.has_not_after() ? Day(anchor.not_after()) : "no end")
      << "  for " << absl::StrJoin(anchor.product_ids(), ", ");
  if (anchor.has_signs_from()) {
    out << "  signs from " << Day(anchor.signs_from());
  }
  if (anchor.has_signs_until()) {
    out << "  signs until " << Day(anchor.signs_until());
  }
  out << '\n';
}

}  // namespace

absl::StatusOr<int> ShowAnchors(const CommonOptions& options,
                                const std::string& out_file,
                                Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      (Ask<masa::v1::VoucherService, masa::v1::GetTrustAnchorsRequest,
           masa::v1::GetTrustAnchorsResponse>(
          options, &masa::v1::VoucherService::Stub::GetTrustAnchors, {})));
  if (!out_file.empty()) {
    std::ofstream file(out_file, std::ios::binary);
    file << AnchorsPem(response);
    file.close();
    if (!file) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot be written: ", out_file));
    }
  }
  if (options.json) {
    terminal.out << JsonOf(response) << '\n';
    return 0;
  }
  for (const masa::v1::TrustAnchor& anchor : response.trust_anchors()) {
    Print(anchor, terminal.out);
  }
  return 0;
}

}  // namespace masa::masactl
