#include "services/enrollment/profile.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/https_uri.h"
#include "services/wire/x509_write.h"

namespace masa::enrollment {
namespace {

using masa::v1::EnrollmentProfile;

constexpr size_t kLongestLabel = 64;
constexpr size_t kMostProfiles = 32;
constexpr size_t kMostLines = 256;
constexpr size_t kMostPurposes = 16;
constexpr size_t kLongestUrl = 512;
// ub-serial-number and ub-organization-name of RFC 5280.
constexpr size_t kLongestText = 64;

constexpr absl::string_view kOperations[] = {
    "cacerts",      "simpleenroll", "simplereenroll",
    "serverkeygen", "fullcmc",      "csrattrs",
};

absl::Status Wrong(const masa::v1::Tenant& tenant,
                   const EnrollmentProfile& profile, absl::string_view what) {
  return Refuse(Reason::kMisconfigured,
                absl::StrCat("tenant ", tenant.tenant_id(), ": profile ",
                             profile.label(), ": ", what));
}

absl::Duration TimeOf(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

absl::Duration ValidityOf(const EnrollmentProfile& profile) {
  return TimeOf(profile.validity());
}

bool IsLabel(const std::string& label) {
  constexpr char kPlain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  if (label.empty() || label.size() > kLongestLabel || label.front() == '.' ||
      label.find_first_not_of(kPlain) != std::string::npos) {
    return false;
  }
  for (const absl::string_view operation : kOperations) {
    if (label == operation) {
      return false;  // ES-01
    }
  }
  return true;
}

// As an IA5String of a certificate holds it.
bool IsPlainText(const std::string& url) {
  return url.size() <= kLongestUrl &&
         std::all_of(url.begin(), url.end(),
                     [](unsigned char c) { return absl::ascii_isgraph(c); });
}

bool IsUrlOrNone(const std::string& url) {
  absl::string_view rest = url;
  return url.empty() || (IsPlainText(url) &&
                         (absl::ConsumePrefix(&rest, "http://") ||
                          absl::ConsumePrefix(&rest, "https://")) &&
                         !rest.empty());
}

// Whether a request can name it (subject.cc).
bool CanBeOrganization(const std::string& text) {
  return text.size() <= kLongestText &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return absl::ascii_iscntrl(c); });
}

// As IsHostName has names, in lower case, behind a dot.
bool IsSuffix(const std::string& suffix) {
  return suffix.size() >= 2 && suffix.front() == '.' &&
         wire::IsHostName(suffix.substr(1)) &&
         suffix == absl::AsciiStrToLower(suffix);
}

// Whether serial numbers can begin like that.
absl::Status CheckSerials(const masa::v1::Tenant& tenant,
                          const EnrollmentProfile& profile) {
  const std::string& prefix = profile.serial_prefix();
  const size_t longest =
      profile.longest_serial() == 0 ? kLongestText : profile.longest_serial();
  if (longest > kLongestText || prefix.size() > longest) {
    return Wrong(tenant, profile,
                 "serial numbers have at most 64 characters, and as many as "
                 "serial_prefix");
  }
  return wire::IsPrintableString(prefix) && !absl::StartsWith(prefix, " ")
             ? absl::OkStatus()
             : Wrong(tenant, profile,
                     "serial_prefix is a PrintableString, as serial numbers "
                     "are, and begins with no space");
}

absl::Status CheckIdevid(const masa::v1::Tenant& tenant,
                         const EnrollmentProfile& profile) {
  if (profile.product_id().empty()) {
    return Wrong(tenant, profile, "product_id is needed for IDevIDs");
  }
  if (profile.masa_url().empty() || !IsPlainText(profile.masa_url())) {
    return Wrong(tenant, profile,
                 "masa_url is needed for IDevIDs, of at most 512 characters of "
                 "ASCII without spaces");
  }
  MASA_RETURN_IF_ERROR(CheckSerials(tenant, profile));
  return profile.dns_suffixes().empty()
             ? absl::OkStatus()
             : Wrong(tenant, profile, "dns_suffixes are for TLS servers");
}

absl::Status CheckServer(const masa::v1::Tenant& tenant,
                         const EnrollmentProfile& profile) {
  if (!profile.product_id().empty() || !profile.masa_url().empty() ||
      !profile.serial_prefix().empty() || profile.registered_only()) {
    return Wrong(tenant, profile,
                 "product_id, masa_url and serial numbers are for IDevIDs");
  }
  if (!profile.has_validity()) {
    return Wrong(tenant, profile, "certificates of servers need a validity");
  }
  for (const std::string& suffix : profile.dns_suffixes()) {
    if (!IsSuffix(suffix)) {
      return Wrong(tenant, profile,
                   "an entry of dns_suffixes is like "
                   ".registrars.acme.example, in lower case");
    }
  }
  return profile.dns_suffixes().empty()
             ? Wrong(tenant, profile, "dns_suffixes are needed for TLS servers")
             : absl::OkStatus();
}

absl::Status CheckLists(const masa::v1::Tenant& tenant,
                        const EnrollmentProfile& profile) {
  constexpr int kHashOctets = 32;
  if (profile.factory_lines_size() > static_cast<int>(kMostLines) ||
      profile.extended_key_usages_size() > static_cast<int>(kMostPurposes)) {
    return Wrong(tenant, profile,
                 "at most 256 factory_lines and 16 extended_key_usages");
  }
  for (const masa::v1::FactoryLine& line : profile.factory_lines()) {
    if (line.name().empty() || line.spki_sha256().size() != kHashOctets) {
      return Wrong(tenant, profile,
                   "an entry of factory_lines has a name and spki_sha256, 32 "
                   "octets (base64 in YAML and JSON)");
    }
  }
  for (const std::string& purpose : profile.extended_key_usages()) {
    if (!wire::OidDer(purpose)) {
      return Wrong(tenant, profile,
                   "an entry of extended_key_usages is no object identifier");
    }
  }
  for (const int key : profile.keys()) {
    if (key <= masa::v1::ENROLLMENT_KEY_UNSPECIFIED ||
        key > masa::v1::ENROLLMENT_KEY_RSA) {
      return Wrong(tenant, profile, "keys names one that is not known");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckProfile(const masa::v1::Tenant& tenant,
                          const EnrollmentProfile& profile) {
  if (!IsLabel(profile.label())) {
    return Wrong(
        tenant, profile,
        "a label has letters, digits and any of . _ -, at most 64, and "
        "is no operation of EST");
  }
  if (profile.signing_key().empty()) {
    return Wrong(tenant, profile, "signing_key is needed");
  }
  if (profile.has_validity() && ValidityOf(profile) < absl::Hours(1)) {
    return Wrong(tenant, profile, "validity is at least an hour");
  }
  const absl::Duration ocsp_time = OcspTimeOf(profile);
  if (ocsp_time < absl::Hours(1) || ocsp_time > absl::Hours(10 * 24)) {
    return Wrong(tenant, profile, "ocsp_validity is an hour to ten days");
  }
  if (!IsUrlOrNone(profile.crl_url()) || !IsUrlOrNone(profile.ocsp_url())) {
    return Wrong(tenant, profile,
                 "crl_url and ocsp_url begin with http:// or https:// and are "
                 "of ASCII without spaces, 512 characters at most");
  }
  if (!CanBeOrganization(profile.organization())) {
    return Wrong(tenant, profile,
                 "organization has at most 64 octets, as a request's may have, "
                 "and no control characters");
  }
  MASA_RETURN_IF_ERROR(CheckLists(tenant, profile));
  switch (profile.kind()) {
    case masa::v1::ENROLLMENT_KIND_IDEVID:
      return CheckIdevid(tenant, profile);
    case masa::v1::ENROLLMENT_KIND_TLS_SERVER:
      return CheckServer(tenant, profile);
    default:
      return Wrong(tenant, profile, "kind is needed");
  }
}

}  // namespace

absl::Status CheckProfiles(const masa::v1::Tenant& tenant) {
  if (tenant.enrollment_profiles_size() > static_cast<int>(kMostProfiles)) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("tenant ", tenant.tenant_id(),
                               ": at most 32 enrollment_profiles"));
  }
  std::set<std::string> labels;
  int defaults = 0;
  for (const EnrollmentProfile& profile : tenant.enrollment_profiles()) {
    MASA_RETURN_IF_ERROR(CheckProfile(tenant, profile));
    defaults += profile.is_default() ? 1 : 0;
    if (!labels.insert(profile.label()).second || defaults > 1) {
      return Wrong(tenant, profile,
                   "another one has the label, or is the default one too");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<const EnrollmentProfile*> ProfileOf(
    const masa::v1::Tenant& tenant, const std::string& label) {
  for (const EnrollmentProfile& profile : tenant.enrollment_profiles()) {
    if (label.empty() ? profile.is_default() : profile.label() == label) {
      return &profile;
    }
  }
  return Refuse(Reason::kProfileUnknown,
                label.empty()
                    ? "no enrolment is offered here without a label"
                    : absl::StrCat("no enrolment is offered under the label ",
                                   label.substr(0, kLongestLabel)));
}

std::vector<wire::KeyShape> KeysOf(const EnrollmentProfile& profile) {
  std::vector<wire::KeyShape> keys;
  for (const int key : profile.keys()) {
    keys.push_back(static_cast<wire::KeyShape>(key));  // the numbers agree
  }
  if (keys.empty()) {
    keys = {wire::KeyShape::kP256, wire::KeyShape::kP384,
            wire::KeyShape::kEd25519};
  }
  return keys;
}

absl::Duration OcspTimeOf(const EnrollmentProfile& profile) {
  return profile.has_ocsp_validity() ? TimeOf(profile.ocsp_validity())
                                     : absl::Hours(24);
}

absl::Time EndOf(const EnrollmentProfile& profile, absl::Time now) {
  return profile.has_validity() ? now + ValidityOf(profile)
                                : absl::InfiniteFuture();
}

}  // namespace masa::enrollment
