#include "services/transparency/signed_note.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "openssl/bytestring.h"
#include "openssl/curve25519.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/sha.h"
#include "openssl/x509.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::transparency {
namespace {

constexpr char kEd25519 = 1;
constexpr size_t kIdOctets = 4;
constexpr absl::string_view kDash = "\u2014 ";

// Tells keys of one name apart.
std::string IdOf(const NoteKey& key) {
  const std::string text =
      absl::StrCat(key.name, "\n", std::string(1, kEd25519), key.public_key);
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), kIdOctets);
}

absl::Status NoNote() {
  return Refuse(Reason::kMalformed, "the text is no signed note");
}

bool Verifies(absl::string_view text, absl::string_view signature,
              const NoteKey& key) {
  return signature.size() == ED25519_SIGNATURE_LEN &&
         key.public_key.size() == ED25519_PUBLIC_KEY_LEN &&
         ED25519_verify(
             reinterpret_cast<const uint8_t*>(text.data()), text.size(),
             reinterpret_cast<const uint8_t*>(signature.data()),
             reinterpret_cast<const uint8_t*>(key.public_key.data())) == 1;
}

// The signature of the key on one line, or nothing: it is of another one.
std::string SignatureOn(absl::string_view line, const NoteKey& key) {
  std::string octets;
  return absl::ConsumePrefix(&line, kDash) &&
                 absl::ConsumePrefix(&line, absl::StrCat(key.name, " ")) &&
                 absl::Base64Unescape(line, &octets) &&
                 octets.substr(0, kIdOctets) == IdOf(key)
             ? octets.substr(kIdOctets)
             : "";
}

}  // namespace

std::string VerifierKeyOf(const NoteKey& key) {
  return absl::StrCat(
      key.name, "+", absl::BytesToHexString(IdOf(key)), "+",
      absl::Base64Escape(std::string(1, kEd25519) + key.public_key));
}

absl::StatusOr<NoteKey> ParseVerifierKey(absl::string_view text) {
  // The key itself may have a plus in its base64.
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('+', 2));
  std::string octets;
  if (parts.size() == 3 && wire::IsOrigin(parts[0]) &&
      absl::Base64Unescape(parts[2], &octets) &&
      octets.size() == 1 + ED25519_PUBLIC_KEY_LEN && octets[0] == kEd25519) {
    NoteKey key{std::string(parts[0]), octets.substr(1)};
    if (VerifierKeyOf(key) == text) {
      return key;
    }
  }
  return Refuse(Reason::kMalformed,
                "a log's key is written as name+hash+base64, and is Ed25519");
}

absl::StatusOr<NoteKey> NoteKeyOf(const std::string& name,
                                  const std::string& certificate_der) {
  const auto* at = reinterpret_cast<const uint8_t*>(certificate_der.data());
  const bssl::UniquePtr<X509> certificate(
      d2i_X509(nullptr, &at, certificate_der.size()));
  const bssl::UniquePtr<EVP_PKEY> key(
      certificate == nullptr ? nullptr : X509_get_pubkey(certificate.get()));
  std::string octets(ED25519_PUBLIC_KEY_LEN, '\0');
  size_t length = octets.size();
  if (key == nullptr || EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(
          key.get(), reinterpret_cast<uint8_t*>(octets.data()), &length) != 1) {
    ERR_clear_error();
    return Refuse(Reason::kMisconfigured,
                  "the key of the audit log is not Ed25519");
  }
  return NoteKey{name, std::move(octets)};
}

std::string NoteOf(absl::string_view text, const NoteKey& key,
                   absl::string_view signature) {
  return absl::StrCat(text, "\n", kDash, key.name, " ",
                      absl::Base64Escape(absl::StrCat(IdOf(key), signature)),
                      "\n");
}

absl::StatusOr<wire::Checkpoint> OpenCheckpoint(absl::string_view note,
                                                const NoteKey& key) {
  constexpr size_t kMostSignatures = 16;
  const size_t blank = note.rfind("\n\n");
  if (blank == absl::string_view::npos || note.back() != '\n') {
    return NoNote();
  }
  const absl::string_view text = note.substr(0, blank + 1);
  const std::vector<absl::string_view> lines =
      absl::StrSplit(note.substr(blank + 2), '\n');
  bool is_signed = false;
  for (size_t i = 0; i < lines.size() && i < kMostSignatures; ++i) {
    const std::string signature = SignatureOn(lines[i], key);
    if (signature.empty()) {
      continue;
    }
    if (!Verifies(text, signature, key)) {
      return Refuse(Reason::kSignatureInvalid,
                    "the checkpoint is not signed by the log's key");
    }
    is_signed = true;
  }
  if (!is_signed) {
    return Refuse(Reason::kSignatureInvalid,
                  "the checkpoint has no signature of the log's key");
  }
  MASA_ASSIGN_OR_RETURN(wire::Checkpoint checkpoint,
                        wire::ParseCheckpoint(text));
  if (checkpoint.origin != key.name) {
    return Refuse(Reason::kSignatureInvalid,
                  "the checkpoint is one of another log");
  }
  return checkpoint;
}

}  // namespace masa::transparency
