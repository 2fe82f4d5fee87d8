#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/enrollment/rules.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/https_uri.h"

namespace masa::enrollment {
namespace {

constexpr size_t kLongestText = 64;  // ub-common-name, ub-serial-number

absl::Status No(absl::string_view what) {
  return Refuse(Reason::kSubjectNotAllowed, what);
}

// The one attribute of this type; empty when there is none or it is no text.
// kSubjectNotAllowed when there are several.
absl::StatusOr<std::string> TheOnly(const wire::CertificationRequest& request,
                                    absl::string_view type,
                                    absl::string_view name) {
  std::string text;
  int count = 0;
  for (const wire::NameAttribute& attribute : request.subject) {
    if (attribute.type == type) {
      text = attribute.text;
      ++count;
    }
  }
  return count <= 1 ? absl::StatusOr<std::string>(text)
                    : No(absl::StrCat("the subject has more than one ", name));
}

absl::Status CheckOtherAttributes(const wire::CertificationRequest& request,
                                  const std::string& organization) {
  MASA_RETURN_IF_ERROR(
      TheOnly(request, wire::kNameCommonName, "common name").status());
  MASA_ASSIGN_OR_RETURN(
      const std::string given,
      TheOnly(request, wire::kNameOrganization, "organization"));
  if (given != organization) {
    return No(organization.empty()
                  ? "the subject names an organization, and none is issued here"
                  : absl::StrCat("the subject's organization must be ",
                                 organization));
  }
  for (const wire::NameAttribute& attribute : request.subject) {
    const bool is_known = attribute.type == wire::kNameSerialNumber ||
                          attribute.type == wire::kNameCommonName ||
                          attribute.type == wire::kNameOrganization;
    if (!is_known || attribute.text.empty() ||
        attribute.text.size() > kLongestText) {
      return No(
          "the subject has serialNumber, CN and O alone, as text of at "
          "most 64 octets, each character one of its string type and none a "
          "control character");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> DeviceOf(
    const masa::v1::EnrollmentProfile& profile,
    const wire::CertificationRequest& request) {
  MASA_ASSIGN_OR_RETURN(
      const std::string serial,
      TheOnly(request, wire::kNameSerialNumber, "serialNumber"));
  const size_t longest =
      profile.longest_serial() == 0 ? kLongestText : profile.longest_serial();
  if (serial.empty() || serial.size() > longest || serial.front() == ' ' ||
      serial.back() == ' ') {
    return No(absl::StrCat("the subject needs the device's serialNumber: 1 to ",
                           longest, " characters as a PrintableString"));
  }
  if (!absl::StartsWith(serial, profile.serial_prefix())) {
    return No(absl::StrCat("serial numbers of this profile begin with ",
                           profile.serial_prefix()));
  }
  MASA_RETURN_IF_ERROR(CheckOtherAttributes(request, profile.organization()));
  return request.alternative_names.empty()
             ? absl::StatusOr<std::string>(serial)
             : No("a device's certificate has no alternative names");
}

bool IsLowerCase(const std::string& name) {
  return std::none_of(name.begin(), name.end(),
                      [](unsigned char c) { return absl::ascii_isupper(c); });
}

absl::StatusOr<std::string> ServerOf(
    const masa::v1::EnrollmentProfile& profile,
    const wire::CertificationRequest& request) {
  if (request.dns_names.empty() || request.has_other_names) {
    return No(
        "a server's certificate has DNS names alone as alternative "
        "names, and one at least");
  }
  for (const std::string& name : request.dns_names) {
    const auto& suffixes = profile.dns_suffixes();
    if (!wire::IsHostName(name) || !IsLowerCase(name)) {
      return No(
          "a DNS name in the request is no host's name in lower case: labels "
          "of 1 to 63 letters, digits and inner hyphens");
    }
    if (std::none_of(suffixes.begin(), suffixes.end(),
                     [&name](const std::string& suffix) {
                       return absl::EndsWith(name, suffix);
                     })) {
      return No(
          "a DNS name in the request is not of the domains that this "
          "profile issues");
    }
  }
  MASA_ASSIGN_OR_RETURN(const std::string common,
                        TheOnly(request, wire::kNameCommonName, "common name"));
  if (!common.empty() && common != request.dns_names.front()) {
    return No("the subject's CN must be the first DNS name");
  }
  MASA_ASSIGN_OR_RETURN(
      const std::string serial,
      TheOnly(request, wire::kNameSerialNumber, "serialNumber"));
  if (!serial.empty()) {
    return No("a server's certificate has no serialNumber");
  }
  MASA_RETURN_IF_ERROR(CheckOtherAttributes(request, profile.organization()));
  return request.dns_names.front();
}

}  // namespace

absl::StatusOr<std::string> SubjectOf(
    const masa::v1::EnrollmentProfile& profile,
    const wire::CertificationRequest& request) {
  return profile.kind() == masa::v1::ENROLLMENT_KIND_IDEVID
             ? DeviceOf(profile, request)
             : ServerOf(profile, request);
}

}  // namespace masa::enrollment
