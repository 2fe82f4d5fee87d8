#include "services/masactl/history_report.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/masactl/phrases.h"
#include "services/ownership/verify_history.h"
#include "storage/device.h"

namespace masa::masactl {
namespace {

using masa::v1::GetOwnershipHistoryResponse;
using ownership::EntryClaim;

absl::Time TimeOf(const google::protobuf::Timestamp& message) {
  return absl::FromUnixSeconds(message.seconds()) +
         absl::Nanoseconds(message.nanos());
}

std::string NameOf(const std::string& organization) {
  return organization.empty() ? "nobody" : organization;
}

EntryClaim ClaimOf(const masa::v1::OwnershipEntry& message) {
  EntryClaim claim;
  claim.entry = {message.device_id(),
                 message.number(),
                 message.prev_hash(),
                 static_cast<storage::OwnerChange>(message.change()),
                 message.from_organization_id(),
                 message.to_organization_id(),
                 TimeOf(message.at()),
                 message.opens_past()};
  claim.leaf_index = message.leaf_index();
  claim.proof.assign(message.inclusion_proof().begin(),
                     message.inclusion_proof().end());
  if (message.has_root()) {
    const masa::v1::SignedOwnershipRoot& root = message.root();
    claim.root = {root.signed_root(),
                  root.signature(),
                  {root.chain_der().begin(), root.chain_der().end()},
                  TimeOf(root.sign_time())};
  }
  return claim;
}

// What the end of the history and the record of today say of each other.
void CompareOwner(const GetOwnershipHistoryResponse& history,
                  HistoryReport* report) {
  const std::string last =
      history.entries().empty()
          ? ""
          : history.entries().rbegin()->to_organization_id();
  if (last != history.organization_id()) {
    report->faults.push_back(absl::StrCat("the history ends with ",
                                          NameOf(last),
                                          " as the owner, the record "
                                          "says ",
                                          NameOf(history.organization_id())));
  }
}

void Say(const GetOwnershipHistoryResponse& history,
         const ownership::HistoryFinding& finding, HistoryReport* report) {
  if (history.entries().empty()) {
    report->says.push_back(kNoEntry);
    return;
  }
  report->says.push_back(absl::StrCat(
      Counted(finding.signed_entries, "entry holds", "entries hold"),
      ": each is linked to the one before, and signed by a key "
      "under the anchor"));
  if (finding.first_number > 0) {
    report->says.push_back(
        absl::StrCat("entries before number ", finding.first_number,
                     " are not shown: an earlier owner keeps them to itself"));
  }
  report->says.push_back(absl::StrCat(
      "the owner is ", NameOf(history.organization_id()),
      ", unless a newer entry is withheld, which only the service can tell"));
}

}  // namespace

HistoryReport Verify(const GetOwnershipHistoryResponse& history,
                     const HistoryTrust& trust, const Verifier& verifier) {
  std::optional<std::string> issuer = trust.idevid_issuer;
  if (!issuer && !history.idevid_issuer_ski().empty()) {
    issuer = history.idevid_issuer_ski();
  }
  std::vector<EntryClaim> claims;
  for (const masa::v1::OwnershipEntry& message : history.entries()) {
    claims.push_back(ClaimOf(message));
  }
  ownership::HistoryFinding finding = ownership::VerifyHistory(
      claims,
      {history.tenant_id(),
       storage::DeviceIdOf(history.tenant_id(), trust.serial_number, issuer),
       trust.anchor_der, trust.now},
      verifier);
  HistoryReport report;
  report.faults = std::move(finding.faults);
  CompareOwner(history, &report);
  if (finding.unsigned_entries > 0) {
    report.waits_for_signature = report.faults.empty();
    report.faults.push_back(absl::StrCat(
        Counted(finding.unsigned_entries, "entry is", "entries are"),
        " not signed yet; ask again in some seconds"));
  }
  if (report.faults.empty()) {
    Say(history, finding, &report);
  }
  return report;
}

void Print(const GetOwnershipHistoryResponse& history, std::ostream& out) {
  for (const masa::v1::OwnershipEntry& entry : history.entries()) {
    out << entry.number() << "  " << TimeText(entry.at()) << "  "
        << absl::AsciiStrToLower(
               masa::v1::OwnerChange_Name(entry.change())
                   .substr(std::string("OWNER_CHANGE_").size()))
        << "  " << NameOf(entry.from_organization_id()) << " -> "
        << NameOf(entry.to_organization_id()) << "  "
        << (entry.has_root() ? absl::StrCat("signed by ", entry.root().key_id())
                             : "not signed yet")
        << '\n';
  }
}

}  // namespace masa::masactl
