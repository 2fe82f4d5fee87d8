// How versions of a key are named towards signers: version 2 of key `k` is
// `k@2`; `k` alone is what the signer's configuration names. Pure.
#ifndef SERVICES_SIGNING_KEY_NAMES_H_
#define SERVICES_SIGNING_KEY_NAMES_H_

#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace masa::signing {

struct KeyName {
  std::string key;
  int32_t version = 0;  // 0: the key alone
};

inline std::string NameOf(const KeyName& name) {
  return name.version == 0 ? name.key
                           : absl::StrCat(name.key, "@", name.version);
}

// What is not the name of a version is the name of a key.
inline KeyName ParseKeyName(const std::string& name) {
  const size_t at = name.rfind('@');
  KeyName parsed;
  if (at != std::string::npos && at > 0 &&
      absl::SimpleAtoi(name.substr(at + 1), &parsed.version) &&
      parsed.version > 0) {
    parsed.key = name.substr(0, at);
    if (NameOf(parsed) == name) {
      return parsed;
    }
  }
  return {name, 0};
}

// Letters, digits and . _ -, and no dot at first: safe as a label of an HSM and
// as the name of a file.
inline bool IsPlainKeyName(const std::string& key) {
  constexpr size_t kLongest = 64;
  return !key.empty() && key.size() <= kLongest && key.front() != '.' &&
         key.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             "._-") == std::string::npos;
}

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_KEY_NAMES_H_
