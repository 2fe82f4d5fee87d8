// Signatures through the session pool, against the module's own C_Sign:
//   pkcs11 softhsm|latency MODULE PIN_FILE SESSIONS MICROSECONDS
// The token is called `masa`, the key `bench`. `latency` has a module that
// misbehaves take MICROSECONDS more for each signature.
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "services/signing/pkcs11/session_pool.h"
#include "services/signing/pkcs11/test_misbehaviour.h"

namespace masa::signing {
namespace {

constexpr int kRounds = 5;
constexpr int kBatch = 256;
constexpr int kCallers = 4;
constexpr char kLabel[] = "bench";

class Silent final : public TokenEvents {
 public:
  void TokenCame(const std::string&) override {}
  void TokenWent(const std::string& label, const std::string& why,
                 bool) override {
    std::fprintf(stderr, "pkcs11: token %s: %s\n", label.c_str(), why.c_str());
  }
  void Waited(absl::Duration) override {}
};

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "pkcs11: %s\n", what.c_str());
  std::exit(1);
}

// Runs `work` in so many threads; the seconds that they took.
template <typename Work>
double Timed(int threads, const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back(work);
  }
  for (std::thread& thread : running) {
    thread.join();
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

double PoolRate(SessionPool& pool, int signatures) {
  const int batches = std::max(1, signatures / kCallers / kBatch);
  const double seconds = Timed(kCallers, [&] {
    for (int i = 0; i < batches; ++i) {
      const auto made =
          pool.Sign(absl::InfiniteFuture(), 0, CKM_ECDSA,
                    std::vector<std::string>(kBatch, std::string(32, 'd')));
      for (const auto& signature : made) {
        if (!signature.ok()) {
          Fail(signature.status().ToString());
        }
      }
    }
  });
  return kCallers * batches * kBatch / seconds;
}

// The module without anything of ours around it. Logged in by the pool.
class Bare {
 public:
  Bare(const std::string& module, CK_SLOT_ID slot, int sessions) {
    void* const library = dlopen(module.c_str(), RTLD_NOW | RTLD_NOLOAD);
    reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))(
        &functions_);
    for (int i = 0; i < sessions; ++i) {
      sessions_.emplace_back();
      if (functions_->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr,
                                    &sessions_.back()) != CKR_OK) {
        Fail("no session for the bare loop");
      }
    }
    CK_OBJECT_CLASS object_class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE wanted[] = {
        {CKA_CLASS, &object_class, sizeof(object_class)},
        {CKA_LABEL, const_cast<char*>(kLabel), sizeof(kLabel) - 1}};
    CK_ULONG count = 0;
    functions_->C_FindObjectsInit(sessions_[0], wanted, 2);
    functions_->C_FindObjects(sessions_[0], &key_, 1, &count);
    functions_->C_FindObjectsFinal(sessions_[0]);
  }

  double Rate(int signatures) {
    const int each = signatures / static_cast<int>(sessions_.size());
    std::atomic<size_t> next{0};
    const double seconds = Timed(static_cast<int>(sessions_.size()), [&] {
      const CK_SESSION_HANDLE session = sessions_[next++];
      for (int i = 0; i < each; ++i) {
        CK_MECHANISM how = {CKM_ECDSA, nullptr, 0};
        CK_BYTE digest[32] = {'d'}, signature[64];
        CK_ULONG length = sizeof(signature);
        if (functions_->C_SignInit(session, &how, key_) != CKR_OK ||
            functions_->C_Sign(session, digest, sizeof(digest), signature,
                               &length) != CKR_OK) {
          Fail("C_Sign failed");
        }
      }
    });
    return each * static_cast<int>(sessions_.size()) / seconds;
  }

 private:
  CK_FUNCTION_LIST* functions_ = nullptr;
  std::vector<CK_SESSION_HANDLE> sessions_;
  CK_OBJECT_HANDLE key_ = CK_INVALID_HANDLE;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Print(const char* name, double value, double limit, const char* what) {
  std::printf("%s value=%.0f unit=1/s limit=%.0f ratio=%.2f note=\"%s\"\n",
              name, value, limit, std::floor(100 * value / limit) / 100, what);
}

int Run(const std::string& mode, const std::string& path,
        const std::string& pin_file, int sessions, int microseconds) {
  auto module = Pkcs11Module::Load(path);
  if (!module.ok()) {
    Fail(module.status().ToString());
  }
  Pkcs11Module& loaded = **module;
  SessionPoolOptions options;
  options.tokens = {{"masa", "", sessions}};
  std::getline(std::ifstream(pin_file), options.tokens[0].pin);
  options.keys = {{kLabel, ""}};
  Silent silent;
  SessionPool pool(*std::move(module), options, silent);
  if (mode == "latency") {
    GetMisbehaviour(path.c_str())->sign_microseconds = microseconds;
    PoolRate(pool, sessions * 20);
    Print("pkcs11_latency", PoolRate(pool, 20'000),
          sessions * 1e6 / microseconds,
          "a SoftHSM that takes 5 ms more for each signature, 32 sessions: "
          "sessions / latency");
    return 0;
  }
  CK_SLOT_ID slot = 0;
  loaded.FindSlot("masa", &slot);
  Bare bare(path, slot, sessions);
  std::vector<double> pooled, alone;
  for (int i = 0; i < kRounds; ++i) {
    alone.push_back(bare.Rate(8'000));
    pooled.push_back(PoolRate(pool, 8'000));
  }
  Print("pkcs11_softhsm", Median(pooled), Median(alone),
        "a bare loop over C_SignInit and C_Sign in as many threads, each with "
        "a session; P-256; medians of 5 in turns");
  return 0;
}

}  // namespace
}  // namespace masa::signing

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr,
                 "usage: pkcs11 softhsm|latency MODULE PIN_FILE SESSIONS "
                 "MICROSECONDS\n");
    return 2;
  }
  return masa::signing::Run(argv[1], argv[2], argv[3], std::atoi(argv[4]),
                            std::atoi(argv[5]));
}
