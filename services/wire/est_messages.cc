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
#include "services/wire/secret_octets.h"
#include "services/wire/x509_write.h"

namespace masa::wire {
namespace {

constexpr absl::string_view kVersion1("\x02\x01\x01", 3);
absl::Status NotBase64(absl::string_view what) {
  return Refuse(
      Reason::kMalformed,
      absl::StrCat("the body is not base64 of DER (RFC 8951): ", what));
}

}  // namespace

absl::StatusOr<std::string> DecodeEstBody(absl::string_view body) {
  std::optional<std::string> octets = DecodeBase64(body);
  if (octets && !octets->empty()) {
    return *std::move(octets);  // in one line, as nearly all send it
  }
  std::string text;
  text.reserve(body.size());
  std::copy_if(body.begin(), body.end(), std::back_inserter(text), [](char c) {
    return c != '\r' && c != '\n' && c != ' ' && c != '\t';
  });
  if (text.empty()) {
    return NotBase64("it is empty");
  }
  octets = DecodeBase64(text);
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
  // The octets may be a key: nothing is left of what these strings grew out of.
  std::string whole;
  whole.reserve(octets.size() / 3 * 4 + 5);
  AppendBase64(octets, &whole);
  if (!wrapped) {
    whole += '\n';
    return whole;
  }
  std::string lines;
  lines.reserve(whole.size() + whole.size() / kLine + 1);
  for (size_t at = 0; at < whole.size(); at += kLine) {
    absl::StrAppend(&lines, absl::string_view(whole).substr(at, kLine), "\n");
  }
  Wipe(&whole);
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

}  // namespace masa::wire
