#include "load-tests/hammer/enrollment_work.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "load-tests/hammer/https_line.h"
#include "openssl/ec_key.h"
#include "openssl/nid.h"
#include "services/testing/certification_requests.h"
#include "services/testing/sign_request.h"

namespace masa::hammer {
namespace {

constexpr char kPath[] = "/.well-known/est/simpleenroll";
constexpr char kType[] = "application/pkcs10";

bssl::UniquePtr<EVP_PKEY> NewKey() {
  bssl::UniquePtr<EC_KEY> curve(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  if (EC_KEY_generate_key(curve.get()) != 1 ||
      EVP_PKEY_set1_EC_KEY(key.get(), curve.get()) != 1) {
    std::fprintf(stderr, "hammer: a device's key cannot be made\n");
    std::exit(1);
  }
  return key;
}

class EnrollmentWork final : public Operation {
 public:
  EnrollmentWork(const Work& work, const MintedEnrollments& minted, int client,
                 const testing::HttpsServer& server)
      : requests_(minted.requests[client]),
        line_(server, minted.line, work.one_shot()) {}

  absl::StatusOr<int> Run() override {
    if (next_ == requests_.size()) {
      return absl::OutOfRangeError("all devices are enrolled");
    }
    const auto certificate = line_.Post(kPath, kType, requests_[next_++]);
    return certificate.ok() ? absl::StatusOr<int>(1) : certificate.status();
  }

 private:
  const std::vector<std::string>& requests_;
  HttpsLine line_;
  size_t next_ = 0;
};

}  // namespace

MintedEnrollments MintEnrollments(testing::Identity line,
                                  const std::string& prefix, int count,
                                  int clients) {
  MintedEnrollments minted;
  minted.line = std::move(line);
  minted.requests.resize(clients);
  for (int i = 0; i < count; ++i) {
    const auto key = NewKey();
    minted.requests[i % clients].push_back(testing::Base64(testing::MakeRequest(
        testing::ForDevice(absl::StrCat(prefix, i)), key.get())));
  }
  return minted;
}

std::unique_ptr<Operation> MakeEnrollmentWork(
    const Work& work, const MintedEnrollments& minted, int client,
    const testing::HttpsServer& server) {
  return std::make_unique<EnrollmentWork>(work, minted, client, server);
}

}  // namespace masa::hammer
