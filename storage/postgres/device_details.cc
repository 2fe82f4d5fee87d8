#include "storage/postgres/device_details.h"

#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/postgres/rows.h"

namespace masa::storage {
namespace {

using Members = std::map<std::string, std::string>;

void Put(Members& members, const char* name, std::string value) {
  if (!value.empty()) {
    members[name] = std::move(value);
  }
}

std::string Micros(const std::optional<absl::Time>& time) {
  return time ? absl::StrCat(absl::ToUnixMicros(*time)) : "";
}

std::string Octets(const std::string& base64) {
  std::string octets;
  return absl::Base64Unescape(base64, &octets) ? octets : "";
}

std::optional<absl::Time> TimeOf(const std::string& micros) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(micros, &value)) {
    return std::nullopt;
  }
  return absl::FromUnixMicros(value);
}

}  // namespace

std::string EncodeDetails(const DeviceDetails& details) {
  if (details == DeviceDetails()) {
    return "{}";  // most devices
  }
  Members members;
  Put(members, "hw_version", details.hw_version);
  Put(members, "ek_cert", absl::Base64Escape(details.ek_cert_der));
  Put(members, "ppk", absl::Base64Escape(details.ppk_public_key_der));
  Put(members, "manufactured_at", Micros(details.manufactured_at));
  Put(members, "shipped_at", Micros(details.shipped_at));
  Put(members, "sales_order", details.sales_order);
  return EncodeLabels(members);
}

DeviceDetails ParseDetails(const std::string& json) {
  DeviceDetails details;
  Members members = ParseLabels(json);
  if (members.empty()) {
    return details;
  }
  details.hw_version = std::move(members["hw_version"]);
  details.ek_cert_der = Octets(members["ek_cert"]);
  details.ppk_public_key_der = Octets(members["ppk"]);
  details.manufactured_at = TimeOf(members["manufactured_at"]);
  details.shipped_at = TimeOf(members["shipped_at"]);
  details.sales_order = std::move(members["sales_order"]);
  return details;
}

}  // namespace masa::storage
