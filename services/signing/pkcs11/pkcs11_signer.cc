#include "services/signing/pkcs11/pkcs11_signer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "openssl/bytestring.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "services/signing/pkcs11/hsm_refusal.h"
#include "services/signing/pkcs11/mechanism.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/verification/boring_verifier.h"
#include "services/verification/hot_key.h"

namespace masa::signing {
namespace {

// No artifact begins like this, so a signature over it is worth nothing.
constexpr absl::string_view kKeyCheck = "MASA checks at start that a key signs";
constexpr absl::Duration kLongestKeyCheck = absl::Seconds(10);

std::string SpkiOf(EVP_PKEY* key) {
  bssl::ScopedCBB cbb;
  uint8_t* octets = nullptr;
  size_t length = 0;
  if (CBB_init(cbb.get(), 128) != 1 ||
      EVP_marshal_public_key(cbb.get(), key) != 1 ||
      CBB_finish(cbb.get(), &octets, &length) != 1) {
    return "";
  }
  std::string der(reinterpret_cast<const char*>(octets), length);
  OPENSSL_free(octets);
  return der;
}

}  // namespace

struct Pkcs11Signer::Key {
  size_t number = 0;  // in the pool
  std::unique_ptr<const KeyGuard> guard;
  std::string spki_der;
  std::unique_ptr<const verification::HotKey> table;  // none: by BoringSSL

  SignatureAlgorithm algorithm() const {
    return guard->description().algorithm;
  }

  // What the HSM answered for this message, when it is this key's signature.
  absl::StatusOr<std::string> Release(absl::string_view message,
                                      std::string answer) const {
    MASA_ASSIGN_OR_RETURN(std::string signature,
                          SignatureOf(algorithm(), std::move(answer)));
    if ((table != nullptr && table->Verifies(message, signature)) ||
        verification::BoringVerifier()
            .VerifySignature(algorithm(), spki_der, message, signature)
            .ok()) {
      return signature;
    }
    return HsmUnavailable(
        absl::StrCat("answered with what is no signature of key ",
                     guard->description().name));
  }
};

Pkcs11Signer::Pkcs11Signer() = default;
Pkcs11Signer::~Pkcs11Signer() = default;

absl::StatusOr<std::unique_ptr<Pkcs11Signer>> Pkcs11Signer::New(
    std::shared_ptr<Pkcs11Module> module, SessionPoolOptions pool,
    const std::vector<Pkcs11Key>& keys, TokenEvents& events) {
  std::unique_ptr<Pkcs11Signer> signer(new Pkcs11Signer());
  for (const Pkcs11Key& source : keys) {
    auto key = std::make_unique<Key>();
    key->number = pool.keys.size();
    MASA_ASSIGN_OR_RETURN(key->guard, KeyGuard::New(source.key));
    key->spki_der = SpkiOf(key->guard->public_key());
    key->table = verification::HotKey::New(key->spki_der);
    pool.keys.push_back(source.in_token);
    if (!signer->keys_.emplace(source.key.name, std::move(key)).second) {
      return KeyGuard::Wrong(source.key.name, "two keys have this name");
    }
  }
  signer->pool_ =
      std::make_unique<SessionPool>(std::move(module), pool, events);
  MASA_RETURN_IF_ERROR(signer->CheckKeys());
  return signer;
}

absl::Status Pkcs11Signer::CheckKeys() const {
  for (const auto& [name, key] : keys_) {
    MASA_RETURN_IF_ERROR(CheckKey(*key));
  }
  return absl::OkStatus();
}

absl::Status Pkcs11Signer::CheckKey(const Key& key) const {
  const std::string& name = key.guard->description().name;
  const std::vector<TokenReport> tokens = pool_->Report();
  bool is_any_open = false, is_found = false;
  for (size_t i = 0; i < tokens.size(); ++i) {
    is_any_open |= tokens[i].open;
    if (!tokens[i].open || tokens[i].keys[key.number].found == 0) {
      continue;
    }
    if (tokens[i].keys[key.number].found > 1) {
      return KeyGuard::Wrong(
          name, absl::StrCat("token ", tokens[i].label,
                             " has more than one such key; name it by id too"));
    }
    is_found = true;
    const auto answers =
        pool_->Sign(absl::Now() + kLongestKeyCheck, key.number,
                    MechanismFor(key.algorithm()),
                    {InputFor(key.algorithm(), kKeyCheck)}, uint32_t{1} << i);
    if (answers[0].ok() && !key.Release(kKeyCheck, *answers[0]).ok()) {
      return KeyGuard::Wrong(
          name, absl::StrCat("the first certificate of the chain is not that "
                             "of the key in token ",
                             tokens[i].label));
    }
  }
  return is_any_open && !is_found
             ? KeyGuard::Wrong(name, "no token that is open has such a key")
             : absl::OkStatus();
}

std::vector<std::string> Pkcs11Signer::Report() const {
  std::vector<std::string> lines;
  for (const TokenReport& token : pool_->Report()) {
    if (!token.open) {
      lines.push_back(
          absl::StrCat("token ", token.label, " is not open: ", token.why));
      continue;
    }
    for (const auto& [name, key] : keys_) {
      const TokenKey& found = token.keys[key->number];
      lines.push_back(absl::StrCat(
          "token ", token.label, found.found == 1 ? " has" : " lacks", " key ",
          name,
          found.extractable ? ", which could leave it (CKA_EXTRACTABLE)" : ""));
    }
  }
  return lines;
}

std::vector<absl::StatusOr<std::string>> Pkcs11Signer::Sign(
    const RequestContext& context, const std::string& key,
    absl::Span<const ToBeSigned> items) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) {
    return std::vector<absl::StatusOr<std::string>>(items.size(),
                                                    KeyGuard::Unknown(key));
  }
  const Key& ours = *found->second;
  std::vector<absl::StatusOr<std::string>> signatures;
  const std::vector<size_t> good = ours.guard->CheckAll(items, &signatures);
  std::vector<std::string> inputs;
  inputs.reserve(good.size());
  for (const size_t i : good) {
    inputs.push_back(InputFor(ours.algorithm(), items[i].octets()));
  }
  auto answers = pool_->Sign(context.deadline, ours.number,
                             MechanismFor(ours.algorithm()), std::move(inputs));
  for (size_t i = 0; i < good.size(); ++i) {
    signatures[good[i]] =
        answers[i].ok()
            ? ours.Release(items[good[i]].octets(), *std::move(answers[i]))
            : std::move(answers[i]);
  }
  return signatures;
}

absl::StatusOr<KeyDescription> Pkcs11Signer::Describe(
    const RequestContext& context, const std::string& key) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) {
    return KeyGuard::Unknown(key);
  }
  if (pool_->IsBroken()) {
    return HsmUnavailable("is not reachable; see the log for its answer");
  }
  return found->second->guard->description();
}

}  // namespace masa::signing
