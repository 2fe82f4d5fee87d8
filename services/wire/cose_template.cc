#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/cbor.h"
#include "services/wire/cbor_cursor.h"
#include "services/wire/certificate.h"
#include "services/wire/cose.h"
#include "services/wire/cose_labels.h"
#include "services/wire/ecdsa_numbers.h"

namespace masa::wire {
namespace {

using Kind = CborItem::Kind;

absl::StatusOr<const CoseAlgorithm*> RowOf(SignatureAlgorithm algorithm) {
  for (const CoseAlgorithm& row : kCoseAlgorithms) {
    if (row.algorithm == algorithm) {
      return &row;
    }
  }
  return Refuse(Reason::kMisconfigured,
                "no vouchers in COSE are signed with this algorithm");
}

// RFC 9360 section 2: one certificate bare, several in an array (CO-06).
void AppendBag(const std::vector<std::string>& chain_der, std::string* out) {
  AppendCborInteger(kCoseX5Bag, out);
  if (chain_der.size() > 1) {
    AppendCborArrayHead(chain_der.size(), out);
  }
  for (const std::string& der : chain_der) {
    AppendCborOctets(der, out);
  }
}

absl::Status No(absl::string_view what) {
  return Refuse(Reason::kKeyNotForThis, what);
}

absl::Status CheckHeader(absl::string_view octets,
                         SignatureAlgorithm algorithm) {
  MASA_ASSIGN_OR_RETURN(const CoseAlgorithm* row, RowOf(algorithm));
  const auto header = ReadCbor(octets);
  const CborItem* alg = header.ok() ? header->Under(kCoseAlg) : nullptr;
  if (alg == nullptr || !alg->Is(Kind::kNegative) ||
      alg->number != static_cast<uint64_t>(-1 - row->number) ||
      header->Under(kCoseCrit) != nullptr) {
    return No("the protected header is not that of a voucher by this key");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CoseTemplate> CoseTemplate::Create(
    const std::vector<std::string>& chain_der, SignatureAlgorithm algorithm,
    const masa::v1::CoseForm& form) {
  MASA_ASSIGN_OR_RETURN(const CoseAlgorithm* row, RowOf(algorithm));
  if (chain_der.empty()) {
    return Refuse(Reason::kCertMalformed, "the signer's chain is empty");
  }
  MASA_ASSIGN_OR_RETURN(const Certificate signer,
                        Certificate::Parse(chain_der.front()));
  CoseTemplate made;
  // Keys in the order of their encodings (VL-13): 1, 4, 15, 32.
  AppendCborInteger(kCoseAlg, &made.protected_entries_);
  AppendCborInteger(row->number, &made.protected_entries_);
  made.protected_count_ = 1;
  if (form.kid()) {
    AppendCborInteger(kCoseKid, &made.protected_entries_);
    AppendCborOctets(signer.DomainId(), &made.protected_entries_);
    ++made.protected_count_;
  }
  made.issued_at_ = form.issued_at();
  AppendCborMapHead(1, &made.unprotected_);
  AppendBag(chain_der, &made.unprotected_);
  if (form.protected_chain()) {
    AppendBag(chain_der, &made.protected_chain_);
  }
  made.half_octets_ = row->is_ecdsa ? row->octets / 2 : 0;
  return made;
}

std::string CoseTemplate::EncodeProtected(absl::Time issued_at) const {
  std::string header;
  AppendCborMapHead(protected_count_ + (issued_at_ ? 1 : 0) +
                        (protected_chain_.empty() ? 0 : 1),
                    &header);
  header += protected_entries_;
  if (issued_at_) {
    AppendCborInteger(kCoseCwtClaims, &header);
    AppendCborMapHead(1, &header);
    AppendCborInteger(kCwtIssuedAt, &header);
    AppendCborInteger(absl::ToUnixSeconds(issued_at), &header);
  }
  return header + protected_chain_;
}

std::string CoseTemplate::EncodeSigStructure(absl::string_view content,
                                             absl::Time issued_at) const {
  constexpr size_t kHeads = 32;
  const std::string header = EncodeProtected(issued_at);
  std::string octets;
  octets.reserve(kHeads + header.size() + content.size());
  AppendCborArrayHead(4, &octets);
  AppendCborText(kCoseContext, &octets);
  AppendCborOctets(header, &octets);
  AppendCborOctets("", &octets);  // external_aad
  AppendCborOctets(content, &octets);
  return octets;
}

absl::StatusOr<std::string> CoseTemplate::Finish(
    absl::string_view content, absl::string_view sig_structure,
    absl::string_view signature) const {
  absl::StatusOr<std::string> written{std::string(signature)};
  if (half_octets_ != 0) {
    MASA_ASSIGN_OR_RETURN(written, EcdsaNumbersOfDer(signature, half_octets_));
  }
  // The header's octets, head included, stand between the context and the
  // empty external_aad.
  std::string before, after;
  AppendCborArrayHead(4, &before);
  AppendCborText(kCoseContext, &before);
  AppendCborOctets("", &after);
  AppendCborOctets(content, &after);
  std::string artifact;
  artifact.reserve(sig_structure.size() + unprotected_.size() + 128);
  AppendCborTag(kCoseSign1Tag, &artifact);
  AppendCborArrayHead(4, &artifact);
  const absl::string_view header = sig_structure.substr(
      before.size(), sig_structure.size() - before.size() - after.size());
  artifact.append(header.data(), header.size());
  artifact += unprotected_;
  AppendCborOctets(content, &artifact);
  AppendCborOctets(*written, &artifact);
  return artifact;
}

absl::Status CheckSigStructure(absl::string_view sig_structure,
                               absl::string_view content,
                               SignatureAlgorithm algorithm,
                               KnownOctets* known) {
  CborCursor cursor(sig_structure);
  uint64_t items = 0;
  absl::string_view context, header, external_aad, payload;
  if (!cursor.TakeArrayHead(&items) || items != 4 ||
      !cursor.TakeText(&context) || context != kCoseContext ||
      !cursor.TakeOctets(&header) || !cursor.TakeOctets(&external_aad) ||
      !external_aad.empty()) {
    return No("the octets are no Sig_structure of COSE_Sign1");
  }
  if (!cursor.TakeOctets(&payload) || payload != content ||
      !cursor.rest().empty()) {
    return No("the Sig_structure does not carry the content");
  }
  if (known != nullptr && known->Is(header)) {
    return absl::OkStatus();
  }
  MASA_RETURN_IF_ERROR(CheckHeader(header, algorithm));
  if (known != nullptr) {
    known->Set(header);
  }
  return absl::OkStatus();
}

}  // namespace masa::wire
