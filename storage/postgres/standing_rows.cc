#include "storage/postgres/standing_rows.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/device_changes.h"
#include "storage/postgres/rows.h"

namespace masa::storage {
namespace {

// The columns.
enum Column {
  kQuestion,
  kDeviceId,
  kIssuer,
  kProduct,
  kOwner,
  kState,
  kVersion,
  kGroup,
  kPath,
  kBlocked,
  kCustomer,
  kCertId,
  kCertGroup,
  kChecks,
  kEnds,
  kCertificate
};

bool ById(const OwnerCert& a, const OwnerCert& b) {
  return a.cert_id < b.cert_id;
}

// Where a certificate of group `of` stands for a device in group `at`, whose
// path is all that is above it.
CertPlace PlaceOf(const std::string& of, const std::string& at,
                  const std::string& path) {
  if (of == at) {
    return CertPlace::kSameGroup;
  }
  return of.empty() || absl::StrContains(path, absl::StrCat("/", of, "/"))
             ? CertPlace::kAbove
             : CertPlace::kElsewhere;
}

Device ReadDevice(const pqxx::row& row, const DeviceKey& key) {
  Device device;
  device.tenant_id = key.tenant_id;
  device.serial_number = key.serial_number;
  device.bucket = BucketOf(key.tenant_id, key.serial_number);
  device.device_id = ReadBytes(row[kDeviceId]);
  if (!row[kIssuer].is_null()) {
    device.idevid_issuer = ReadBytes(row[kIssuer]);
  }
  device.product_id = row[kProduct].c_str();
  device.organization_id = row[kOwner].c_str();
  device.state = static_cast<DeviceState>(row[kState].as<int>());
  device.version = row[kVersion].as<int64_t>();
  device.group_id = row[kGroup].c_str();
  return device;
}

DomainFacts ReadDomain(const pqxx::row& row) {
  DomainFacts domain;
  domain.blocked = row[kBlocked].as<bool>();
  if (!row[kCustomer].is_null()) {
    domain.customers.emplace_back().set_organization_id(row[kCustomer].c_str());
  }
  return domain;
}

OwnerCert ReadCert(const pqxx::row& row, const StandingQuestion& question) {
  OwnerCert cert;
  cert.certificate_der = ReadBytes(row[kCertificate]);
  cert.cert_id = row[kCertId].c_str();
  cert.revocation_checks = row[kChecks].as<bool>();
  cert.spki_sha256 = question.spki_sha256;
  if (!row[kEnds].is_null()) {
    cert.expires_at = absl::FromUnixMicros(row[kEnds].as<int64_t>());
  }
  // A path that is null, of a device in no group, is empty.
  cert.place =
      PlaceOf(row[kCertGroup].c_str(), row[kGroup].c_str(), row[kPath].c_str());
  return cert;
}

}  // namespace

StandingRows::StandingRows(absl::Span<const StandingQuestion> questions,
                           const pqxx::result& rows)
    : questions_(questions), matches_(questions.size()) {
  for (const pqxx::row& row : rows) {
    StandingFacts& facts = FactsOf(row);
    if (!row[kCertId].is_null()) {
      facts.found.owner_certs.push_back(
          ReadCert(row, questions_[row[kQuestion].as<size_t>() - 1]));
    }
  }
}

StandingFacts& StandingRows::FactsOf(const pqxx::row& row) {
  const size_t i = row[kQuestion].as<size_t>() - 1;
  Device device = ReadDevice(row, questions_[i].key);
  for (StandingFacts& known : matches_[i]) {
    if (known.found.device.device_id == device.device_id) {
      return known;
    }
  }
  StandingFacts& facts = matches_[i].emplace_back();
  facts.found.device = std::move(device);
  facts.domain = ReadDomain(row);
  return facts;
}

absl::StatusOr<StandingFacts> StandingRows::AnswerTo(size_t i) {
  std::vector<StandingFacts>& matches = matches_[i];
  if (matches.size() != 1) {
    std::vector<Device> candidates;
    for (StandingFacts& match : matches) {
      candidates.push_back(std::move(match.found.device));
    }
    return Choose(questions_[i].key, candidates).status();
  }
  std::vector<OwnerCert>& certs = matches.front().found.owner_certs;
  if (certs.size() > 1) {
    std::sort(certs.begin(), certs.end(), ById);
  }
  return std::move(matches.front());
}

}  // namespace masa::storage
