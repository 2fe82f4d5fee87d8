#include "services/wire/voucher.h"

#include "services/wire/base64.h"
#include "services/wire/json_text.h"
#include "services/wire/rfc3339.h"

namespace masa::wire {
namespace {

struct AssertionRow {
  masa::v1::Assertion assertion;
  absl::string_view name;
};

// In the order of YANG's enum values.
constexpr AssertionRow kAssertions[] = {
    {masa::v1::ASSERTION_VERIFIED, "verified"},
    {masa::v1::ASSERTION_LOGGED, "logged"},
    {masa::v1::ASSERTION_PROXIMITY, "proximity"},
    {masa::v1::ASSERTION_AGENT_PROXIMITY, "agent-proximity"},
};

void Append(absl::string_view text, std::string* out) {
  out->append(text.data(), text.size());
}

void AppendPin(const Voucher& voucher, absl::string_view certificate_base64,
               std::string* out) {
  if (!voucher.pinned_domain_pubk_der.empty()) {
    Append(R"(,"pinned-domain-pubk":")", out);
    AppendBase64(voucher.pinned_domain_pubk_der, out);
  } else if (!voucher.pinned_domain_pubk_sha256.empty()) {
    Append(R"(,"pinned-domain-pubk-sha256":")", out);
    AppendBase64(voucher.pinned_domain_pubk_sha256, out);
  } else {
    Append(R"(,"pinned-domain-cert":")", out);
    Append(certificate_base64, out);
  }
  out->push_back('"');
}

void AppendUri(absl::string_view name, absl::string_view uri,
               std::string* out) {
  if (!uri.empty()) {
    Append(",\"", out);
    Append(name, out);
    Append("\":", out);
    AppendJsonString(uri, out);
  }
}

}  // namespace

absl::string_view AssertionName(masa::v1::Assertion assertion) {
  for (const AssertionRow& row : kAssertions) {
    if (row.assertion == assertion) {
      return row.name;
    }
  }
  return "";
}

masa::v1::Assertion AssertionNamed(absl::string_view name) {
  for (const AssertionRow& row : kAssertions) {
    if (row.name == name) {
      return row.assertion;
    }
  }
  return masa::v1::ASSERTION_UNSPECIFIED;
}

masa::v1::Assertion AssertionNumbered(uint64_t number) {
  return number < sizeof(kAssertions) / sizeof(kAssertions[0])
             ? kAssertions[number].assertion
             : masa::v1::ASSERTION_UNSPECIFIED;
}

absl::StatusOr<Voucher> ParseVoucherContent(masa::v1::Format format,
                                            absl::string_view content) {
  return format == masa::v1::FORMAT_COSE_CBOR ? ParseVoucherCbor(content)
                                              : ParseVoucherJson(content);
}

std::string AuthorityKeyIdExtension(absl::string_view key_id) {
  const char size = static_cast<char>(key_id.size());
  const char header[] = {'\x04', static_cast<char>(size + 4),
                         '\x30', static_cast<char>(size + 2),
                         '\x80', size};
  std::string out(header, sizeof(header));
  Append(key_id, &out);
  return out;
}

std::string EncodeVoucherJson(const Voucher& voucher,
                              absl::string_view pinned_domain_cert_base64) {
  constexpr size_t kNamesAndTimes = 384;
  std::string out;
  out.reserve(kNamesAndTimes + voucher.serial_number.size() +
              pinned_domain_cert_base64.size());
  Append(R"({"ietf-voucher:voucher":{"assertion":")", &out);
  Append(AssertionName(voucher.assertion), &out);
  Append(R"(","created-on":")", &out);
  AppendRfc3339(voucher.created_on, &out);
  if (voucher.expires_on) {
    Append(R"(","expires-on":")", &out);
    AppendRfc3339(*voucher.expires_on, &out);
  }
  Append(R"(","serial-number":)", &out);
  AppendJsonString(voucher.serial_number, &out);
  if (voucher.idevid_issuer) {
    Append(R"(,"idevid-issuer":")", &out);
    AppendBase64(*voucher.idevid_issuer, &out);
    out.push_back('"');
  }
  AppendPin(voucher, pinned_domain_cert_base64, &out);
  if (voucher.domain_cert_revocation_checks) {
    Append(R"(,"domain-cert-revocation-checks":true)", &out);
  }
  AppendUri("est-domain", voucher.est_domain, &out);
  AppendUri("additional-configuration-url",
            voucher.additional_configuration_url, &out);
  if (voucher.nonce) {
    Append(R"(,"nonce":)", &out);
    AppendJsonString(*voucher.nonce, &out);
  }
  Append("}}", &out);
  return out;
}

}  // namespace masa::wire
