#include "services/masactl/offline/key_shares.h"

#include <google/protobuf/util/json_util.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "openssl/bytestring.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "services/masactl/phrases.h"
#include "services/signing/private_key.h"
#include "services/status/macros.h"
#include "services/verification/boring_verifier.h"

namespace masa::masactl {
namespace {

constexpr size_t kIdOctets = 16;
constexpr uint32_t kMostShares = 255;

absl::Status Bad(const std::string& name, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("share ", name, " ", what));
}

std::string Pkcs8Of(EVP_PKEY* key) {
  bssl::ScopedCBB cbb;
  uint8_t* octets = nullptr;
  size_t length = 0;
  if (CBB_init(cbb.get(), 256) != 1 ||
      EVP_marshal_private_key(cbb.get(), key) != 1 ||
      CBB_finish(cbb.get(), &octets, &length) != 1) {
    return "";
  }
  std::string der(reinterpret_cast<const char*>(octets), length);
  OPENSSL_cleanse(octets, length);
  OPENSSL_free(octets);
  return der;
}

bssl::UniquePtr<EVP_PKEY> KeyOfPkcs8(const std::string& der) {
  CBS cbs;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(der.data()), der.size());
  bssl::UniquePtr<EVP_PKEY> key(EVP_parse_private_key(&cbs));
  ERR_clear_error();
  return key;
}

bssl::UniquePtr<EVP_PKEY> KeyOfSpki(const std::string& der) {
  CBS cbs;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(der.data()), der.size());
  bssl::UniquePtr<EVP_PKEY> key(EVP_parse_public_key(&cbs));
  ERR_clear_error();
  return key;
}

void Append(absl::string_view octets, std::string* to) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    to->push_back(static_cast<char>(octets.size() >> shift));
  }
  to->append(octets.data(), octets.size());
}

// All but the signature, in one way only.
std::string SignedOctets(const masa::v1::KeyShare& share) {
  std::string octets = "MASA share of a key\n";
  Append(share.set_id(), &octets);
  for (const uint32_t number :
       {share.index(), share.threshold(), share.shares()}) {
    Append(absl::StrCat(number), &octets);
  }
  Append(share.spki_der(), &octets);
  Append(share.share(), &octets);
  return octets;
}

absl::Status CheckShare(const std::string& name,
                        const masa::v1::KeyShare& share) {
  if (share.index() < 1 || share.index() > share.shares() ||
      share.shares() > kMostShares || share.threshold() < 2 ||
      share.threshold() > share.shares() || share.share().empty()) {
    return Bad(name, "is none");
  }
  const auto key = KeyOfSpki(share.spki_der());
  const auto algorithm = key == nullptr ? absl::InvalidArgumentError("")
                                        : signing::AlgorithmOf(key.get());
  if (!algorithm.ok() ||
      !verification::BoringVerifier()
           .VerifySignature(*algorithm, share.spki_der(), SignedOctets(share),
                            share.signature())
           .ok()) {
    return Bad(name, "is damaged or was not made by its key");
  }
  return absl::OkStatus();
}

// All are of one splitting, and none is there twice.
absl::Status CheckSet(const std::vector<NamedShare>& shares) {
  std::set<uint32_t> indices;
  const masa::v1::KeyShare& first = shares.front().second;
  for (const auto& [name, share] : shares) {
    MASA_RETURN_IF_ERROR(CheckShare(name, share));
    if (share.spki_der() != first.spki_der()) {
      return Bad(name, absl::StrCat("is of another key than share ",
                                    shares.front().first));
    }
    if (share.set_id() != first.set_id()) {
      return Bad(name, absl::StrCat("is of another splitting than share ",
                                    shares.front().first));
    }
    if (!indices.insert(share.index()).second) {
      return Bad(name, "is there twice");
    }
  }
  if (indices.size() < first.threshold()) {
    return absl::InvalidArgumentError(absl::StrCat(
        Counted(first.threshold(), "share is", "shares are"), " needed, and ",
        indices.size(), indices.size() == 1 ? " is there" : " are there"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<masa::v1::KeyShare>> SplitKey(
    EVP_PKEY* key, int threshold, int shares, const FillRandom& random) {
  if (shares < 2 || shares > static_cast<int>(kMostShares)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a key has 2 to ", kMostShares, " shares, not ", shares));
  }
  if (threshold < 2 || threshold > shares) {
    return absl::InvalidArgumentError(
        absl::StrCat("2 to ", shares, " of ", shares,
                     " shares restore a key, not ", threshold));
  }
  MASA_RETURN_IF_ERROR(signing::AlgorithmOf(key).status());
  std::string secret = Pkcs8Of(key);
  std::string set_id(kIdOctets, '\0');
  random(&set_id);
  std::vector<masa::v1::KeyShare> made;
  for (SecretShare& one : SplitSecret(secret, threshold, shares, random)) {
    masa::v1::KeyShare share;
    share.set_set_id(set_id);
    share.set_index(one.index);
    share.set_threshold(threshold);
    share.set_shares(shares);
    share.set_spki_der(signing::SpkiDerOf(key));
    share.set_share(std::move(one.octets));
    MASA_ASSIGN_OR_RETURN(*share.mutable_signature(),
                          signing::SignWith(key, SignedOctets(share)));
    made.push_back(std::move(share));
  }
  OPENSSL_cleanse(secret.data(), secret.size());
  return made;
}

absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> RestoreKey(
    const std::vector<NamedShare>& shares) {
  if (shares.empty()) {
    return absl::InvalidArgumentError("there is no share");
  }
  MASA_RETURN_IF_ERROR(CheckSet(shares));
  const masa::v1::KeyShare& first = shares.front().second;
  std::vector<SecretShare> chosen;
  for (size_t i = 0; i < first.threshold(); ++i) {
    const masa::v1::KeyShare& share = shares[i].second;
    if (share.share().size() != first.share().size()) {
      return Bad(shares[i].first, "has another length");
    }
    chosen.push_back({static_cast<uint8_t>(share.index()), share.share()});
  }
  std::string secret = CombineShares(chosen);
  auto key = KeyOfPkcs8(secret);
  OPENSSL_cleanse(secret.data(), secret.size());
  if (key == nullptr || signing::SpkiDerOf(key.get()) != first.spki_der()) {
    return absl::InvalidArgumentError(
        "the shares restore no key that is theirs");
  }
  return key;
}

std::string ShareText(const masa::v1::KeyShare& share) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string text;
  (void)google::protobuf::util::MessageToJsonString(share, &text, options);
  return text;
}

absl::StatusOr<masa::v1::KeyShare> ParseShare(const std::string& text) {
  masa::v1::KeyShare share;
  return google::protobuf::util::JsonStringToMessage(text, &share).ok()
             ? absl::StatusOr<masa::v1::KeyShare>(std::move(share))
             : absl::InvalidArgumentError("that is no share of a key");
}

}  // namespace masa::masactl
