#include "load-tests/hammer/enrollment_work.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "load-tests/hammer/https_line.h"
#include "openssl/bytestring.h"
#include "openssl/ec_key.h"
#include "openssl/nid.h"
#include "openssl/pkcs7.h"
#include "openssl/pool.h"
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

// The one of a certs-only answer in base64.
absl::StatusOr<std::string> CertificateIn(const std::string& answer) {
  std::string der;
  bssl::UniquePtr<STACK_OF(CRYPTO_BUFFER)> found(sk_CRYPTO_BUFFER_new_null());
  if (!absl::Base64Unescape(answer, &der)) {
    return absl::UnknownError("the answer is no base64");
  }
  CBS cbs;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(der.data()), der.size());
  if (PKCS7_get_raw_certificates(found.get(), &cbs, nullptr) != 1 ||
      sk_CRYPTO_BUFFER_num(found.get()) != 1) {
    return absl::UnknownError("the answer has not one certificate");
  }
  const CRYPTO_BUFFER* one = sk_CRYPTO_BUFFER_value(found.get(), 0);
  return std::string(reinterpret_cast<const char*>(CRYPTO_BUFFER_data(one)),
                     CRYPTO_BUFFER_len(one));
}

class EnrollmentWork final : public Operation {
 public:
  EnrollmentWork(const Work& work, const MintedEnrollments& minted, int client,
                 const testing::HttpsServer& server, Journal& journal)
      : requests_(minted.requests[client]),
        line_(server, minted.line, work.one_shot()),
        journal_(journal) {}

  absl::StatusOr<int> Run() override {
    if (next_ == requests_.size()) {
      return absl::OutOfRangeError("all devices are enrolled");
    }
    const MintedEnrollments::Request& request = requests_[next_++];
    const auto answer = line_.Post(kPath, kType, request.body);
    if (!answer.ok()) {
      return answer.status();
    }
    const auto certificate_der = CertificateIn(*answer);
    if (!certificate_der.ok()) {
      return certificate_der.status();
    }
    journal_.Enrolled(request.serial, *certificate_der);
    return 1;
  }

 private:
  const std::vector<MintedEnrollments::Request>& requests_;
  HttpsLine line_;
  Journal& journal_;
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
    const std::string serial = absl::StrCat(prefix, i);
    minted.requests[i % clients].push_back(
        {serial, testing::Base64(testing::MakeRequest(
                     testing::ForDevice(serial), key.get()))});
  }
  return minted;
}

std::unique_ptr<Operation> MakeEnrollmentWork(
    const Work& work, const MintedEnrollments& minted, int client,
    const testing::HttpsServer& server, Journal& journal) {
  return std::make_unique<EnrollmentWork>(work, minted, client, server,
                                          journal);
}

}  // namespace masa::hammer
