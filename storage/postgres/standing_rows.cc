#include "storage/postgres/standing_rows.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "storage/device_changes.h"
#include "storage/postgres/rows.h"

namespace masa::storage {
namespace {

// What the first column says a row is.
enum Kind { kDeviceRow = 0, kCertRow = 1, kDomainRow = 2 };

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

}  // namespace

DomainNumbers::DomainNumbers(absl::Span<const StandingQuestion> questions) {
  using Domain = std::pair<absl::string_view, absl::string_view>;
  std::map<Domain, int> numbers;
  of_question_.reserve(questions.size());
  for (const StandingQuestion& question : questions) {
    if (question.spki_sha256.empty()) {
      of_question_.push_back(0);
      continue;
    }
    const auto [at, is_new] =
        numbers.emplace(Domain(question.key.tenant_id, question.spki_sha256),
                        static_cast<int>(domains_.size()) + 1);
    if (is_new) {
      domains_.emplace_back(question.key.tenant_id, question.spki_sha256);
    }
    of_question_.push_back(at->second);
  }
}

StandingRows::StandingRows(absl::Span<const StandingQuestion> questions,
                           const DomainNumbers& numbers,
                           const pqxx::result& rows)
    : questions_(questions),
      numbers_(numbers),
      matches_(questions.size()),
      domains_(numbers.domains().size() + 1) {
  for (const pqxx::row& row : rows) {
    switch (row[0].as<int>()) {
      case kDeviceRow:
        AddDevice(row);
        break;
      case kCertRow:
        AddCert(row);
        break;
      default:
        AddDomain(row);
    }
  }
}

// kind, question, id, issuer, product, organisation, state, version, group,
// path
void StandingRows::AddDevice(const pqxx::row& row) {
  const size_t i = row[1].as<size_t>() - 1;
  const DeviceKey& key = questions_[i].key;
  Match& match = matches_[i].emplace_back();
  Device& device = match.device;
  device.tenant_id = key.tenant_id;
  device.serial_number = key.serial_number;
  device.bucket = BucketOf(key.tenant_id, key.serial_number);
  device.device_id = ReadBytes(row[2]);
  if (!row[3].is_null()) {
    device.idevid_issuer = ReadBytes(row[3]);
  }
  device.product_id = row[4].c_str();
  device.organization_id = row[5].c_str();
  device.state = static_cast<DeviceState>(row[6].as<int>());
  device.version = row[7].as<int64_t>();
  device.group_id = row[8].c_str();
  match.path = row[9].c_str();  // nothing where it is null
}

// kind, domain, certificate, -, id, organisation, whether revocation is
// checked, end, group, -
void StandingRows::AddCert(const pqxx::row& row) {
  std::vector<Cert>& certs =
      certs_[{row[1].as<int>(), row[5].as<std::string>()}];
  Cert& cert = certs.emplace_back();
  cert.cert.certificate_der = ReadBytes(row[2]);
  cert.cert.cert_id = row[4].c_str();
  cert.cert.revocation_checks = row[6].as<int>() != 0;
  cert.cert.spki_sha256 = numbers_.domains().at(row[1].as<size_t>() - 1).second;
  if (!row[7].is_null()) {
    cert.cert.expires_at = absl::FromUnixMicros(row[7].as<int64_t>());
  }
  cert.group_id = row[8].c_str();
  domains_.at(row[1].as<size_t>())
      .customer.emplace()
      .set_organization_id(row[5].c_str());
}

// kind, domain, -, -, -, a customer's id, whether it is blocked, ...
void StandingRows::AddDomain(const pqxx::row& row) {
  DomainFacts& domain = domains_.at(row[1].as<size_t>());
  if (!row[5].is_null()) {
    domain.customer.emplace().set_organization_id(row[5].c_str());
  }
  domain.blocked = domain.blocked || row[6].as<int>() != 0;
}

std::vector<OwnerCert> StandingRows::CertsFor(const Match& match,
                                              int domain) const {
  std::vector<OwnerCert> certs;
  const auto found = certs_.find({domain, match.device.organization_id});
  if (found == certs_.end()) {
    return certs;
  }
  certs.reserve(found->second.size());
  for (const Cert& cert : found->second) {
    certs.push_back(cert.cert);
    certs.back().place =
        PlaceOf(cert.group_id, match.device.group_id, match.path);
  }
  if (certs.size() > 1) {
    std::sort(certs.begin(), certs.end(), ById);
  }
  return certs;
}

absl::StatusOr<StandingFacts> StandingRows::AnswerTo(size_t i) {
  std::vector<Match>& matches = matches_[i];
  if (matches.size() != 1) {
    std::vector<Device> candidates;
    for (const Match& match : matches) {
      candidates.push_back(match.device);
    }
    return Choose(questions_[i].key, candidates).status();
  }
  const int domain = numbers_.Of(i);
  StandingFacts facts;
  facts.found.owner_certs = CertsFor(matches.front(), domain);
  facts.found.device = std::move(matches.front().device);
  facts.domain = domains_[static_cast<size_t>(domain)];
  return facts;
}

}  // namespace masa::storage
