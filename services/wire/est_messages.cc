#include "services/wire/est_messages.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "services/wire/base64.h"
#include "services/wire/der.h"
#include "services/wire/x509_write.h"

namespace masa::wire {
namespace {

constexpr absl::string_view kVersion1("\x02\x01\x01", 3);
constexpr absl::string_view kEcPublicKey("\x2a\x86\x48\xce\x3d\x02\x01", 7);
constexpr absl::string_view kP256("\x2a\x86\x48\xce\x3d\x03\x01\x07", 8);
constexpr absl::string_view kP384("\x2b\x81\x04\x00\x22", 5);
constexpr absl::string_view kEd25519("\x2b\x65\x70", 3);
constexpr absl::string_view kRsaEncryption(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9);
constexpr absl::string_view kRsaBits("\x02\x02\x08\x00", 4);  // 2048
constexpr absl::string_view kExtensionRequest(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e", 9);
constexpr absl::string_view kChallengePassword(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x07", 9);
constexpr absl::string_view kExtendedKeyUsage("\x55\x1d\x25", 3);

absl::Status NotBase64(absl::string_view what) {
  return Refuse(
      Reason::kMalformed,
      absl::StrCat("the body is not base64 of DER (RFC 8951): ", what));
}

std::string Attribute(absl::string_view type, absl::string_view values) {
  return Element(kSequence, Element(kOid, type) + Element(kSet, values));
}

bool Has(const std::vector<KeyShape>& keys, KeyShape key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// RFC 9908 section 3.2: of a key type, its parameters as the values.
std::string KeyTypes(const std::vector<KeyShape>& keys) {
  std::string curves;
  if (Has(keys, KeyShape::kP256)) {
    curves += Element(kOid, kP256);
  }
  if (Has(keys, KeyShape::kP384)) {
    curves += Element(kOid, kP384);
  }
  std::string list;
  if (!curves.empty()) {
    list += Attribute(kEcPublicKey, curves);
  }
  if (Has(keys, KeyShape::kRsa)) {
    list += Attribute(kRsaEncryption, kRsaBits);
  }
  if (Has(keys, KeyShape::kEd25519)) {
    list += Element(kOid, kEd25519);
  }
  return list;
}

}  // namespace

absl::StatusOr<std::string> DecodeEstBody(absl::string_view body) {
  std::string text;
  text.reserve(body.size());
  std::copy_if(body.begin(), body.end(), std::back_inserter(text), [](char c) {
    return c != '\r' && c != '\n' && c != ' ' && c != '\t';
  });
  if (text.empty()) {
    return NotBase64("it is empty");
  }
  std::optional<std::string> octets = DecodeBase64(text);
  if (octets) {
    return *std::move(octets);
  }
  if (absl::StartsWith(body, "-----BEGIN")) {
    return NotBase64("it is PEM; leave out its first and last line");
  }
  return NotBase64(body[0] == '\x30' && body.size() > 1 && (body[1] & 0x80) != 0
                       ? "it is DER itself"
                       : "there are other characters, or it is cut off");
}

std::string EncodeEstBody(absl::string_view octets, bool wrapped) {
  constexpr size_t kLine = 64;
  std::string whole;
  AppendBase64(octets, &whole);
  if (!wrapped) {
    return whole + "\n";
  }
  std::string lines;
  for (size_t at = 0; at < whole.size(); at += kLine) {
    absl::StrAppend(&lines, whole.substr(at, kLine), "\n");
  }
  return lines;
}

bool WantsWrappedBase64(absl::string_view user_agent) {
  return absl::StrContains(absl::AsciiStrToLower(user_agent), "libest");
}

std::string Base64Of(absl::string_view octets) {
  std::string text;
  AppendBase64(octets, &text);
  return text;
}

absl::StatusOr<std::string> OctetsOfBase64(absl::string_view text) {
  std::optional<std::string> octets = DecodeBase64(text);
  if (!octets) {
    return Refuse(Reason::kMalformed, "that is not base64");
  }
  return *std::move(octets);
}

std::string EncodeCertsOnly(const std::vector<std::string>& certificates_der) {
  std::string certificates;
  for (const std::string& der : certificates_der) {
    certificates += der;
  }
  std::string contents(kVersion1);
  contents += Element(kSet, "");  // no digests
  contents += Element(kSequence, Element(kOid, kOidData));
  contents += Element(kContext0, certificates);
  contents += Element(kSet, "");  // no signers
  return Element(kSequence,
                 Element(kOid, kOidSignedData) +
                     Element(kContext0, Element(kSequence, contents)));
}

std::string EncodeCsrAttributes(const CsrAttributes& attributes) {
  std::string list = KeyTypes(attributes.keys);
  std::string purposes;
  for (const std::string& purpose : attributes.extended_key_usages) {
    purposes += OidDer(purpose).value_or("");
  }
  if (!purposes.empty()) {
    list += Attribute(
        kExtensionRequest,
        Element(kSequence, ExtensionDer(kExtendedKeyUsage, false,
                                        Element(kSequence, purposes))));
  }
  if (attributes.challenge_password) {
    list += Element(kOid, kChallengePassword);
  }
  return Element(kSequence, list);
}

}  // namespace masa::wire
