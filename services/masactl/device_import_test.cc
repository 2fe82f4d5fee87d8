// `masactl device import` as a person sees it: the program itself on a
// pseudo-terminal, towards a service that cuts the stream once.
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/masactl/test_peer.h"
#include "services/rpc/server.h"
#include "services/rpc/status_codec.h"
#include "services/signing/remote/crc32c.h"
#include "services/status/reason.h"

namespace masa::masactl {
namespace {

using grpc::ServerContext;
using masa::v1::DeviceList;
using masa::v1::ImportDevicesRequest;
using ::testing::ContainsRegex;
using ::testing::Each;
using ::testing::HasSubstr;
using testing::Identity;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

// Keeps what it is sent. If asked to, cuts streams at the second chunk, `cuts`
// times, or each behind a chunk that was taken, and takes the first chunk of a
// client that was killed just before.
class CuttingService final : public masa::v1::DeviceService::Service {
 public:
  grpc::Status ImportDevices(
      ServerContext* call, grpc::ServerReader<ImportDevicesRequest>* reader,
      masa::v1::ImportDevicesResponse* response) override {
    absl::MutexLock lock(&mutex_);
    ++streams_;
    SeeTokens(*call);
    shortest_ =
        std::min(shortest_, absl::FromChrono(call->deadline()) - absl::Now());
    // An answer that has begun is not tried again by gRPC itself.
    reader->SendInitialMetadata();
    ImportDevicesRequest message;
    masa::v1::ImportProgress* progress = nullptr;
    while (reader->Read(&message)) {
      if (message.has_header()) {
        progress = &imports_[message.header().import_id()];
      }
      if (message.has_chunk() && !Take(message.chunk(), *progress, *response)) {
        return {grpc::StatusCode::UNAVAILABLE, "cut"};
      }
      if (message.has_chunk() && cuts_each_) {
        return {grpc::StatusCode::UNAVAILABLE, "cut"};
      }
      if (message.has_chunk() && std::exchange(overtakes_, false)) {
        return rpc::ToGrpc(
            Refuse(Reason::kImportOutOfOrder, "chunk 1 is not the next one"));
      }
      progress->set_complete(progress->complete() || message.has_end());
    }
    *response->mutable_progress() = *progress;
    return grpc::Status::OK;
  }

  grpc::Status GetImport(ServerContext* call,
                         const masa::v1::GetImportRequest* request,
                         masa::v1::GetImportResponse* response) override {
    absl::MutexLock lock(&mutex_);
    SeeTokens(*call);
    *response->mutable_progress() = imports_[request->import_id()];
    return grpc::Status::OK;
  }

  void Cut(int times) {
    absl::MutexLock lock(&mutex_);
    cuts_ = times;
  }
  void CutEach() {
    absl::MutexLock lock(&mutex_);
    cuts_each_ = true;
  }
  // What the most hurried of its streams had.
  absl::Duration shortest() const {
    absl::MutexLock lock(&mutex_);
    return shortest_;
  }
  void Overtake() {
    absl::MutexLock lock(&mutex_);
    overtakes_ = true;
  }
  // The first device of each chunk.
  void RefuseFirst() {
    absl::MutexLock lock(&mutex_);
    refuses_ = true;
  }
  int streams() const {
    absl::MutexLock lock(&mutex_);
    return streams_;
  }
  // Serial number -> how often it came in a chunk that was taken.
  std::map<std::string, int> devices() const {
    absl::MutexLock lock(&mutex_);
    return devices_;
  }
  std::vector<std::string> tokens() const {
    absl::MutexLock lock(&mutex_);
    return tokens_;
  }

 private:
  bool Take(const ImportDevicesRequest::Chunk& chunk,
            masa::v1::ImportProgress& progress,
            masa::v1::ImportDevicesResponse& response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    EXPECT_EQ(chunk.sequence(), progress.last_committed_sequence() + 1);
    EXPECT_EQ(chunk.crc32c(), signing::Crc32c(chunk.devices()));
    if (chunk.sequence() == 2 && cuts_ > 0) {
      --cuts_;
      return false;
    }
    DeviceList list;
    EXPECT_TRUE(list.ParseFromString(chunk.devices()));
    for (const masa::v1::Device& device : list.devices()) {
      ++devices_[device.serial_number()];
    }
    const int refused = refuses_ ? 1 : 0;
    if (refuses_) {
      auto& error = *response.add_errors();
      error.set_sequence(chunk.sequence());
      error.set_reason("DEVICE_EXISTS");
    }
    progress.set_failed(progress.failed() + refused);
    progress.set_created(progress.created() + list.devices_size() - refused);
    progress.set_last_committed_sequence(chunk.sequence());
    return true;
  }

  void SeeTokens(const ServerContext& call)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = call.client_metadata().find("authorization");
    tokens_.push_back(
        found == call.client_metadata().end()
            ? ""
            : std::string(found->second.data(), found->second.size()));
  }

  mutable absl::Mutex mutex_;
  int cuts_ ABSL_GUARDED_BY(mutex_) = 0;
  bool cuts_each_ ABSL_GUARDED_BY(mutex_) = false;
  bool overtakes_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration shortest_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteDuration();
  int streams_ ABSL_GUARDED_BY(mutex_) = 0;
  bool refuses_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, masa::v1::ImportProgress> imports_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> devices_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> tokens_ ABSL_GUARDED_BY(mutex_);
};

struct Seen {
  int status = -1;
  std::string screen;
};

// Runs a program on a terminal of its own, until it ends.
Seen RunOnATerminal(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    execv(argv[0], argv.data());
    _exit(127);
  }
  Seen seen;
  char octets[4096];
  // Linux says EIO when the last writer has left.
  for (ssize_t n; (n = read(terminal, octets, sizeof octets)) > 0;) {
    seen.screen.append(octets, n);
  }
  close(terminal);
  int status = 0;
  waitpid(child, &status, 0);
  seen.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return seen;
}

class DeviceImport : public ::testing::Test {
 protected:
  DeviceImport() {
    const Identity ca = Peer(nullptr), peer = Peer(&ca);
    Write("ca.pem", ca.CertificatePem());
    Write("peer.pem", peer.CertificatePem());
    Write("peer.key", peer.KeyPem());
    Write("token", "a.b.c\n");
    WriteDevices(kDevices);
    server_ = *rpc::Server::New({"127.0.0.1:0", peer.CertificatePem(),
                                 peer.KeyPem(), ca.CertificatePem()},
                                {&service_});
  }

  static std::string Path(const std::string& name) {
    return absl::StrCat(::testing::TempDir(), "/", name);
  }
  static void Write(const std::string& name, const std::string& text) {
    std::ofstream(Path(name)) << text;
  }

  static void WriteDevices(int count) {
    std::string csv = "serial_number,product\n";
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&csv, "S-", i, ",default\n");
    }
    Write("devices.csv", csv);
  }

  std::vector<std::string> Words() const {
    return {"services/masactl/masactl",
            "device",
            "import",
            Path("devices.csv"),
            "--ca",
            Path("ca.pem"),
            "--cert",
            Path("peer.pem"),
            "--key",
            Path("peer.key"),
            "--token-file",
            Path("token"),
            "--server",
            absl::StrCat("127.0.0.1:", server_->port())};
  }

  static constexpr int kDevices = 2500;  // three chunks
  CuttingService service_;
  std::unique_ptr<rpc::Server> server_;
};

TEST_F(DeviceImport, AStreamThatIsCutGoesOnAndNothingIsSentTwice) {
  service_.Cut(1);
  const Seen seen = RunOnATerminal(Words());
  EXPECT_EQ(seen.status, 0) << seen.screen;
  EXPECT_EQ(service_.streams(), 2);
  EXPECT_THAT(service_.devices(), SizeIs(kDevices));
  EXPECT_THAT(service_.devices(), Each(Pair(::testing::_, 1)));
  EXPECT_THAT(seen.screen, HasSubstr("2500 created, 0 updated, 0 skipped"));
}

TEST_F(DeviceImport, StreamsThatBringSomethingMayAllBeCut) {
  constexpr int kMany = 6500;  // seven chunks
  WriteDevices(kMany);
  service_.CutEach();
  const Seen seen = RunOnATerminal(Words());
  EXPECT_EQ(seen.status, 0) << seen.screen;
  EXPECT_THAT(service_.devices(), SizeIs(kMany));
  EXPECT_THAT(service_.devices(), Each(Pair(::testing::_, 1)));
  EXPECT_GT(service_.shortest(), absl::Minutes(5));
}

TEST_F(DeviceImport, WhatAKilledClientHadSentIsNotSentAgain) {
  service_.Overtake();
  const Seen seen = RunOnATerminal(Words());
  EXPECT_EQ(seen.status, 0) << seen.screen;
  EXPECT_EQ(service_.streams(), 2);
  EXPECT_THAT(service_.devices(), SizeIs(kDevices));
  EXPECT_THAT(service_.devices(), Each(Pair(::testing::_, 1)));
}

// Nobody knows whether it was of this file.
TEST_F(DeviceImport, AnImportThatHasEndedTakesNothingMore) {
  std::vector<std::string> words = Words();
  words.push_back("--import-id=friday");
  WriteDevices(2);
  EXPECT_EQ(RunOnATerminal(words).status, 0);
  Write("devices.csv", "serial_number,product\nT-1,default\nT-2,default\n");
  const Seen seen = RunOnATerminal(words);
  EXPECT_EQ(seen.status, 1) << seen.screen;
  EXPECT_THAT(seen.screen,
              HasSubstr("import friday has ended already (2 created, "));
  EXPECT_THAT(seen.screen, HasSubstr("give another --import-id"));
  EXPECT_EQ(service_.streams(), 1);
}

TEST_F(DeviceImport, WhatARefusalWasToldToIsSaid) {
  service_.RefuseFirst();
  const Seen whole = RunOnATerminal(Words());
  EXPECT_EQ(whole.status, 2) << whole.screen;
  EXPECT_THAT(whole.screen, HasSubstr("2497 created"));
  EXPECT_THAT(whole.screen, Not(HasSubstr("broke off")));
  service_.Cut(1);
  const Seen cut = RunOnATerminal(Words());
  EXPECT_EQ(cut.status, 2) << cut.screen;
  EXPECT_THAT(cut.screen, HasSubstr("3 refused"));
  EXPECT_THAT(cut.screen,
              HasSubstr("1 refused device was told to a call that broke off"));
}

TEST_F(DeviceImport, APersonSeesWhatWasInTransferInTheFile) {
  Write("devices.csv",
        "serial_number,product,state\nS-1,default,IN_TRANSFER\n"
        "S-2,default,ALLOCATED\nS-3,default,IN_TRANSFER\n");
  const Seen seen = RunOnATerminal(Words());
  EXPECT_EQ(seen.status, 0) << seen.screen;
  EXPECT_THAT(service_.devices(), SizeIs(3));
  EXPECT_THAT(seen.screen, HasSubstr("2 devices are IN_TRANSFER in the file"));
}

TEST_F(DeviceImport, APersonSeesHowFarItIs) {
  const Seen seen = RunOnATerminal(Words());
  EXPECT_EQ(seen.status, 0) << seen.screen;
  EXPECT_THAT(seen.screen,
              HasSubstr(absl::StrCat("\r\x1b[K[", std::string(30, '#'),
                                     "] imported 2500, refused 0\r\n")));
  // A script does not.
  const std::string log = Path("not-a-terminal");
  std::vector<std::string> words = {"/bin/sh", "-c", "exec \"$@\" 2>\"$0\"",
                                    log};
  for (const std::string& word : Words()) {
    words.push_back(word);
  }
  words.push_back("--import-id=other");
  EXPECT_EQ(RunOnATerminal(words).status, 0);
  std::ifstream errors(log);
  EXPECT_EQ(errors.peek(), std::ifstream::traits_type::eof());
}

TEST_F(DeviceImport, EachCallShowsTheTokenAndNothingElseDoes) {
  const Seen seen = RunOnATerminal(Words());
  EXPECT_THAT(service_.tokens(), Each("Bearer a.b.c"));
  EXPECT_THAT(service_.tokens(), SizeIs(::testing::Ge(2)));
  EXPECT_THAT(seen.screen, Not(HasSubstr("a.b.c")));
}

}  // namespace
}  // namespace masa::masactl
