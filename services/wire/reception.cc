#include "services/wire/reception.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "services/status/macros.h"
#include "services/wire/base64.h"
#include "services/wire/media_type.h"
#include "services/wire/voucher_request.h"

namespace masa::wire {
namespace {

// The artifact when `body` is its base64, in one line or several.
std::string FromBase64(absl::string_view body) {
  std::string packed;
  for (const char c : body) {
    if (!absl::ascii_isspace(static_cast<unsigned char>(c))) {
      packed.push_back(c);
    }
  }
  return DecodeBase64(packed).value_or("");
}

}  // namespace

absl::StatusOr<Reception> Receive(absl::string_view content_type,
                                  absl::string_view body, bool forgive) {
  Reception reception;
  const auto format = FormatOfContentType(content_type);
  if (format.ok()) {
    reception.format = *format;
  } else if (forgive && IsFossilMediaType(content_type)) {
    reception.format = masa::v1::FORMAT_CMS_JSON;
    reception.forgiven.media_type = true;
  } else {
    return format.status();
  }
  std::string decoded;
  if (forgive && LooksLike(body) != reception.format) {
    decoded = FromBase64(body);
  }
  reception.forgiven.base64 = LooksLike(decoded) == reception.format;
  reception.artifact =
      reception.forgiven.base64 ? std::move(decoded) : std::string(body);
  return reception;
}

std::string AnswerTypeFor(const Reception& reception,
                          absl::string_view content_type,
                          absl::string_view accept) {
  // The drafts' answer to smime-type=voucher-request had its own parameter.
  if (reception.forgiven.media_type) {
    return absl::StartsWithIgnoreCase(content_type, "application/pkcs7-mime")
               ? "application/pkcs7-mime; smime-type=voucher"
               : "application/voucher+cms";
  }
  return std::string(AnswerMediaType(reception.format, content_type, accept));
}

std::string AnswerBodyFor(const Reception& reception, std::string artifact) {
  return reception.forgiven.base64 ? absl::Base64Escape(artifact) : artifact;
}

}  // namespace masa::wire
