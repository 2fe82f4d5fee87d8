// The figures voucher_batch_cms, _jws and _cose: whole vouchers in batches of
// 256 against BoringSSL's bare ECDSA_sign, both measured in CPU time,
// interleaved, on one core. The format is the one argument that is not a flag;
// prints the line that sandbox.md promises.
#include "services/issuance/voucher_batch.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "openssl/ec_key.h"
#include "openssl/ecdsa.h"
#include "openssl/evp.h"
#include "openssl/sha.h"
#include "services/signing/local_signer.h"
#include "services/testing/requests.h"
#include "services/testing/test_pki.h"
#include "services/wire/voucher.h"
#include "services/wire/voucher_template.h"

namespace masa {
namespace {

constexpr int kBatch = 256;
constexpr char kRaw[] = "ecdsa_sign";

// A benchmark whose own work failed has no figure to show.
void Require(bool held, const char* what) {
  if (!held) {
    std::fprintf(stderr, "voucher_batch: %s\n", what);
    std::exit(1);
  }
}

absl::Time Now() {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 24, 3, 0, 0),
                         absl::UTCTimeZone());
}

testing::CertificateSpec Spec(const std::string& name, bool is_ca) {
  testing::CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = Now() - absl::Hours(24);
  spec.not_after = Now() + absl::Hours(24 * 365);
  spec.is_ca = is_ca;
  return spec;
}

// What stands before the first voucher: one key, its chain of two, its
// template, and 256 devices that ask.
class Workshop {
 public:
  explicit Workshop(masa::v1::Format format) {
    signing::LocalKeySource source;
    source.key.name = kKey;
    source.private_key_pem = masa_.KeyPem();
    source.key.chain_pem = masa_.CertificatePem() + root_.CertificatePem();
    source.key.kinds = {signing::KindOf(format)};
    auto signer = signing::LocalSigner::New({source});
    Require(signer.ok(), "the signer does not open");
    signer_ = *std::move(signer);
    auto made = wire::VoucherTemplate::Create(
        format, {masa_.CertificateDer(), root_.CertificateDer()},
        SignatureAlgorithm::kEcdsaP256Sha256, {});
    Require(made.ok(), "the template cannot be made");
    template_ = std::make_unique<wire::VoucherTemplate>(*std::move(made));
    const std::string pin = domain_.CertificateDer();
    pin_base64_ = testing::Base64(pin);
    for (int i = 0; i < kBatch; ++i) {
      wire::Voucher voucher;
      voucher.assertion = masa::v1::ASSERTION_PROXIMITY;
      voucher.created_on = Now();
      voucher.serial_number = "DEMO-" + std::to_string(100000 + i);
      voucher.nonce = testing::Base64(std::string(16, static_cast<char>(i)));
      voucher.pinned_domain_cert_der = pin;
      vouchers_.push_back(voucher);
    }
  }

  // Prepares, lints, signs and finishes one voucher per device, as the service
  // does.
  std::vector<absl::StatusOr<std::string>> MakeBatch() const {
    auto artifacts =
        issuance::MakeVouchers({}, vouchers_, *template_, *signer_, kKey);
    for (const auto& artifact : artifacts) {
      Require(artifact.ok(), "a voucher was refused");
    }
    return artifacts;
  }

  EC_KEY* key() const { return EVP_PKEY_get0_EC_KEY(masa_.key.get()); }

 private:
  static constexpr char kKey[] = "bench";
  testing::Identity root_ = testing::MakeIdentity(Spec("root", true));
  testing::Identity masa_ = testing::MakeIdentity(Spec("masa", false), &root_);
  testing::Identity domain_ = testing::MakeIdentity(Spec("domain", true));
  std::unique_ptr<signing::LocalSigner> signer_;
  std::unique_ptr<wire::VoucherTemplate> template_;
  std::string pin_base64_;
  std::vector<wire::Voucher> vouchers_;
};

void VoucherBatch(benchmark::State& state, const Workshop& workshop) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(workshop.MakeBatch());
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}

void EcdsaSign(benchmark::State& state, const Workshop& workshop) {
  EC_KEY* key = workshop.key();
  const uint8_t digest[SHA256_DIGEST_LENGTH] = {1};
  std::vector<uint8_t> signature(ECDSA_size(key));
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i) {
      unsigned length = 0;
      Require(ECDSA_sign(0, digest, sizeof(digest), signature.data(), &length,
                         key) == 1,
              "ECDSA_sign failed");
    }
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}

// Keeps the rate of every repetition: items per CPU second.
class RateKeeper final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const auto rate = run.counters.find("items_per_second");
      if (run.run_type == Run::RT_Iteration && rate != run.counters.end()) {
        rates_[run.run_name.function_name].push_back(rate->second.value);
      }
    }
  }
  double Median(const std::string& name) {
    std::vector<double>& rates = rates_[name];
    Require(!rates.empty(), "a benchmark did not run");
    std::sort(rates.begin(), rates.end());
    return rates[rates.size() / 2];
  }

 private:
  std::map<std::string, std::vector<double>> rates_;
};

}  // namespace
}  // namespace masa

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const std::string name = argc == 2 ? argv[1] : "";
  const std::map<std::string, masa::v1::Format> formats = {
      {"cms", masa::v1::FORMAT_CMS_JSON},
      {"jws", masa::v1::FORMAT_JWS_JSON},
      {"cose", masa::v1::FORMAT_COSE_CBOR}};
  masa::Require(formats.count(name) == 1, "name one of cms, jws and cose");
  const masa::Workshop workshop(formats.at(name));
  const std::string vouchers = "voucher_batch_" + name;
  benchmark::RegisterBenchmark(vouchers.c_str(),
                               [&workshop](benchmark::State& state) {
                                 masa::VoucherBatch(state, workshop);
                               });
  benchmark::RegisterBenchmark(masa::kRaw,
                               [&workshop](benchmark::State& state) {
                                 masa::EcdsaSign(state, workshop);
                               });
  masa::RateKeeper keeper;
  benchmark::RunSpecifiedBenchmarks(&keeper);
  const double value = keeper.Median(vouchers);
  const double limit = keeper.Median(masa::kRaw);
  // Rounded down, so that a figure just below its target does not show it.
  std::printf(
      "%s value=%.0f unit=1/s limit=%.0f ratio=%.2f note=\"BoringSSL "
      "ECDSA_sign P-256 one by one, same core; batches of %d, chain of two; "
      "medians of CPU time\"\n",
      vouchers.c_str(), value, limit, std::floor(100 * value / limit) / 100,
      masa::kBatch);
}
