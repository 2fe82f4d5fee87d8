#include "services/ownership/verify_history.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "services/merkle/merkle_tree.h"
#include "services/wire/certificate.h"
#include "services/wire/ownership_root.h"

namespace masa::ownership {
namespace {

using storage::OwnershipEntry;

constexpr size_t kHashOctets = 32;

// What signing keys sign with.
constexpr SignatureAlgorithm kAlgorithms[] = {
    SignatureAlgorithm::kEcdsaP256Sha256, SignatureAlgorithm::kEcdsaP384Sha384,
    SignatureAlgorithm::kRsaPkcs1Sha256, SignatureAlgorithm::kEd25519};

class Examination {
 public:
  Examination(const HistoryTerms& terms, const Verifier& verifier)
      : terms_(terms), verifier_(verifier) {}

  void Examine(const EntryClaim& claim, const OwnershipEntry* before) {
    CheckForm(claim.entry);
    CheckLink(claim.entry, before);
    if (!claim.root) {
      ++finding_.unsigned_entries;
      return;
    }
    if (CheckRoot(claim, *claim.root)) {
      ++finding_.signed_entries;
    }
  }

  HistoryFinding Finish(int32_t first_number) && {
    finding_.first_number = first_number;
    return std::move(finding_);
  }

 private:
  void Fault(const OwnershipEntry& entry, absl::string_view what) {
    finding_.faults.push_back(absl::StrCat("entry ", entry.number, ": ", what));
  }

  void CheckForm(const OwnershipEntry& entry) {
    if (entry.device_id != terms_.device_id) {
      Fault(entry, "it is another device's");
    }
    if (entry.prev_hash.size() != kHashOctets || entry.number < 0) {
      Fault(entry, "a field has no sensible value");
    }
    if (entry.number == 0 && entry.prev_hash != storage::NoHash()) {
      Fault(entry, "the first entry names one before it");
    }
  }

  void CheckLink(const OwnershipEntry& entry, const OwnershipEntry* before) {
    if (before == nullptr) {
      return;  // where the first shown entry starts is for the caller to tell
    }
    if (entry.number != before->number + 1) {
      Fault(entry, absl::StrCat("it follows entry ", before->number,
                                "; entries are missing or out of order"));
    }
    if (entry.prev_hash != storage::EntryHash(*before)) {
      Fault(entry, "its prev_hash is not the hash of the entry before");
    }
    if (entry.from_organization_id != before->to_organization_id) {
      Fault(entry, "it takes the device from somebody who did not own it");
    }
  }

  bool CheckRoot(const EntryClaim& claim, const RootClaim& root) {
    const auto said = wire::ParseOwnershipRoot(root.signed_root);
    if (!said.ok()) {
      Fault(claim.entry, "its signed root is not in the form of one");
      return false;
    }
    const size_t faults = finding_.faults.size();
    if (said->tenant_id != terms_.tenant_id) {
      Fault(claim.entry, "its signed root is another manufacturer's");
    }
    if (!merkle::VerifyInclusion(storage::EntryHash(claim.entry),
                                 claim.leaf_index, said->size, claim.proof,
                                 said->root)) {
      Fault(claim.entry,
            "its proof does not lead to the signed root: the "
            "entry was changed, or is not the one that was "
            "signed");
    }
    CheckSignature(claim.entry, root);
    return finding_.faults.size() == faults;
  }

  void CheckSignature(const OwnershipEntry& entry, const RootClaim& root) {
    const auto signer = wire::Certificate::Parse(
        root.chain_der.empty() ? "" : root.chain_der.front());
    if (!signer.ok()) {
      Fault(entry, "the signer's certificate is missing or malformed");
      return;
    }
    const bool good =
        std::any_of(std::begin(kAlgorithms), std::end(kAlgorithms),
                    [&](SignatureAlgorithm algorithm) {
                      return verifier_
                          .VerifySignature(algorithm, (*signer)->spki_der,
                                           root.signed_root, root.signature)
                          .ok();
                    });
    if (!good) {
      Fault(entry, "the root's signature does not verify");
    }
    ChainQuestion question;
    question.leaf_der = root.chain_der.front();
    question.intermediates_der = root.chain_der;
    question.anchors_der = {terms_.anchor_der};
    question.at = std::min(root.signed_at, terms_.now);
    const auto chain = verifier_.VerifyChain(question);
    if (!chain.ok()) {
      Fault(entry,
            absl::StrCat(
                "the signer's certificate does not chain to the anchor: ",
                chain.status().message()));
    }
  }

  const HistoryTerms& terms_;
  const Verifier& verifier_;
  HistoryFinding finding_;
};

}  // namespace

HistoryFinding VerifyHistory(absl::Span<const EntryClaim> claims,
                             const HistoryTerms& terms,
                             const Verifier& verifier) {
  Examination examination(terms, verifier);
  const OwnershipEntry* before = nullptr;
  for (const EntryClaim& claim : claims) {
    examination.Examine(claim, before);
    before = &claim.entry;
  }
  return std::move(examination)
      .Finish(claims.empty() ? 0 : claims.front().entry.number);
}

}  // namespace masa::ownership
